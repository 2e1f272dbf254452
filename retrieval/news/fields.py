"""Named fields to an article: what each may hold, what stands in for a missing one, and how the article is named."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from retrieval.articles import Article, Precision, clean_text, published_text
from retrieval.errors import ArticleRejected
from retrieval.news.canonical import canonical_url
from retrieval.news.dates import parse_published
from retrieval.news.language import DEFAULT_LANGUAGE, detect_language, language_code
from retrieval.news.links import check_url, site_name

# Each some ten times what the longest real one needs: longer ones are a wrong field, a whole archive, or an attack.
MAX_ID_CHARS = 200
MAX_TITLE_CHARS = 1000
MAX_NAME_CHARS = 200
MAX_AUTHORS = 200
MAX_TEXT_CHARS = 5_000_000
MAX_TERMS_CHARS = 5000

# 96 bits: two of a billion articles share an id with a probability under 1e-10.
ID_HEX_DIGITS = 24

_BLANK_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_ZONE_AT_END = re.compile(r"(?:[Zz]|GMT|UTC?|[+-]\d{2}(?::?\d{2})?)$", re.ASCII)
# Where a day, or a time without a zone, comes last: at UTC-12.
_LAST_ZONE = timedelta(hours=12)
_KINDS: dict[type, str] = {bool: "true or false", int: "a number", float: "a number", dict: "an object", list: "a list"}


def make_article(
    fields: Mapping[str, object],
    *,
    input: str,
    own_id: str | None = None,
    language_otherwise: str = DEFAULT_LANGUAGE,
) -> Article:
    """Make an article of named fields.

    Known fields: id, title, source, url, published (or published_at), text, authors (a list or one string), language,
    usage_terms, updated (or updated_at), embargoed (or embargoed_until). Others are ignored; null and blank are the
    same as missing. White space in everything but the text is collapsed; in the text, runs of blank lines become one.
    A missing source is the host of the URL; a missing language is detected; a missing id is made of the URL, else
    `own_id`, else source, title and date together. An embargo that names a day, or a time without a zone, ends when
    that has come everywhere on earth.

    Args:
        fields: values as JSON knows them.
        input: how the place is named in the rejection.
        own_id: the id of an article that has a file of its own.
        language_otherwise: the language where none is given and too few words are there to tell.

    Raises:
        ArticleRejected: there is no title or text, or a field does not hold what it should; the reason says what would.
    """
    try:
        title = _line(fields, "title", MAX_TITLE_CHARS)
        if not title:
            raise ValueError('has no title; give it one as "title"')
        text = _text(fields)
        url = _line(fields, "url", None)
        if url:
            url = check_url(url)
        source = _line(fields, "source", MAX_NAME_CHARS) or (site_name(url) if url else None)
        published_at, precision = _date(fields, "published", "published_at") or (None, None)
        updated = _date(fields, "updated", "updated_at")
        given_language = _line(fields, "language", None)
        language = language_code(given_language) if given_language else None
        return Article(
            id=_id(fields)
            or (address_id(url) if url else own_id)
            or _made_id("text", json.dumps([source, title, published_text(published_at, precision)])),
            title=title,
            source=source,
            url=url,
            published_at=published_at,
            published_precision=precision,
            authors=_authors(fields),
            language=language or detect_language(title, text, otherwise=language_otherwise),
            text=text,
            usage_terms=_line(fields, "usage_terms", MAX_TERMS_CHARS),
            updated_at=updated[0] if updated else None,
            embargoed_until=embargo_end(fields),
        )
    except ValueError as error:
        raise ArticleRejected(input, str(error)) from error


def file_id(resolved: bytes) -> str:
    """Name an article that has a file of its own by the file's absolute path without symbolic links."""
    return _made_id("file", resolved)


def uri_id(uri: str) -> str | None:
    """Name an article by the publisher's name for it, which is kept where it is a fitting id; None if it is blank."""
    name = uri.strip()
    if not name:
        return None
    return (
        name if len(name) <= MAX_ID_CHARS and name.isprintable() else _made_id("uri", name.encode("utf-8", "replace"))
    )


