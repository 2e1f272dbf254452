"""Which articles are copies of each other: where to look for them, the links found, and the groups they make."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, delete, func, insert, or_, select, update

from retrieval.archive.scopes import scoped_buckets
from retrieval.archive.standing import IS_SHOWN
from retrieval.archive.tables import articles, copy_buckets, copy_groups, copy_links, copy_signatures

#: The day of an article that says no day.
UNDATED = 0
# A page of one template may stand in the same buckets as thousands of others: a look-up reads no more rows than this
# (2,048 rows take 1 ms) and names no more articles, those that share the most buckets.
_MAX_ROWS = 2048
_MAX_CANDIDATES = 32


# Written once: these are asked for every article that is taken in, and writing them anew takes as long as asking.
_ID: BindParameter[str] = bindparam("article_id")
_SIGNATURE = select(copy_signatures).where(copy_signatures.c.article_id == _ID)
_GROUP = select(copy_groups.c.group_id).where(copy_groups.c.article_id == _ID)
_UNLINK = delete(copy_links).where(or_(copy_links.c.first_id == _ID, copy_links.c.second_id == _ID))
_LINKED = update(articles).where(articles.c.id == _ID).values(copies_scheme=bindparam("scheme"))


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
        self,
        connection: Connection,
        signature: Signature,
        *,
        window_days: int,
        besides: str,
        scope: str | None = None,
    ) -> list[tuple[str, str]]:
        """Find articles that may be copies: those of one scope that share a bucket and whose days may be near.

        Each scope has buckets of its own, so that no article takes the place of another scope's here.

        Args:
            connection: from `Archive.writing`.
            signature: of the article whose copies are wanted.
            window_days: the largest distance of two days; an undated article is near every other.
            besides: the article itself, left out.
            scope: of the articles looked for; None: the public ones.

        Returns:
            Up to 32 (article id, current version), those that share the most buckets first, ties by id.
        """
        buckets = scoped_buckets(signature.buckets, scope)
        wanted: dict[str, Any] = {"buckets": buckets, "besides": besides, "scope": scope}
        if signature.day != UNDATED:
            near = range(max(1, signature.day - window_days), signature.day + window_days + 1)
            wanted["days"] = [UNDATED, *near]
        sought = _candidates(is_dated=signature.day != UNDATED, is_public=scope is None)
        return [(row.id, row.version) for row in connection.execute(sought, wanted)]

    def replace(
        self,
        connection: Connection,
        article_id: str,
        signature: Signature | None,
        copies: Sequence[str],
        scheme: int,
        *,
        scope: str | None = None,
        across: Mapping[str, str] | None = None,
    ) -> None:
        """Make `copies` the links of an article, and forget those that it had.

        Args:
            connection: from `Archive.writing`.
            article_id: of an article that is in the archive.
            signature: where it is found from now on; None for one that no other can be a copy of.
            copies: ids of the other articles of the same scope, each in the archive.
            scheme: what made the signature.
            scope: the article's.
            across: ids of copies where one of the two articles is public and the other is not -> the scope of that.
        """
        self.remove(connection, article_id)
        if signature is not None:
            buckets = scoped_buckets(signature.buckets, scope)
            packed = struct.pack(f">{len(buckets)}i", *buckets)
            stored = connection.execute(
                insert(copy_signatures).values(article_id=article_id, day=signature.day, buckets=packed)
            )
            number = int(stored.inserted_primary_key[0])  # type: ignore[index]  # an insert has a key
            connection.execute(
                insert(copy_buckets),
                [{"bucket": bucket, "day": signature.day, "number": number} for bucket in set(buckets)],
            )
        if linked := dict.fromkeys(copies, scope) | dict(across or {}):
            links = [(*sorted((article_id, other)), of) for other, of in linked.items()]
            connection.execute(insert(copy_links), [{"first_id": a, "second_id": b, "scope": of} for a, b, of in links])
        if copies and scope is None:
            self._join(connection, {article_id, *copies})
        connection.execute(_LINKED, {"article_id": article_id, "scheme": scheme})

    def remove(self, connection: Connection, article_id: str) -> None:
        """Forget where an article stands and its links; what it alone held together is no group any more."""
        of = {"article_id": article_id}
        old = connection.execute(_SIGNATURE, of).first()
        if old is not None:
            connection.execute(
                delete(copy_buckets).where(
                    copy_buckets.c.bucket.in_(struct.unpack(f">{len(old.buckets) // 4}i", old.buckets)),
                    copy_buckets.c.day == old.day,
                    copy_buckets.c.number == old.number,
                )
            )
            connection.execute(delete(copy_signatures).where(copy_signatures.c.number == old.number))
        connection.execute(_UNLINK, of)
        group_id = connection.scalar(_GROUP, of)
        if group_id is not None:
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
        is_public = copy_links.c.scope.is_(None)
        links = connection.execute(select(copy_links).where(copy_links.c.first_id.in_(members), is_public)).all()
        connection.execute(delete(copy_groups).where(copy_groups.c.group_id == group_id))
        names = group_names((link.first_id, link.second_id) for link in links)
        if names:
            connection.execute(insert(copy_groups), [{"article_id": i, "group_id": g} for i, g in names.items()])


@cache
def _candidates(*, is_dated: bool, is_public: bool) -> Select[tuple[str, str]]:
    """Write the question for `candidates`, once: writing it anew for each article took longer than answering it."""
    sharing = select(copy_buckets.c.number).where(copy_buckets.c.bucket.in_(bindparam("buckets", expanding=True)))
    if is_dated:
        sharing = sharing.where(copy_buckets.c.day.in_(bindparam("days", expanding=True)))
    rows = sharing.limit(_MAX_ROWS).subquery()
    is_of_scope = articles.c.scope.is_(None) if is_public else articles.c.scope == bindparam("scope")
    return (
        select(articles.c.id, articles.c.version)
        .select_from(rows)
        .join(copy_signatures, copy_signatures.c.number == rows.c.number)
        .join(articles, articles.c.id == copy_signatures.c.article_id)
        .where(articles.c.id != bindparam("besides"), is_of_scope, *IS_SHOWN)
        .group_by(articles.c.id, articles.c.version)
        .order_by(func.count().desc(), articles.c.id)
        .limit(_MAX_CANDIDATES)
    )


def group_names(links: Iterable[tuple[str, str]]) -> dict[str, str]:
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
