"""Which articles are copies of each other: where to look for them, the links found, and the groups they make."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from retrieval.archive.standing import IS_SHOWN
from retrieval.archive.tables import articles, copy_buckets, copy_groups, copy_links, copy_signatures, versions
from retrieval.articles import CopyOf, Precision

#: An answer names a few places where a story also stands; nobody reads a longer list.
MAX_COPIES = 20
#: The day of an article that says no day.
UNDATED = 0
# A page of one template may stand in the same buckets as thousands of others: a look-up reads no more rows than this
# (2,048 rows take 1 ms) and names no more articles, those that share the most buckets.
_MAX_ROWS = 2048
_MAX_CANDIDATES = 32
_KEYS_PER_STATEMENT = 500


@dataclass(frozen=True, slots=True)
class Signature:
    """Where an article stands so that its copies are found (`retrieval.news.duplicates` makes it).

    Attributes:
        day: the proleptic ordinal of the day of publication in UTC, or `UNDATED`.
        buckets: signed 32-bit numbers; the more two articles share, the more alike they are.
    """

    day: int
    buckets: tuple[int, ...]


class CopyLedger:
    """Reads and writes the tables of copies, always in the caller's transaction. Stateless."""

    def candidates(
        self, connection: Connection, signature: Signature, *, window_days: int, besides: str
    ) -> list[tuple[str, str]]:
        """Find articles that may be copies: those that share a bucket and whose days may be near.

        Args:
            connection: from `Archive.writing`.
            signature: of the article whose copies are wanted.
            window_days: the largest distance of two days; an undated article is near every other.
            besides: the article itself, left out.

        Returns:
            Up to 32 (article id, current version), those that share the most buckets first, ties by id.
        """
        sharing = select(copy_buckets.c.number).where(copy_buckets.c.bucket.in_(signature.buckets))
        if signature.day != UNDATED:
            near = range(max(1, signature.day - window_days), signature.day + window_days + 1)
            sharing = sharing.where(copy_buckets.c.day.in_([UNDATED, *near]))
        rows = sharing.limit(_MAX_ROWS).subquery()
        found = connection.execute(
            select(articles.c.id, articles.c.version)
            .select_from(rows)
            .join(copy_signatures, copy_signatures.c.number == rows.c.number)
            .join(articles, articles.c.id == copy_signatures.c.article_id)
            .where(articles.c.id != besides, *IS_SHOWN)
            .group_by(articles.c.id, articles.c.version)
            .order_by(func.count().desc(), articles.c.id)
            .limit(_MAX_CANDIDATES)
        )
        return [(row.id, row.version) for row in found]

    def replace(
        self, connection: Connection, article_id: str, signature: Signature | None, copies: Sequence[str], scheme: int
    ) -> None:
        """Make `copies` the links of an article, and forget those that it had.

        Args:
            connection: from `Archive.writing`.
            article_id: of an article that is in the archive.
            signature: where it is found from now on; None for one that no other can be a copy of.
            copies: ids of the other articles, each in the archive.
            scheme: what made the signature.
        """
        self.remove(connection, article_id)
        if signature is not None:
            packed = struct.pack(f">{len(signature.buckets)}i", *signature.buckets)
            stored = connection.execute(
                insert(copy_signatures).values(article_id=article_id, day=signature.day, buckets=packed)
            )
            number = int(stored.inserted_primary_key[0])  # type: ignore[index]  # an insert has a key
            connection.execute(
                insert(copy_buckets),
                [{"bucket": bucket, "day": signature.day, "number": number} for bucket in set(signature.buckets)],
            )
        if copies:
            links = [tuple(sorted((article_id, other))) for other in set(copies)]
            connection.execute(insert(copy_links), [{"first_id": a, "second_id": b} for a, b in links])
            self._join(connection, {article_id, *copies})
        connection.execute(update(articles).where(articles.c.id == article_id).values(copies_scheme=scheme))

    def remove(self, connection: Connection, article_id: str) -> None:
        """Forget where an article stands and its links; what it alone held together is no group any more."""
        old = connection.execute(select(copy_signatures).where(copy_signatures.c.article_id == article_id)).first()
        if old is not None:
            connection.execute(
                delete(copy_buckets).where(
                    copy_buckets.c.bucket.in_(struct.unpack(f">{len(old.buckets) // 4}i", old.buckets)),
                    copy_buckets.c.day == old.day,
                    copy_buckets.c.number == old.number,
                )
            )
            connection.execute(delete(copy_signatures).where(copy_signatures.c.number == old.number))
        group_id = connection.scalar(select(copy_groups.c.group_id).where(copy_groups.c.article_id == article_id))
        if group_id is None:
            return
        connection.execute(
            delete(copy_links).where(or_(copy_links.c.first_id == article_id, copy_links.c.second_id == article_id))
        )
        self._part(connection, group_id)

    def unlinked(self, connection: Connection, *, below_scheme: int, limit: int) -> list[tuple[str, str]]:
        """List up to `limit` (article id, current version) whose copies nobody has looked for by this scheme."""
        rows = connection.execute(
            select(articles.c.id, articles.c.version)
            .where(articles.c.copies_scheme < below_scheme, *IS_SHOWN)
            .limit(limit)
        )
        return [(row.id, row.version) for row in rows]

    def _join(self, connection: Connection, ids: set[str]) -> None:
        """Make one group of these articles and of the groups they were in."""
        rows = connection.execute(select(copy_groups).where(copy_groups.c.article_id.in_(ids))).all()
        grouped, group_ids = {row.article_id for row in rows}, {row.group_id for row in rows}
        name = min(ids | group_ids)
        connection.execute(
            update(copy_groups).where(copy_groups.c.group_id.in_(group_ids - {name})).values(group_id=name)
        )
        if ungrouped := ids - grouped:
            connection.execute(insert(copy_groups), [{"article_id": i, "group_id": name} for i in sorted(ungrouped)])

    def _part(self, connection: Connection, group_id: str) -> None:
        """Make anew the groups of a group's articles out of the links that are left."""
        members = select(copy_groups.c.article_id).where(copy_groups.c.group_id == group_id)
        links = connection.execute(select(copy_links).where(copy_links.c.first_id.in_(members))).all()
        connection.execute(delete(copy_groups).where(copy_groups.c.group_id == group_id))
        names = _names((link.first_id, link.second_id) for link in links)
        if names:
            connection.execute(insert(copy_groups), [{"article_id": i, "group_id": g} for i, g in names.items()])


