"""Finding quotes: where the words of a message stand in the articles, as they are or nearly so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from retrieval.archive.archive import Archive
from retrieval.articles import Article
from retrieval.index.ledger import Admission, Ledger
from retrieval.index.lexical import LexicalIndex
from retrieval.index.terms import content_words, stem
from retrieval.index.terms import words as folded_words
from retrieval.search.alignment import Alignment, align
from retrieval.search.quoted import Word, quoted_parts, split_words
from retrieval.worker import Lane, Worker

#: So many quotes of one message are looked for, and so many words of each are compared: a message of 4,000 characters
#: that was written to take long takes a second, in pieces between which others are answered.
MOST_QUOTES, MOST_WORDS = 5, 300

# A near quote has so many words, and shares so much of them, and of the weight of those that carry meaning.
_LEAST_NEAR_WORDS, _LEAST_SHARE, _LEAST_WEIGHT = 5, 0.6, 0.5
# Passages are looked up by runs of so many words, which a quote with few changes still has, and by its rarest words.
_RUN, _MOST_RUNS, _RAREST = 4, 6, 8
_WEIGHED = 60
_CANDIDATES, _COMPARED = 50, 20
# Around a passage so many code points are read for each of the quote's: it may begin before it or end after it.
_AROUND = 2
_UNDATED = datetime.max.replace(tzinfo=UTC)


class Run(NamedTuple):
    """A stretch of a quote against the article: `said` by the message, `published` in the article; equal if `is_same`.

    Either may be empty: words that the message adds, or leaves out.
    """

    is_same: bool
    said: str
    published: str


@dataclass(frozen=True, slots=True)
class QuoteMatch:
    """Where a quote stands.

    Attributes:
        article: the current version.
        in_title: it is in the headline, not the text.
        start: its first code point there.
        end: one past its last.
        runs: all of it in order; a single one that is the same where the article has it word for word.
    """

    article: Article
    in_title: bool
    start: int
    end: int
    runs: tuple[Run, ...]

    @property
    def is_exact(self) -> bool:
        """Whether the article has it word for word, whatever the case, white space and punctuation."""
        return all(run.is_same for run in self.runs)


@dataclass(frozen=True, slots=True)
class QuoteFinding:
    """What was found of one quote.

    Attributes:
        words: the quote as the message has it.
        match: the earliest article that has it word for word, else the one that comes closest; None if none does.
        also: other articles that have it word for word, earliest first; undated ones last.
        is_cut: only its first `MOST_WORDS` words were compared.
    """

    words: str
    match: QuoteMatch | None
    also: tuple[Article, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class QuoteFindings:
    """What was found of a message's quotes, in its order, and how many more of them nobody looked for."""

    quotes: tuple[QuoteFinding, ...]
    left_out: int = 0


class _Stretch(NamedTuple):
    """A part of an article, or its headline, in which a quote may stand, and its words."""

    article: Article
    in_title: bool
    start: int
    text: str
    words: list[Word]


