"""What is to be forgotten of articles and people, and what was a moment ago, for what is still on its way."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from bot.records.resting import RestsOn
from bot.records.tables import forgotten_people
from retrieval.index.terms import content_words, stem

# Cost of one hash: 10 ms. Discord's ids are few enough to try them all against a fast one.
_SCRYPT = {"n": 2**12, "r": 8, "p": 1}
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class ForgottenArticles:
    """What tells that a record has something of articles that are gone.

    Attributes:
        rests_on: their ids, addresses and publishers.
        names: addresses and publishers as people may have written them, casefolded.
        stems: stems of words that no article has any more.
    """

    rests_on: RestsOn = field(default_factory=RestsOn)
    names: frozenset[str] = frozenset()
    stems: frozenset[str] = frozenset()

    def touches(self, resting: RestsOn, texts: Iterable[str]) -> bool:
        """Tell whether a record that rests on these articles and says these texts has something of them."""
        own = self.rests_on
        if own.article_ids & resting.article_ids or own.urls & resting.urls or own.sources & resting.sources:
            return True
        return any(
            any(_stands_in(name, text.casefold()) for name in self.names)
            or (self.stems and self.stems & stems_of(text))
            for text in texts
        )


@dataclass(slots=True)
class JustForgotten:
    """What was forgotten since the records were opened, for answers that were on their way meanwhile.

    Attributes:
        articles_at: when articles were last forgotten; None if none were.
        people_at: user id -> when they were last forgotten.
    """

    articles_at: datetime | None = None
    people_at: dict[int, datetime] = field(default_factory=dict)

    def covers(self, user_id: int, asked_at: datetime) -> bool:
        """Tell whether what somebody asked then may not be kept: it could hold what has been forgotten since.

        Whatever was asked before articles were forgotten is not kept, for what they said may be in it.
        """
        moments = (self.articles_at, self.people_at.get(user_id))
        return any(moment is not None and asked_at <= moment for moment in moments)


def _stands_in(name: str, text: str) -> bool:
    """Tell whether a name stands in a text and not within a longer word: "AP" does not in "captain"."""
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def stems_of(text: str) -> set[str]:
    """Stem the words of a text that carry meaning."""
    return {stem(word) for word in content_words(text, "en")}


def bury_person(connection: Connection, user_id: int, at: datetime) -> None:
    """Leave a mark that what somebody left before `at` must not come back, in the caller's transaction."""
    salts = list(connection.scalars(select(forgotten_people.c.salt).limit(1)))
    salt = salts[0] if salts else secrets.token_hex(16)
    put = insert(forgotten_people).values(salt=salt, key=person_key(user_id, salt), forgotten_at=at)
    connection.execute(
        put.on_conflict_do_update(index_elements=["salt", "key"], set_={"forgotten_at": put.excluded.forgotten_at})
    )


def person_key(user_id: int, salt: str) -> str:
    """Hash a person's id so slowly that trying all ids there are takes years."""
    raw = hashlib.scrypt(str(user_id).encode(), salt=bytes.fromhex(salt), dklen=_KEY_BYTES, **_SCRYPT)
    return raw.hex()


def forgotten_at(connection: Connection, user_ids: Iterable[int]) -> dict[int, datetime]:
    """Tell which of the people wanted to be forgotten, and when last; 10 ms for each person and salt."""
    rows = list(connection.execute(select(forgotten_people)))
    marks = {(row.salt, row.key): row.forgotten_at for row in rows}
    salts = {row.salt for row in rows}
    found: dict[int, datetime] = {}
    for user_id in set(user_ids):
        moments = [moment for salt in salts if (moment := marks.get((salt, person_key(user_id, salt))))]
        if moments:
            found[user_id] = max(moments)
    return found
