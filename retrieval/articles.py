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

    def __post_init__(self) -> None:
        if not self.id or not self.title or not self.text:
            raise ValueError(f"article {self.id!r}: id, title and text must not be empty")
        if (self.published_at is None) != (self.published_precision is None):
            raise ValueError(f"article {self.id!r}: a date and its precision come together or not at all")
        if self.published_at is not None and self.published_at.tzinfo is not UTC:
            raise ValueError(f"article {self.id!r}: published_at must be in UTC, got {self.published_at!r}")

    @property
    def version(self) -> str:
        """The SHA-256 (64 hexadecimal digits) of everything the publisher said; equal content, equal version."""
        content = [
            self.title,
            self.source,
            self.url,
            published_text(self.published_at, self.published_precision),
            list(self.authors),
            self.language,
            self.text,
        ]
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
class CopyOf:
    """An article that says the same as another, with what is needed to name it."""

    article_id: str
    version: str
    title: str
    source: str | None
    url: str | None
    published_at: datetime | None
    published_precision: Precision | None
