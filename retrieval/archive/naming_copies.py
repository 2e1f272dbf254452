"""Naming the copies of articles: those of a group, and those that only a scope knows of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from retrieval.archive.batches import batched
from retrieval.archive.copies import group_names
from retrieval.archive.scopes import seen_by
from retrieval.archive.standing import IS_SHOWN
from retrieval.archive.tables import articles, copy_groups, copy_links, versions
from retrieval.articles import CopyOf, Precision

#: An answer names a few places where a story also stands; nobody reads a longer list.
MAX_COPIES = 20
_KEYS_PER_STATEMENT = 500


def read_copies(
    connection: Connection, article_ids: Sequence[str], *, known_by: datetime | None, scope: str | None = None
) -> Mapping[str, tuple[CopyOf, ...]]:
    """Read what `Archive.copies` promises, for what everybody sees in one statement.

    Raises:
        ValueError: more than 500 ids.
    """
    if len(article_ids) > _KEYS_PER_STATEMENT:
        raise ValueError(f"at most {_KEYS_PER_STATEMENT} articles, got {len(article_ids)}")
    if scope is not None and (groups := _groups_of(connection, article_ids, scope)):
        return _read_groups(connection, article_ids, groups, scope, known_by)
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
        .where(asked.c.article_id.in_(article_ids), seen_by(scope), *IS_SHOWN)
    )
    if known_by is not None:
        ranked = ranked.where(_is_known_by(known_by))
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
        found.setdefault(row.of_id, []).append(_copy_of(row))
    return {of_id: tuple(copies) for of_id, copies in found.items()}


def _groups_of(connection: Connection, article_ids: Sequence[str], scope: str) -> Mapping[str, str]:
    """Put together what the links of a scope and the public groups hold together: article -> name of its group.

    Only what these articles are linked with is looked at, step by step; nothing is, and the public groups tell all,
    where the scope has no links.
    """
    if connection.execute(select(copy_links.c.first_id).where(copy_links.c.scope == scope).limit(1)).first() is None:
        return {}
    pairs: set[tuple[str, str]] = set()
    seen: set[str] = set()
    new = set(article_ids)
    while new:
        seen |= new
        found: set[tuple[str, str]] = set()
        asked, other = copy_groups.alias("asked"), copy_groups.alias("other")
        for batch in batched(sorted(new)):
            rows = connection.execute(
                select(asked.c.article_id, other.c.article_id)
                .join(other, other.c.group_id == asked.c.group_id)
                .where(asked.c.article_id.in_(batch))
            )
            found.update((one, another) for one, another in rows)
            touches = or_(copy_links.c.first_id.in_(batch), copy_links.c.second_id.in_(batch))
            rows = connection.execute(
                select(copy_links.c.first_id, copy_links.c.second_id).where(touches, copy_links.c.scope == scope)
            )
            found.update((one, another) for one, another in rows)
        pairs |= found
        new = {one for pair in found for one in pair} - seen
    return group_names(pairs)


def _read_groups(
    connection: Connection,
    article_ids: Sequence[str],
    groups: Mapping[str, str],
    scope: str,
    known_by: datetime | None,
) -> Mapping[str, tuple[CopyOf, ...]]:
    """Read the copies of articles that are of these groups, in the order that `Archive.copies` promises."""
    members: dict[str, list[tuple[bool, datetime | None, str]]] = defaultdict(list)
    for batch in batched(groups):
        wanted = select(articles.c.id, articles.c.published_at)
        wanted = wanted.where(articles.c.id.in_(batch), seen_by(scope), *IS_SHOWN)
        if known_by is not None:
            wanted = wanted.where(_is_known_by(known_by))
        for row in connection.execute(wanted):
            members[groups[row.id]].append((row.published_at is None, row.published_at, row.id))
    named = {
        of_id: [one for *_, one in sorted(members[groups[of_id]], key=_by_date) if one != of_id][:MAX_COPIES]
        for of_id in article_ids
        if of_id in groups
    }
    read: dict[str, CopyOf] = {}
    is_current = (versions.c.article_id == articles.c.id) & (versions.c.version == articles.c.version)
    stored = versions.c
    for batch in batched(one for copies in named.values() for one in copies):
        rows = connection.execute(
            select(
                articles.c.id,
                articles.c.version,
                stored.title,
                stored.source,
                stored.url,
                stored.published_at,
                stored.published_precision,
            )
            .join(versions, is_current)
            .where(articles.c.id.in_(batch))
        )
        read.update((row.id, _copy_of(row)) for row in rows)
    return {of_id: tuple(read[one] for one in copies) for of_id, copies in named.items() if copies}


def _by_date(member: tuple[bool, datetime | None, str]) -> tuple[bool, str, str]:
    is_undated, at, article_id = member
    return is_undated, "" if at is None else at.isoformat(), article_id


def _is_known_by(known_by: datetime) -> ColumnElement[bool]:
    return articles.c.published_at.is_(None) | (articles.c.published_at <= known_by)


def _copy_of(row: Any) -> CopyOf:
    precision = None if row.published_precision is None else Precision(row.published_precision)
    return CopyOf(row.id, row.version, row.title, row.source, row.url, row.published_at, precision)