class QuoteFinder:
    """Finds where quotes come from, by words alone. Uses what it is given and closes nothing; safe from any task."""

    def __init__(self, archive: Archive, ledger: Ledger, lexical: LexicalIndex, worker: Worker) -> None:
        """Take the index's own parts; all of it runs on the worker, one quote after the other."""
        self._archive = archive
        self._ledger = ledger
        self._lexical = lexical
        self._worker = worker

    async def find(self, message: str, *, known_by: datetime, scope: str | None) -> QuoteFindings:
        """Find the quotes of a message, see `quoted_parts`; none for a message of fewer words than a quote has.

        Args:
            message: plain words, of any length.
            known_by: articles published later are left out.
            scope: whose private feeds are seen beside the public ones; None sees the public ones only.

        Raises:
            QueueFull, ArchiveUnreadable.
        """
        parts = quoted_parts(message)
        admission = Admission(known_by, scope=scope)
        found = [await self._worker.run(Lane.QUESTION, self._find, part, admission) for part in parts[:MOST_QUOTES]]
        return QuoteFindings(tuple(found), max(0, len(parts) - MOST_QUOTES))

    def _find(self, quote: str, admission: Admission) -> QuoteFinding:
        given = split_words(quote)
        is_cut, given = len(given) > MOST_WORDS, given[:MOST_WORDS]
        compared = quote[: given[-1].end]
        with self._archive.reading() as connection:
            weights = self._weigh(connection, compared, scope=admission.scope)
            stretches = self._candidates(connection, compared, weights, admission)
        exact = _earliest(match for one in stretches if (match := _exact(given, compared, one)) is not None)
        if exact:
            return QuoteFinding(quote, exact[0], tuple(match.article for match in exact[1:]), is_cut)
        return QuoteFinding(quote, _nearest(given, compared, weights, stretches), (), is_cut)

    def _weigh(self, connection: Connection, quote: str, *, scope: str | None) -> dict[str, float]:
        """Weigh the words that carry meaning by how rare they are, of a long quote sixty that are spread over it."""
        meaning = content_words(quote)
        picked = meaning[:: 1 + len(meaning) // _WEIGHED]
        total = self._archive.size(scope).passages
        stems = list({stem(word) for word in picked})
        weights = self._lexical.term_weights(connection, stems, total=total, scope=scope)
        return {word: weights[stem(word)] for word in picked}

    def _candidates(
        self, connection: Connection, quote: str, weights: dict[str, float], admission: Admission
    ) -> list[_Stretch]:
        """Read the stretches in which the quote may stand: passages with a run of its words, then with its rarest."""
        said = folded_words(quote)
        runs = _rarest_runs(said, weights)
        ids = [one.id for one in self._lexical.search_stems(connection, runs, admission=admission, limit=_CANDIDATES)]
        # A word that no passage has finds none, but may stand where the quote has been changed.
        rare = sorted((word for word in weights if weights[word] < 1.0), key=lambda word: -weights[word])[:_RAREST]
        ids += [one.id for one in self._lexical.search(connection, rare, admission=admission, limit=_COMPARED)]
        rows = self._ledger.admitted(connection, list(dict.fromkeys(ids)), admission)
        stored = self._archive.read_many((row.article_id, row.version) for row in rows.values())
        around = _AROUND * len(quote)
        texts, titles = [], dict[str, _Stretch]()
        for row in (rows[one] for one in dict.fromkeys(ids) if one in rows):
            article = stored[row.article_id, row.version]
            start = max(0, row.start - around)
            text = article.text[start : row.end + around]
            texts.append(_Stretch(article, False, start, text, split_words(text)))
            if article.id not in titles:
                titles[article.id] = _Stretch(article, True, 0, article.title, split_words(article.title))
        return [*titles.values(), *texts]


def _rarest_runs(said: Sequence[str], weights: dict[str, float]) -> list[str]:
    """Pick the runs of words that say most, as phrases of stems; one that is the whole quote where it is that short."""
    stems = [stem(word) for word in said]
    starts = range(0, max(1, len(stems) - _RUN + 1))
    best = sorted(starts, key=lambda i: -sum(weights.get(word, 0.0) for word in said[i : i + _RUN]))
    picked: list[int] = []
    for start in best:
        if len(picked) < _MOST_RUNS and all(abs(start - other) >= _RUN // 2 for other in picked):
            picked.append(start)
    return [" ".join(stems[start : start + _RUN]) for start in picked]


def _exact(given: Sequence[Word], quote: str, stretch: _Stretch) -> QuoteMatch | None:
    """Find the quote word for word; None if it does not stand there."""
    joined = f" {' '.join(word.folded for word in stretch.words)} "
    at = joined.find(f" {' '.join(word.folded for word in given)} ")
    if at < 0:
        return None
    first = joined.count(" ", 0, at)
    pairs = tuple((i, first + i) for i in range(len(given)))
    return _match(Alignment(0, pairs), given, quote, stretch)


def _nearest(
    given: Sequence[Word], quote: str, weights: dict[str, float], stretches: Iterable[_Stretch]
) -> QuoteMatch | None:
    """Choose the stretch with the fewest words changed, the earliest of equals; None if none comes close."""
    if len(given) < _LEAST_NEAR_WORDS:
        return None
    said = [word.folded for word in given]
    most, compared = int((1.0 - _LEAST_SHARE) * len(said)), 0
    found: list[tuple[int, datetime, str, QuoteMatch]] = []
    for stretch in stretches:
        if not stretch.in_title:
            compared += 1
        if compared > _COMPARED:
            break
        there = [word.folded for word in stretch.words]
        alignment = align(said, there, most_changes=most)
        if alignment is not None and _says_as_much(alignment, said, there, weights):
            match = _match(alignment, given, quote, stretch)
            found.append((alignment.changes, stretch.article.published_at or _UNDATED, stretch.article.id, match))
            most = min(most, alignment.changes)
    return min(found, key=lambda one: one[:3])[3] if found else None


def _says_as_much(alignment: Alignment, said: Sequence[str], there: Sequence[str], weights: dict[str, float]) -> bool:
    same = [said[i] for i, j in alignment.pairs if i is not None and j is not None and said[i] == there[j]]
    kept = sum(weights.get(word, 0.0) for word in set(same))
    return len(same) >= _LEAST_SHARE * len(said) and kept >= _LEAST_WEIGHT * sum(weights.values())


def _match(alignment: Alignment, given: Sequence[Word], quote: str, stretch: _Stretch) -> QuoteMatch:
    text = stretch.words
    there = [j for _, j in alignment.pairs if j is not None]
    start, end = text[there[0]].start, text[there[-1]].end
    while end < len(stretch.text) and stretch.text[end] in ".!?…":
        end += 1
    runs = tuple(_runs(alignment, given, quote, text, stretch.text[:end]))
    return QuoteMatch(stretch.article, stretch.in_title, stretch.start + start, stretch.start + end, runs)


def _runs(
    alignment: Alignment, given: Sequence[Word], quote: str, text: Sequence[Word], published: str
) -> Iterator[Run]:
    """Join neighbouring words that are the same, and those that are not; each keeps the punctuation behind it."""
    groups: list[tuple[bool, list[int], list[int]]] = []
    for i, j in alignment.pairs:
        is_same = i is not None and j is not None and given[i].folded == text[j].folded
        if not groups or groups[-1][0] != is_same:
            groups.append((is_same, [], []))
        if i is not None:
            groups[-1][1].append(i)
        if j is not None:
            groups[-1][2].append(j)
    for is_same, mine, theirs in groups:
        yield Run(is_same, _slice(quote, given, mine), _slice(published, text, theirs))


def _slice(text: str, words: Sequence[Word], numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    following = numbers[-1] + 1
    end = words[following].start if following < len(words) else len(text)
    return " ".join(text[words[numbers[0]].start : end].split())


def _earliest(matches: Iterable[QuoteMatch]) -> list[QuoteMatch]:
    """Keep one match an article, its text before its headline, and order them by publication; undated ones last."""
    by_article: dict[str, QuoteMatch] = {}
    for match in matches:
        known = by_article.get(match.article.id)
        if known is None or (known.in_title and not match.in_title):
            by_article[match.article.id] = match
    return sorted(by_article.values(), key=lambda one: (one.article.published_at or _UNDATED, one.article.id))
