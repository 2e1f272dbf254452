"""From what feeds write to entries: each field cleaned and bounded, and a sentence for what cannot be used."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from retrieval.articles import Precision
from retrieval.news.canonical import canonical_url
from retrieval.news.dates import MAX_DATE_CHARS, is_read_at_once, parse_published
from retrieval.news.entries import Entry
from retrieval.news.fields import (
    MAX_AUTHORS,
    MAX_ID_CHARS,
    MAX_NAME_CHARS,
    MAX_TEXT_CHARS,
    MAX_TITLE_CHARS,
    normal_text,
    one_line,
)
from retrieval.news.language import language_code

# The largest feeds list some 1,000; Google takes no more than that in a news sitemap.
MAX_ENTRIES = 2000
MAX_PROBLEMS = 20
# Of dates in words each takes up to 70 ms, and those that cannot be read are likely all of one form.
_MAX_DATES_IN_WORDS = 100
_MAX_UNREADABLE_DATES = 20

_MENDED_IN_URL = re.compile(r'[ "<>\\^`{|}]')
_TWO_DIGIT_YEAR = re.compile(
    r"(\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)) (\d\d)( \d{2}:\d{2})", re.ASCII
)
# What WordPress puts under each text, whole or not: "The post <title> appeared first on <site>."
_FOOTER = re.compile(
    r"(?:The post|Der Beitrag|La entrada|L[’']article|O post|L[’']articolo|Het bericht|Artikkelen|Inlägget) .{1,1000}? "
    r"(?:appeared first on|erschien zuerst auf|se publicó primero en|est apparu en premier sur|apareceu primeiro em"
    r"|proviene da|verscheen eerst op|dukket først opp på|dök först upp på) .{1,200}"
)


@dataclass(slots=True)
class Written:
    """One entry as its feed writes it; texts and titles are plain, addresses absolute."""

    guid: str | None = None
    urls: tuple[str, ...] = ()
    title: str | None = None
    published: str | None = None
    updated: str | None = None
    authors: tuple[str, ...] = ()
    summary: str = ""
    content: str = ""
    language: str | None = None
    source: str | None = None
    paid: bool | None = None


class EntryMaker:
    """Makes the entries of one feed, and keeps what is wrong with them."""

    def __init__(self, problems: Iterable[str] = ()) -> None:
        """Begin with what is wrong with the feed as a whole."""
        self._problems = list(problems)
        self._in_words: defaultdict[str, int] = defaultdict(int)
        self._unreadable: defaultdict[str, int] = defaultdict(int)

    @property
    def problems(self) -> tuple[str, ...]:
        """The first 20 problems, and how many more there are."""
        more = len(self._problems) - MAX_PROBLEMS
        return (*self._problems[:MAX_PROBLEMS], *([f"there are {more} more problems like these"] if more > 0 else []))

    def note(self, problem: str) -> None:
        """Keep what is wrong, a sentence."""
        self._problems.append(problem)

    def make(self, written: Written, number: int, *, needs_text: bool = True) -> Entry | None:
        """Make an entry; None where nothing in it could ever lead to an article.

        Args:
            written: the entry.
            number: its place in the feed, from 1, by which problems name it.
            needs_text: whether it is a problem that it has neither title nor text.
        """
        place = f"entry {number}"
        published = self.date(written.published, place, "published")
        updated = self.date(written.updated, place, "updated")
        entry = Entry(
            guid=self._guid(written.guid, place),
            url=self.url(written.urls, place),
            title=self._line(written.title, MAX_TITLE_CHARS, place, "title"),
            published_at=published[0] if published else None,
            published_precision=published[1] if published else None,
            updated_at=updated[0] if updated else None,
            authors=self._authors(written.authors),
            summary=self._text(written.summary, place, "summary"),
            content=self._text(written.content, place, "content"),
            language=language_code(written.language or ""),
            source=self._line(written.source, MAX_NAME_CHARS, place, "source"),
            paid=written.paid,
        )
        is_empty = not (entry.title or entry.summary or entry.content)
        if is_empty and needs_text:
            self.note(f"{place} has neither title nor text")
        return None if is_empty and entry.url is None else entry

    def url(self, urls: Iterable[str], place: str) -> str | None:
        """Give the first address that can be shown, mended as browsers do and in its canonical spelling."""
        problem = None
        for url in urls:
            mended = "".join(url.split("\n")).replace("\r", "").replace("\t", "").strip()
            if not mended:
                continue
            try:
                return canonical_url(_MENDED_IN_URL.sub(lambda found: quote(found[0]), mended))
            except ValueError as error:
                problem = problem or f"{place}: {error}"
        if problem:
            self.note(problem)
        return None

    def date(self, written: str | None, place: str, name: str) -> tuple[datetime, Precision] | None:
        """Read a date; what cannot be read is a problem, and too many such or in words end the reading of words."""
        text = _TWO_DIGIT_YEAR.sub(_four_digits, one_line((written or "")[: 10 * MAX_DATE_CHARS]))
        if not text:
            return None
        if not is_read_at_once(text):
            if self._in_words[name] >= _MAX_DATES_IN_WORDS or self._unreadable[name] >= _MAX_UNREADABLE_DATES:
                return None
            self._in_words[name] += 1
            if self._in_words[name] == _MAX_DATES_IN_WORDS:
                self.note(f"of dates in words, only the first {_MAX_DATES_IN_WORDS} were read")
        try:
            return parse_published(text)
        except ValueError:
            self._unreadable[name] += 1
            self.note(f"{place} is {name} {text[:60]!r}, which is no date that can be read without guessing")
            return None

    def finish(self, entries: Iterable[Entry], deleted: Iterable[Entry] = ()) -> tuple[Entry, ...]:
        """Take repeated entries once, take no name for one that several have, and add those that are taken back.

        A name that is both listed and taken back holds for whichever is later (RFC 6721), listed if that is not said.
        """
        kept = list(dict.fromkeys(entries))
        urls: defaultdict[str, set[str | None]] = defaultdict(set)
        for entry in kept:
            if entry.guid is not None:
                urls[entry.guid].add(entry.url)
        shared = {guid for guid, of in urls.items() if len(of) > 1}
        for guid in sorted(shared):
            self.note(f"the guid {guid[:60]!r} names {len(urls[guid])} different articles, so it is not used")
        kept = [replace(entry, guid=None) if entry.guid in shared else entry for entry in kept]
        gone = {entry.guid: entry for entry in deleted}
        listed = [entry for entry in kept if entry.guid not in gone or not _is_later(gone[entry.guid], entry)]
        names = {entry.guid for entry in listed}
        return (*listed, *(entry for guid, entry in gone.items() if guid not in names))

    def deletion(self, guid: str, written: str | None, number: int) -> Entry | None:
        """Make the word that an entry is taken back; None if it names none."""
        place = f"deleted entry {number}"
        name = self._guid(guid, place)
        when = self.date(written, place, "deleted")
        return None if name is None else Entry(guid=name, updated_at=when[0] if when else None, deleted=True)

    def _guid(self, written: str | None, place: str) -> str | None:
        guid = one_line((written or "")[:MAX_TEXT_CHARS])
        if len(guid) > 10 * MAX_ID_CHARS:
            self.note(f"{place}: its guid has {len(guid)} characters, so it is not used")
            return None
        return guid or None

    def _line(self, written: str | None, limit_chars: int, place: str, name: str) -> str | None:
        line = one_line((written or "")[:MAX_TEXT_CHARS])
        if len(line) > limit_chars:
            self.note(f"{place}: its {name} has {len(line)} characters, so it is left out")
            return None
        return line or None

    def _text(self, written: str, place: str, name: str) -> str:
        if len(written) > MAX_TEXT_CHARS:
            self.note(f"{place}: its {name} has {len(written)} characters, so it is left out")
            return ""
        paragraphs = normal_text(written).split("\n\n")
        if _FOOTER.fullmatch(paragraphs[-1]):
            del paragraphs[-1]
        return "\n\n".join(paragraphs)

    def _authors(self, written: tuple[str, ...]) -> tuple[str, ...]:
        names = (one_line(name) for name in written[:MAX_AUTHORS] if len(name) <= MAX_NAME_CHARS)
        return tuple(dict.fromkeys(filter(None, names)))


def _four_digits(found: re.Match[str]) -> str:
    """Read a year of two digits, as RFC 822 had it, the way RFC 2822 says."""
    return f"{found[1]} {'20' if found[2] < '50' else '19'}{found[2]}{found[3]}"


def _is_later(deleted: Entry, listed: Entry) -> bool:
    if deleted.updated_at is None or listed.updated_at is None:
        return False
    return deleted.updated_at >= listed.updated_at