def read_copies(
    connection: Connection, article_ids: Sequence[str], *, known_by: datetime | None
) -> Mapping[str, tuple[CopyOf, ...]]:
    """Read what `Archive.copies` promises, in one statement.

    Raises:
        ValueError: more than 500 ids.
    """
    if len(article_ids) > _KEYS_PER_STATEMENT:
        raise ValueError(f"at most {_KEYS_PER_STATEMENT} articles, got {len(article_ids)}")
    asked, other = copy_groups.alias("asked"), copy_groups.alias("other")
    place = func.row_number().over(
        partition_by=asked.c.article_id,
        order_by=(articles.c.published_at.is_(None), articles.c.published_at, articles.c.id),
    )
    # The titles stand beside the texts, so they are read only of the few that are named.
    ranked = (
        select(asked.c.article_id.label("of_id"), articles.c.id, articles.c.version, place.label("place"))
        .select_from(asked)
        .join(other, (other.c.group_id == asked.c.group_id) & (other.c.article_id != asked.c.article_id))
        .join(articles, articles.c.id == other.c.article_id)
        .where(asked.c.article_id.in_(article_ids), *IS_SHOWN)
    )
    if known_by is not None:
        ranked = ranked.where(articles.c.published_at.is_(None) | (articles.c.published_at <= known_by))
    named = ranked.subquery()
    stored = versions.c
    rows = connection.execute(
        select(
            named.c.of_id,
            named.c.id,
            named.c.version,
            stored.title,
            stored.source,
            stored.url,
            stored.published_at,
            stored.published_precision,
        )
        .join(versions, (stored.article_id == named.c.id) & (stored.version == named.c.version))
        .where(named.c.place <= MAX_COPIES)
        .order_by(named.c.of_id, named.c.place)
    )
    found: dict[str, list[CopyOf]] = {}
    for row in rows:
        precision = None if row.published_precision is None else Precision(row.published_precision)
        copy = CopyOf(row.id, row.version, row.title, row.source, row.url, row.published_at, precision)
        found.setdefault(row.of_id, []).append(copy)
    return {of_id: tuple(copies) for of_id, copies in found.items()}


def _names(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Name the group of each linked article by its smallest id (union-find, R. E. Tarjan, 1975)."""
    parent: dict[str, str] = {}

    def root(i: str) -> str:
        while parent.setdefault(i, i) != i:
            parent[i] = i = parent[parent[i]]
        return i

    for first, second in links:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    return {i: root(i) for i in list(parent)}