def embargo_end(fields: Mapping[str, object]) -> datetime | None:
    """Read from when on an article may be shown for certain, None if it is not embargoed; see `make_article`.

    Of "embargoed" and "embargoed_until", the later holds.

    Raises:
        ValueError: what is written does not name a day at least; the article could be shown too early.
    """
    latest = None
    for name in ("embargoed", "embargoed_until"):
        if found := _date(fields, name):
            until, precision = found
            if precision not in (Precision.DAY, Precision.TIME):
                raise ValueError(f'"{name}" names no day; until when the article is embargoed must be told exactly')
            if precision is Precision.DAY or not _ZONE_AT_END.search(str(fields[name]).strip()):
                until += _LAST_ZONE
            latest = until if latest is None else max(latest, until)
    return latest


def address_id(url: str) -> str:
    """Name an article by its canonical address, so that the same page under another spelling has the same id."""
    return _made_id("url", canonical_url(url))


def normal_text(text: str) -> str:
    """Clean text for storing and separate its paragraphs by exactly one blank line; lines inside them stay."""
    return _BLANK_LINES.sub("\n\n", clean_text(text))


def _made_id(kind: str, identity: str | bytes) -> str:
    raw = identity.encode() if isinstance(identity, str) else identity
    return f"{kind}-{hashlib.sha256(raw).hexdigest()[:ID_HEX_DIGITS]}"


def _string(fields: Mapping[str, object], name: str) -> str:
    written = fields.get(name)
    if written is None:
        return ""
    if not isinstance(written, str):
        raise ValueError(f'"{name}" is {_kind(written)}; it must be a string')
    return written


def _line(fields: Mapping[str, object], name: str, limit_chars: int | None) -> str | None:
    line = one_line(_string(fields, name))
    if limit_chars is not None and len(line) > limit_chars:
        raise ValueError(f'"{name}" has {len(line)} characters; at most {limit_chars} are taken')
    return line or None


def one_line(text: str) -> str:
    """Clean a name or headline: no control characters, white space collapsed."""
    return " ".join(clean_text(text).split())


def _text(fields: Mapping[str, object]) -> str:
    written = _string(fields, "text")
    if len(written) > MAX_TEXT_CHARS:
        raise ValueError(f"its text has {len(written)} characters; at most {MAX_TEXT_CHARS} are taken, so split it")
    text = normal_text(written)
    if not text:
        raise ValueError("has no text; an article without text cannot be searched or quoted")
    return text


def _date(fields: Mapping[str, object], *names: str) -> tuple[datetime, Precision] | None:
    for name in names:
        written = fields.get(name)
        if written is None or (isinstance(written, str) and not written.strip()):
            continue
        if isinstance(written, bool) or not isinstance(written, str | int):
            raise ValueError(f'"{name}" is {_kind(written)}; write the date as a string')
        try:
            return parse_published(written)
        except ValueError as error:
            raise ValueError(f'"{name}": {error}') from error
    return None


def _id(fields: Mapping[str, object]) -> str | None:
    written = fields.get("id")
    if written is None:
        return None
    if isinstance(written, bool) or not isinstance(written, str | int):
        raise ValueError(f'"id" is {_kind(written)}; it must be a string or a whole number')
    name = str(written).strip()
    if len(name) > MAX_ID_CHARS:
        raise ValueError(f'"id" has {len(name)} characters; at most {MAX_ID_CHARS} are taken')
    if not name.isprintable():
        raise ValueError('"id" has control or invisible characters; leave them out')
    return name or None


def _authors(fields: Mapping[str, object]) -> tuple[str, ...]:
    written = fields.get("authors")
    names = [] if written is None else [written] if isinstance(written, str) else written
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError('"authors" must be a list of strings or one string')
    if len(names) > MAX_AUTHORS or any(len(name) > MAX_NAME_CHARS for name in names):
        raise ValueError(f'"authors": at most {MAX_AUTHORS} names of {MAX_NAME_CHARS} characters are taken')
    return tuple(filter(None, map(one_line, names)))


def _kind(written: object) -> str:
    return _KINDS.get(type(written), "not a string")
