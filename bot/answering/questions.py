"""The question that a person asks, with its limits and the conversation before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.answering.timeframe import Window, find_window, freshness, pace, publication_window
from retrieval.passages import Query


def server_scope(server_id: int | None) -> str | None:
    """Name the scope of a server, which sees public articles and those of its own feeds; None sees public ones only."""
    return None if server_id is None else f"guild:{server_id}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier question and what was answered, for follow-ups."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks.

    Attributes:
        text: their words, by which they are searched and answered; as typed unless `typed` is given.
        asked_at: aware UTC; articles published later are not known to the question.
        id: given back with the answer; may be None.
        since: only articles published at or after this moment.
        until: only articles published at or before this moment.
        sources: only these publishers; empty means all.
        history: earlier exchanges of the same conversation, oldest first.
        any_time: infer no window from the words.
        typed: the words as typed where `text` has been reworded to stand alone; None where it has not.
        focus: what is asked, without the topic that `text` adds from the conversation; None where it adds none.
        scope: who asks, see `server_scope`; None sees public articles only. No words of a person set it.
    """

    text: str
    asked_at: datetime
    id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    sources: tuple[str, ...] = ()
    history: tuple[Exchange, ...] = ()
    any_time: bool = False
    typed: str | None = None
    focus: str | None = None
    scope: str | None = None

    @property
    def guild_id(self) -> int | None:
        """The server whose budget for a chat model it uses up; None outside of servers."""
        return None if self.scope is None else int(self.scope.rpartition(":")[2])

    @property
    def as_typed(self) -> str:
        """The words as the person typed them."""
        return self.text if self.typed is None else self.typed

    @property
    def understood_as(self) -> str | None:
        """The words by which the question was searched and answered; None if they are those typed."""
        return None if self.typed is None or self.typed == self.text else self.text

    def reworded(self, text: str, *, focus: str | None = None) -> Question:
        """Return the question understood by these words, keeping those typed."""
        return self if text == self.text else replace(self, text=text, typed=self.as_typed, focus=focus)

    def window(self) -> Window | None:
        """Infer when what is asked about happened; None if the words do not say, or limits or `any_time` are given."""
        if self.any_time or self.since is not None or self.until is not None:
            return None
        return find_window(self.text, self.asked_at)

    def as_query(self, *, limit: int, dense_weight: float | None = None) -> Query:
        """Make the query for this question's words and limits; see `Query` for the arguments."""
        window = self.window()
        written = publication_window(window, self.asked_at) if window is not None else None
        return Query(
            self.text,
            known_by=self.asked_at,
            since=self.since,
            until=self.until,
            sources=self.sources,
            limit=limit,
            freshness=freshness(self.text),
            half_life_days=pace(self.text, self.asked_at).half_life_days,
            preferred=None if written is None else (written.since, written.until),
            dense_weight=dense_weight,
            scope=self.scope,
        )
