"""What a feed or a sitemap lists, and whether it gives a whole article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from retrieval.articles import Precision

# WordPress cuts at 55 words, the longest excerpts seen have some 900 characters. A whole text taken for an excerpt
# costs one fetch; an excerpt taken for the whole would stand for the article.
MIN_WHOLE_CHARS = 1000
# How much of the end is looked at, and how long a line may be that only invites to read on.
_END_CHARS = 400
_INVITATION_CHARS = 150
# A line of so few characters that begins as an invitation is nothing else.
_BARE_INVITATION_CHARS = 40

_CUT = re.compile(r"(?:…|\.\.\.|\[\s*…?\s*\]|\[\s*\.\.\.\s*\]|\((?:more|continued)\))[\s»›>→\"”')\]]*\Z", re.IGNORECASE)
_INVITATION = re.compile(
    r"\W*(?:(?:continue|keep|go\s+on)\s+reading|read\s+(?:more|on|the\s+(?:full|rest|whole|entire|original))"
    r"|(?:view|see|get|for)\s+the\s+(?:full|whole|entire|rest)|click\s+here|full\s+(?:story|article)|more\W*\Z"
    r"|weiterlesen|(?:mehr|den\s+ganzen|zum)\s+(?:lesen|artikel|beitrag)|mehr\W*\Z|lire\s+(?:la\s+suite|plus|l[’'])"
    r"|(?:seguir|continuar|continúe|sigue)\s+leyendo|leer\s+más|leia\s+mais|continue\s+lendo|continua\s+a\s+leggere"
    r"|leggi\s+(?:tutto|anche|l[’'])|lees\s+(?:meer|verder)|читать\s+(?:далее|дальше|полностью)|続きを読む|阅读全文)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed or a sitemap says of one article.

    Attributes:
        guid: the feed's own name for it, the same whenever it is listed; None where there is none to rely on.
        url: where it can be read, in its canonical spelling, or None.
        title: one line of plain text, or None.
        published_at: aware UTC, the start of the span that `published_precision` names; None where none is given.
        published_precision: None exactly when `published_at` is None.
        updated_at: aware UTC, when the publisher says it was last changed, or None.
        authors: in the feed's order; may be empty. The author of a whole feed is none of its entries.
        summary: plain text, or "".
        content: the text as far as the feed gives it apart from the summary, paragraphs parted by blank lines, or "".
        language: ISO 639-1, where the entry itself says it; what a whole feed says is often its template's.
        source: the publisher that an aggregator names, or None.
        deleted: whether the feed says that the entry `guid` is taken back; `updated_at` is when.
        paid: whether one must pay or register to read it; None where that is not said.
    """

    guid: str | None = None
    url: str | None = None
    title: str | None = None
    published_at: datetime | None = None
    published_precision: Precision | None = None
    updated_at: datetime | None = None
    authors: tuple[str, ...] = ()
    summary: str = ""
    content: str = ""
    language: str | None = None
    source: str | None = None
    deleted: bool = False
    paid: bool | None = None


@dataclass(frozen=True, slots=True)
class FeedContents:
    """What a feed says.

    Attributes:
        title: what it calls itself, one line, or None.
        site_url: the site that it is a feed of, or None.
        language: ISO 639-1, or None.
        entries: in the feed's order.
        problems: what is wrong with it though it was read, a sentence each, of which the first come first.
        ttl_s: how long it asks to be kept before it is fetched again, or None.
        moved_to: where it says that it is now, or None; only what means nothing else.
        next_url: where the entries before these are, or None.
    """

    title: str | None
    site_url: str | None
    language: str | None
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]
    ttl_s: int | None = None
    moved_to: str | None = None
    next_url: str | None = None


def is_whole(entry: Entry) -> bool:
    """Whether an entry's content looks like the whole article, so that its page need not be fetched.

    It is at least 1,000 characters long and ends neither in an ellipsis nor in an invitation to read on.
    """
    content = entry.content.rstrip()
    if len(content) < MIN_WHOLE_CHARS:
        return False
    end = content[-_END_CHARS:]
    if _CUT.search(end):
        return False
    last = [line for line in end.split("\n") if line.strip()][-2:]
    return not any(len(line) <= _INVITATION_CHARS and _INVITATION.match(line) for line in last)


def without_invitation(text: str) -> str:
    """Leave out short last lines that only invite to read on, such as "Continue reading..."; a lone line stays."""
    lines = text.rstrip().split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or _is_bare_invitation(lines[-1])):
        lines.pop()
    return "\n".join(lines)


def _is_bare_invitation(line: str) -> bool:
    return len(line) <= _BARE_INVITATION_CHARS and _INVITATION.match(line) is not None
