"""The default writer: picks the sentences that answer the question and quotes them; no language model."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bot.answering.agreement import Value, find_values, origin_of
from bot.answering.answers import Agreement, Citation, Claim, Draft, Evidence, Told
from bot.answering.candidates import Candidate, find_candidates
from bot.answering.contested import rivals_of
from bot.answering.corrected import find_retractions, retraction_notice, without_retracted
from bot.answering.cues import kind_of, wants_several
from bot.answering.paragraphs import may_be_quoted_together
from bot.answering.short_answer import choose_short_answer, trimmed
from bot.answering.spans import NUMERIC, Span, find_spans
from bot.answering.stretches import Stretch
from retrieval.articles import Article, CopyOf
from retrieval.index.terms import stems

log = logging.getLogger(__name__)

NAME = "extractive"
# What fits a question for a number at least: a plain number is asked for as a sum of money, a day is not.
_NUMBER_FIT = 0.4
# A further sentence is quoted if its score is at least this share of the best one's.
_FURTHER_SHARE = 0.8
# Within the limit less is asked of a source that is not quoted yet, for it may tell another thing in other words. Of 35
# cases with a right and a wrong source both were named in .69 instead of .60, the wrong one alone in .03 instead of
# .06; the quotes of an answer on tests/evals became 2.8 instead of 2.5.
_OTHER_SOURCE_SHARE = 0.4
# The next sentence, or the one before where this one leans on it, joins a quote if its score is at least this share of
# the quoted one's, and both together are no longer than this. On 105 quiz questions: first quotes that hold the answer
# .57 -> .63, one of the first three .77 -> .82.
_NEIGHBOUR_SHARE = 0.5
_LONGEST_PAIR_CHARS = 420
_LEANS = re.compile(r"^\W*(?:he|she|it|they|his|her|its|their|this|that|these|those|but|and|however)\b", re.IGNORECASE)
# Beyond the limit, that many more quotes if each is of another independent source: what several say can differ. Of 179
# cases with a right and a wrong source both were named in .58 instead of .48.
_MORE_SOURCES = 2
# Two sentences that share this much of their words (Jaccard) say the same.
_SAME_WORDS = 0.7
# A question of several parts gets a quote for each, up to so many.
_MOST_PARTS_QUOTED = 4


class Compared(NamedTuple):
    """What could answer a question: sentences and spans, best first, what sources contest, and where they differ."""

    ranking: list[Candidate]
    spans: list[Span]
    rivals: list[Span]
    values: list[Value]


class ExtractiveWriter:
    """Quotes the sentences that answer. Holds nothing to close."""

    def __init__(self, *, max_quotes: int) -> None:
        """Make a writer of up to `max_quotes` (>= 1) quotes of one or two sentences."""
        self._max_quotes = max_quotes

    @property
    def name(self) -> str:
        """The writer's name in answers."""
        return NAME

    async def write(self, evidence: Evidence) -> Draft:
        """Quote the best sentences of the hits, best first; each quote its own claim and its own citation.

        A question with parts gets the best sentence for each of up to four parts, in their order. Otherwise a quote may
        take in a neighbouring sentence (see `widen`), and further quotes follow only if they come close to the best and
        do not repeat it. No hits, no claims; nor any for a question that wants a number where none stands near its
        words.
        """
        ranking, spans, rivals, values = compare_sources(evidence)
        has_number = any(span.fit >= _NUMBER_FIT for span in (*spans, *rivals))
        if not has_number and not evidence.parts and kind_of(evidence.question.text) in NUMERIC:
            log.info("write writer=%s candidates=%d spans=%d chosen=0", NAME, len(ranking), len(spans))
            return Draft((), (), NAME)
        if evidence.parts:
            chosen = choose_for_parts([find_candidates(evidence.of_part(one)) for one in evidence.parts])
        else:
            chosen = choose(ranking, spans, self._max_quotes, values, evidence.findings.copies)
        log.info("write writer=%s candidates=%d spans=%d chosen=%d", NAME, len(ranking), len(spans), len(chosen))
        citations = tuple(
            Citation(n, hit.article, hit.passage.version, start, end, hit.article.text[start:end], hit.passage)
            for n, (hit, start, end) in enumerate(chosen, start=1)
        )
        claims = tuple(Claim(one.quote, (one.n,), 1.0, is_quote=True) for one in citations)
        short = choose_short_answer(evidence, ranking, spans, citations)
        agreement = agree(evidence, ranking, values, citations)
        notice = retraction_notice(citations, find_retractions(evidence))
        return Draft(claims, citations, NAME, notice, short_answer=short, agreement=agreement)


def compare_sources(evidence: Evidence) -> Compared:
    """Find what could answer, without what its publisher took back, and what independent sources differ in.

    The sources of a question of parts, and of one that wants several names, are not compared.
    """
    ranking = find_candidates(evidence)
    spans = without_retracted(find_spans(evidence, ranking), ranking, find_retractions(evidence))
    rivals = rivals_of(evidence, ranking, spans)
    is_compared = not evidence.parts and not wants_several(evidence.question.text)
    values = find_values(ranking, spans, evidence.findings.copies, rivals) if is_compared else []
    return Compared(ranking, spans, rivals, values)


def agree(
    evidence: Evidence, ranking: Sequence[Candidate], values: Sequence[Value], citations: Sequence[Citation]
) -> Agreement:
    """Tell how many independent sources say what is answered first, and what they say where they differ."""
    kind = kind_of(evidence.question.text)
    if not values:
        # Nothing short to compare: only the source quoted first is known to say it.
        return Agreement(1 if citations else 0, kind)
    told = []
    for value in values:
        span = value.span
        article = ranking[span.candidate].hit.article
        holding = [one.n for one in citations if _holds(one, article, span)]
        if holding:
            told.append(Told(trimmed(article.text[span.start : span.end]), tuple(holding), len(value.origins)))
    first = next((value for value in values if citations and _holds_any(citations[:1], ranking, value)), values[0])
    return Agreement(len(first.origins), kind, tuple(told) if len(told) > 1 else ())


