"""Open records with a clock that stands still, and an answer to keep in them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.records.answers import KeptAnswer
from bot.records.records import open_records

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
ASKER, OTHER, PLACE, GUILD = 81_234_567_890_123_456, 92_345_678_901_234_567, 701, 501


@dataclass
class Clock:
    """Tells the moment that it was set to."""

    at: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.at


def outcome(**changed):
    """An answer's JSON contract, as far as records read it."""
    cited = {
        "n": 1,
        "article_id": "plum",
        "version": "0" * 64,
        "title": "Plumdragonov affair",
        "source": "The Quibblethorpe Obscurer",
        "url": "https://obscurer.example/affair",
        "also_in": [{"title": "Copy", "source": "Copyist", "url": "https://copyist.example/1", "published_at": None}],
        "quote": "Zyxwvutsia Plumdragonov hid under the bridge.",
    }
    return {
        "question": "Who hid?",
        "status": "answered",
        "short_answer": {"text": "Plumdragonov", "kind": "person", "citations": [1], "confidence": 0.9},
        "claims": [{"text": cited["quote"], "citations": [1], "support": 1.0}],
        "citations": [cited],
        "hits": [{"article_id": "far-away", "rank": 1, "score": 0.5}],
        "window": None,
        "abstention": None,
        **changed,
    }


def kept(**changed):
    """An answer as the cog keeps it."""
    filled = {
        "asker_id": ASKER,
        "guild_id": GUILD,
        "channel_id": PLACE,
        "asked_at": NOW,
        "question": "and who hid?",
        "understood_as": "Who hid under the bridge?",
        "scope": None,
        "outcome": outcome(),
    }
    return KeptAnswer(**(filled | changed))


@pytest.fixture
def clock():
    """A clock that tests set."""
    return Clock()


@pytest.fixture
def opened(tmp_path, clock):
    """Open the records of a home that is there already."""

    @asynccontextmanager
    async def opening(home: Path = tmp_path, *, keep_days=30, minutes=60):
        async with open_records(home, now=clock, keep_days=keep_days, conversation_minutes=minutes) as records:
            yield records

    return opening


@pytest.fixture
def make_kept():
    """Make an answer; what is not given is filled in."""
    return kept


@pytest.fixture
def make_outcome():
    """Make the JSON contract of an answer; what is not given is filled in."""
    return outcome
