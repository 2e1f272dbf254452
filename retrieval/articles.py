"""The article: what a publisher said, when and where, and the hash that names one version of it."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85]")


class Precision(StrEnum):
    """How exactly a publisher dated an article; the moment kept is the start of the named span, in UTC."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Article:
    """One version of what a publisher said.

    Attributes:
        id: names the article over all its versions; given by the publisher or made by `retrieval.news.files`.
        title: the headline, never empty.
        source: the publisher's name, or None where it is not known.
        url: where the publisher shows it, http or https only, or None.
        published_at: aware UTC, the start of the span that `published_precision` names; None where the
            publisher gave no date. It is never the time at which the article was fetched or read.
        published_precision: None exactly when `published_at` is None.
        authors: in the publisher's order; may be empty.
        language: ISO 639-1 code such as "en".
        text: the whole text, never empty; paragraphs are separated by a blank line.
        is_excerpt: whether the text is only what a feed says of the article, whose page could not be read.
        usage_terms: what the publisher allows, in its own words, or None.
        updated_at: aware UTC, when the publisher says that this version was made, or None. No part of what is said:
            it orders versions and names none.
        embargoed_until: aware UTC; before this moment nobody may be shown the article. None: no embargo. No part of
            what is said either.
    """

    id: str
    title: str
    source: str | None
    url: str | None
    published_at: datetime | None
    published_precision: Precision | None
    authors: tuple[str, ...]
    language: str
    text: str
    is_excerpt: bool = False
    usage_terms: str | None = None
    updated_at: datetime | None = None
    embargoed_until: datetime | None = None

    def __post_init__(self) -> None:
        if not self.id or not self.title or not self.text:
            raise ValueError(f"article {self.id!r}: id, title and text must not be empty")
        if (self.published_at is None) != (self.published_precision is None):
            raise ValueError(f"article {self.id!r}: a date and its precision come together or not at all")
        for name in ("published_at", "updated_at", "embargoed_until"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is not UTC:
                raise ValueError(f"article {self.id!r}: {name} must be in UTC, got {moment!r}")

    def is_embargoed(self, now: datetime) -> bool:
        """Whether nobody may be shown it yet at a moment, aware UTC."""
        return self.embargoed_until is not None and self.embargoed_until > now

    @property
    def version(self) -> str:
        """The SHA-256 (64 hexadecimal digits) of everything the publisher said; equal content, equal version."""
        content: list[object] = [
            self.title,
            self.source,
            self.url,
            published_text(self.published_at, self.published_precision),
            list(self.authors),
            self.language,
            self.text,
        ]
        # Only where they say something: versions stored before these were known keep their names.
        if self.is_excerpt:
            content.append("excerpt")
        if self.usage_terms:
            content.append({"usage_terms": self.usage_terms})
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def published_text(published_at: datetime | None, precision: Precision | None) -> str | None:
    """Write a date as ISO 8601 to no more than its precision: "2020-09", "2020-09-29", "2020-09-29T08:15:00Z"."""
    if published_at is None or precision is None:
        return None
    form = {
        Precision.YEAR: "%Y",
        Precision.MONTH: "%Y-%m",
        Precision.DAY: "%Y-%m-%d",
        Precision.TIME: "%Y-%m-%dT%H:%M:%SZ",
    }
    return published_at.strftime(form[precision])


def clean_text(text: str) -> str:
    """Make text storable without changing what it says.

    Line ends become line feeds, and so do the controls that part lines or pages; NUL and other control characters,
    which SQLite and terminals trip over, and lone surrogates, which UTF-8 cannot hold, are dropped; white space
    around the whole is dropped.
    """
    text = _LINE_ENDS.sub("\n", text)
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept).strip()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A publisher's word that an article is taken back: out of the index, kept in the archive.

    Attributes:
        article_id: the id under which the article was, or would have been, taken in.
        reason: why, in a few words, such as "canceled" or "its page is gone (410)".
        input: where that was said, such as "wire.json".
    """

    article_id: str
    reason: str
    input: str


@dataclass(frozen=True, slots=True)
class CopyOf:
    """An article that says the same as another, with what is needed to name it."""

    article_id: str
    version: str
    title: str
    source: str | None
    url: str | None
    published_at: datetime | None
    published_precision: Precision | None
