"""Finding and erasing what has something of forgotten articles: kept answers, conversations, feedback, questions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, insert, select, tuple_, update

from bot.records.forgotten import ForgottenArticles, JustForgotten, stems_of
from bot.records.resting import RestsOn, rests_on, told_articles
from bot.records.store import Store
from bot.records.tables import answers, erasing, exchanges, feedback, pending
from retrieval.archive.batches import batched

# Rows read in one call: 10 ms, for which a button may have to wait.
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Begun:
    """What a forgetting of articles has begun to look for.

    Attributes:
        names: addresses and publishers as people may have written them, casefolded.
        stems: the stems in people's words that some article had before.
    """

    names: frozenset[str]
    stems: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a table: what it rests on, and the words of people and titles in it; quotes rest on articles."""

    number: int
    resting: RestsOn
    texts: tuple[str, ...]


class Erasing:
    """Goes through all records for whoever forgets articles. Owns nothing.

    A forgetting notes with `begin` what it will look for, removes its articles, and then calls `erase`: killed in
    between, `begun` tells at the next start that `erase` is still to be called.
    """

    def __init__(self, store: Store, just: JustForgotten, *, now: Callable[[], datetime]) -> None:
        """Wire it."""
        self._store = store
        self._just = just
        self._now = now

    async def rests_on(self) -> RestsOn:
        """Tell on which articles, addresses and publishers anything rests."""
        ids, urls, sources = set[str](), set[str](), set[str]()
        async for _, row in self._rows():
            ids |= row.resting.article_ids
            urls |= row.resting.urls
            sources |= row.resting.sources
        return RestsOn(frozenset(ids), frozenset(urls), frozenset(sources))

    async def stems(self) -> set[str]:
        """Stem all words that people said, and the titles that they were shown."""
        found = set[str]()
        async for _, row in self._rows():
            for text in row.texts:
                found |= stems_of(text)
        return found

    async def begin(self, begun: Begun) -> None:
        """Note what `erase` will look for; together with what an earlier one that was killed had noted."""
        await self._store.run(_note, begun)

    async def begun(self) -> Begun | None:
        """Tell what was noted and not yet erased; None if nothing was."""
        return await self._store.run(_noted)

    async def erase(self, gone: ForgottenArticles) -> int:
        """Erase every record that has something of these articles, really; how many.

        Of a conversation all exchanges go, for the later ones lean on the earlier; of feedback the words, the question
        and the answer, but not the thumb; a question that waits is still answered, but no longer after a restart.
        Answers that are on their way are not kept, see `JustForgotten`.
        """
        self._just.articles_at = self._now()
        found: dict[Table, list[int]] = {}
        async for table, row in self._rows():
            if gone.touches(row.resting, row.texts):
                found.setdefault(table, []).append(row.number)
        for table, numbers in found.items():
            await self._store.run(_erase, table, numbers)
        is_noted = await self._store.run(_noted) is not None
        await self._store.run(_strike_note)
        if found or is_noted:
            await self._store.scrub()
        return sum(map(len, found.values()))

    async def _rows(self) -> AsyncIterator[tuple[Table, _Row]]:
        for table in _READ:
            after: int | None = -1
            while after is not None:
                rows = await self._store.run(_page, table, after)
                for row in rows:
                    yield table, row
                after = rows[-1].number if len(rows) == _PAGE else None


def find_resting(connection: Connection) -> RestsOn:
    """Tell in one connection what `Erasing.rests_on` tells."""
    told = [row.resting for table in _READ for row in _all(connection, table)]
    return RestsOn(
        frozenset[str]().union(*(one.article_ids for one in told)),
        frozenset[str]().union(*(one.urls for one in told)),
        frozenset[str]().union(*(one.sources for one in told)),
    )


def erase_resting(connection: Connection, gone: ForgottenArticles) -> int:
    """Erase in one transaction what has something of these articles, as `Erasing.erase` does; how many records."""
    count = 0
    for table in _READ:
        numbers = [row.number for row in _all(connection, table) if gone.touches(row.resting, row.texts)]
        _erase(connection, table, numbers)
        count += len(numbers)
    return count


def _all(connection: Connection, table: Table) -> Iterator[_Row]:
    after = -1
    while rows := _page(connection, table, after):
        yield from rows
        after = rows[-1].number


def _page(connection: Connection, table: Table, after: int) -> list[_Row]:
    wanted = select(table).where(table.c.number > after).order_by(table.c.number).limit(_PAGE)
    return [_READ[table](row) for row in connection.execute(wanted).mappings()]


def _texts(*given: str | None) -> tuple[str, ...]:
    return tuple(one for one in given if one)


def _titles(outcome: Mapping[str, Any]) -> Iterator[str]:
    return (one["title"] for one in told_articles(outcome) if one.get("title"))


def _answer(row: RowMapping) -> _Row:
    outcome = row["outcome"]
    limits = _strings(outcome.get("sources"))
    said = _texts(row["question"], row["understood_as"], outcome.get("question"), *_titles(outcome), *limits)
    return _Row(row["number"], rests_on(outcome), said)


def _exchange(row: RowMapping) -> _Row:
    return _Row(row["number"], RestsOn.of_fields(row["rests_on"]), _texts(row["question"], row["answer"]))


def _feedback(row: RowMapping) -> _Row:
    outcome = row["outcome"] or {}
    said = _texts(row["words"], row["question"], *_titles(outcome), *_strings(outcome.get("sources")))
    return _Row(row["number"], rests_on(outcome), said)


def _pending(row: RowMapping) -> _Row:
    return _Row(row["number"], RestsOn(), _texts(row["question"], *_strings(row["options"])))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


_READ: dict[Table, Callable[[RowMapping], _Row]] = {
    answers: _answer,
    exchanges: _exchange,
    feedback: _feedback,
    pending: _pending,
}


def _erase(connection: Connection, table: Table, numbers: Iterable[int]) -> None:
    for batch in batched(numbers):
        here = table.c.number.in_(batch)
        if table is exchanges:
            whose = select(exchanges.c.place_id, exchanges.c.user_id).where(here)
            connection.execute(delete(exchanges).where(tuple_(exchanges.c.place_id, exchanges.c.user_id).in_(whose)))
        elif table is feedback:
            connection.execute(update(feedback).where(here).values(words=None, question=None, outcome=None))
        else:
            connection.execute(delete(table).where(here))


def _note(connection: Connection, begun: Begun) -> None:
    before = _noted(connection) or Begun(frozenset(), frozenset())
    _strike_note(connection)
    row = {"names": sorted(begun.names | before.names), "stems": sorted(begun.stems | before.stems)}
    connection.execute(insert(erasing).values(number=1, **row))


def _noted(connection: Connection) -> Begun | None:
    row = connection.execute(select(erasing)).first()
    return None if row is None else Begun(frozenset(row.names), frozenset(row.stems))


def _strike_note(connection: Connection) -> None:
    connection.execute(delete(erasing))
