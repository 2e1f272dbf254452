"""An entry: what a feed lists, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

#: Among an entry's fields: the feed that said the others, and whether the entry's address is of that feed's own site.
SAID_BY, IS_OWN = "said_by", "is_own"
#: Likewise: its article is what the feed gave, so its page is looked at only to see whether it is there.
CAME_WHOLE = "came_whole"
#: Likewise: it is left out because its publisher wishes so, which the operator may decide not to heed.
OPTED_OUT = "opted_out"


class EntryState(StrEnum):
    """What became of an entry."""

    NEW = "new"
    KEPT = "kept"
    EXCERPT = "excerpt"
    FAILED = "failed"
    DEAD = "dead"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry as a feed lists it now.

    Attributes:
        guid: what the feed calls it, or None.
        url: its canonical address, or None; not both are None.
        fields: what the feed says of it, as JSON holds it.
        is_own: whether its address is of the feed's own site, so that the feed is believed about it.
    """

    guid: str | None
    url: str | None
    fields: dict[str, Any]
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as it is recorded.

    Attributes:
        id: its number in the home.
        url: its canonical address, or None.
        state: what became of it.
        failures: fetches that failed since one last succeeded.
        visits: fetches that succeeded.
        reason: why it is not kept whole, or None.
        article_id: the article that it became, or None.
        fields: what a feed says of it.
        etag: as its server named its page, or None.
        last_modified: when its page changed last, in its server's words, or None.
        seen_at: when a feed first listed it.
        changed_at: when anything of this row was last written.
        feed_url: the feed that said the fields, else the first one that lists it; None if none does.
        feed_source: that feed's publisher as the operator named it, or None.
        feed_title: what that feed calls itself, or None.
        scope: who sees its article; None is everybody.
    """

    id: int
    url: str | None
    state: EntryState
    failures: int
    visits: int
    reason: str | None
    article_id: str | None
    fields: dict[str, Any]
    etag: str | None
    last_modified: str | None
    seen_at: datetime
    changed_at: datetime
    feed_url: str | None
    feed_source: str | None
    feed_title: str | None
    scope: str | None = None