def _holds(citation: Citation, article: Article, span: Span) -> bool:
    return citation.article.id == article.id and citation.start <= span.start and span.end <= citation.end


def _holds_any(citations: Sequence[Citation], ranking: Sequence[Candidate], value: Value) -> bool:
    return any(_holds(one, ranking[value.span.candidate].hit.article, value.span) for one in citations)


def choose(
    ranking: Sequence[Candidate],
    spans: Sequence[Span],
    limit: int,
    values: Sequence[Value] = (),
    copies: Mapping[str, Sequence[CopyOf]] | None = None,
) -> list[Stretch]:
    """Take the best sentence and up to `limit - 1` further ones that come close to it and repeat none taken.

    The best is the one with the best span; the second may be that of another span; the others are the best by
    themselves. Each takes a neighbour along (see `widen`). Where sources differ, one sentence for each value is taken
    first, even beyond the limit; so is one for each further independent source, up to two more.

    Args:
        ranking: all candidates, best first.
        spans: see `find_spans`; empty where none could answer.
        limit: >= 1.
        values: what sources say where they differ; fewer than two do not differ.
        copies: see `Findings.copies`.
    """
    differing = [value.span.candidate for value in values] if len(values) > 1 else []
    chosen: list[tuple[Candidate, Stretch]] = []
    origins: set[str] = set()
    for one in _in_order(ranking, spans, differing):
        is_wanted = any(one is ranking[n] for n in differing)
        if len(chosen) >= limit + _MORE_SOURCES and not is_wanted:
            break
        origin = origin_of(one.hit.article, copies or {})
        is_heard = origin in origins or len(chosen) >= limit
        least = _FURTHER_SHARE if is_heard else _OTHER_SOURCE_SHARE
        if len(chosen) >= limit and not is_wanted and origin in origins:
            continue
        if chosen and not is_wanted and one.score < least * chosen[0][0].score:
            continue
        if not any(
            _overlap(one, quoted) or (not is_wanted and _say_the_same(one.text, other.text)) for other, quoted in chosen
        ):
            quoted = widen(one, ranking)
            if any(_overlap(quoted, taken) for _, taken in chosen):
                quoted = Stretch(one.hit, one.start, one.end)
            chosen.append((one, quoted))
            origins.add(origin)
    return [quoted for _, quoted in chosen]


def choose_for_parts(rankings: Sequence[Sequence[Candidate]]) -> list[Stretch]:
    """Take the best sentence for each of the first four parts: of an article not yet quoted, if one comes close.

    A part whose best sentences are all quoted already adds nothing, and neither does one without candidates.

    Args:
        rankings: each part's candidates, best first.
    """
    chosen: list[tuple[Candidate, Stretch]] = []
    for ranking in rankings:
        if len(chosen) == _MOST_PARTS_QUOTED:
            break
        close = [one for one in ranking if one.score >= _FURTHER_SHARE * ranking[0].score]
        fresh = [
            one for one in close if not any(_overlap(one, q) or _say_the_same(one.text, o.text) for o, q in chosen)
        ]
        quoted_articles = {quoted.hit.article.id for _, quoted in chosen}
        best = next((one for one in fresh if one.hit.article.id not in quoted_articles), fresh[0] if fresh else None)
        if best is not None:
            chosen.append((best, Stretch(best.hit, best.start, best.end)))
    return [quoted for _, quoted in chosen]


def _in_order(ranking: Sequence[Candidate], spans: Sequence[Span], differing: Sequence[int]) -> list[Candidate]:
    if not spans:
        return list(ranking)
    first = spans[0]
    others = (one for one in spans if one.key not in first.key and first.key not in one.key)
    second = next((one for one in others if one.candidate != first.candidate), None)
    leading = list(dict.fromkeys([first.candidate, *differing, *([second.candidate] if second is not None else [])]))
    return [ranking[n] for n in leading] + [one for n, one in enumerate(ranking) if n not in leading]


def widen(one: Candidate, ranking: Sequence[Candidate]) -> Stretch:
    """Take in the next sentence of the passage, or the one before if this one begins with a word that leans on it.

    Only one that comes close, the better of two, and nothing that makes the quote long; see also
    `may_be_quoted_together`.
    """
    text, alone = one.hit.article.text, Stretch(one.hit, one.start, one.end)
    close = [
        other
        for other in ranking
        if other.hit.passage.id == one.hit.passage.id and other.score >= _NEIGHBOUR_SHARE * one.score
    ]
    around = [other for other in close if one.end <= other.start and _are_together(text, one, other)]
    if _LEANS.match(one.text):
        around += [other for other in close if other.end <= one.start and _are_together(text, other, one)]
    if not around:
        return alone
    best = max(around, key=lambda other: other.score)
    pair = Stretch(one.hit, min(one.start, best.start), max(one.end, best.end))
    return pair if pair.end - pair.start <= _LONGEST_PAIR_CHARS else alone


def _are_together(text: str, first: Candidate, second: Candidate) -> bool:
    return may_be_quoted_together(text, (first.start, first.end), (second.start, second.end))


def _overlap(one: Candidate | Stretch, other: Stretch) -> bool:
    is_same = (one.hit.article.id, one.hit.passage.version) == (other.hit.article.id, other.hit.passage.version)
    return is_same and one.start < other.end and other.start < one.end


def _say_the_same(one: str, other: str) -> bool:
    first, second = stems(one), stems(other)
    return len(first & second) >= _SAME_WORDS * len(first | second)
