"""The sentences that might be quoted, and what speaks for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

from bot.answering.answers import Evidence
from bot.answering.cueing import Cueing
from bot.answering.cues import Kind, kind_of, wanted_count, wants_several
from bot.answering.lists import LIST, with_lists
from bot.answering.named import named_terms
from bot.answering.paragraphs import is_aside
from bot.answering.possible import Possible, asked_stems, find_possible, fit_there
from bot.answering.statements import keep_for_people
from bot.answering.timeframe import publication_window
from retrieval.index.terms import words
from retrieval.passages import Entity, Hit, Sentence
from retrieval.search.rerank import coverage
from retrieval.search.weights import read_weights

# In a developing story the news of last week is old; 7 days served better than 30 or 365.
_NEWNESS_HALF_LIFE = timedelta(days=7)
# A passage that holds less than this share of what the best one holds of the question's names is about another.
_ABOUT = 0.5
# What fits less than this is no cue.
_FITS = 0.4
# One name where several are wanted is half a cue.
_ONE_OF_SEVERAL = 0.5
# An article whose hit scores less than this share of the best one's tells another story, and echoes nothing.
_SAME_STORY = 0.5
# Shorter sentences ("Read more.", bylines, captions) do not answer. A Chinese or Japanese character, which says about
# as much as three Latin letters, counts as three.
_SHORTEST_CHARS = 25
_WIDE = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that might be quoted, with what speaks for it; each feature in 0..1 (`closeness` in -1..1).

    Attributes:
        hit: where it stands.
        start: its first code point in the article.
        end: one past its last.
        text: the sentence.
        coverage: share of the question's term weights that it holds.
        cue: how far it has what a question of its kind wants, such as a name of the wanted kind that the question does
            not give; see `Cueing`.
        standing: the hit's score over the best hit's.
        echo: share of the other articles found that hold something which answers here, the one held most; articles
            far below the best do not count.
        closeness: cosine similarity to the question.
        newness: 1 for the newest article of the story, or one published when the question asks about, half of it a week
            off; 0 without a date.
        possible: what in it could be the short answer.
        score: the weighted sum, see `WEIGHTS`.
    """

    hit: Hit
    start: int
    end: int
    text: str
    coverage: float
    cue: float
    standing: float
    echo: float
    closeness: float
    newness: float = 0.0
    possible: tuple[Possible, ...] = ()
    score: float = 0.0


#: What each feature counts; the file says what made the weights.
WEIGHTS: Mapping[str, float] = read_weights("bot.answering", "chooser_weights.json")
#: The features of a candidate.
FEATURES = tuple(WEIGHTS)


def find_candidates(evidence: Evidence) -> list[Candidate]:
    """List the sentences of all hits, best first; a sentence found twice is listed once, at its best place.

    Left out is what asks, is too short to answer, or is written for a language model (`keep_for_people`).
    """
    return list(_find(evidence))


# The confidence and the writer ask for those of the same evidence, one after the other.
@lru_cache(maxsize=4)
def _find(evidence: Evidence) -> tuple[Candidate, ...]:
    question = evidence.question.text
    weights, variants = evidence.findings.term_weights, evidence.findings.variants
    kind, asked = kind_of(question), asked_stems(question) | {one.stem for one in variants}
    best = max((hit.score for hit in evidence.findings.hits), default=0.0)
    story = [hit for hit in evidence.findings.hits if hit.score >= _SAME_STORY * best]
    newness, told = _newness(evidence, story), _told_by_article(story)
    is_about, several = _about(evidence), wants_several(question)
    cueing = Cueing(evidence)
    found: dict[str, Candidate] = {}
    for hit in evidence.findings.hits:
        for sentence in keep_for_people(hit.article.text, hit.sentences):
            text = hit.article.text[sentence.start : sentence.end]
            # A question quoted from an article is no answer, and neither is a caption or an editor's note.
            if (
                len(text) + 2 * len(_WIDE.findall(text)) < _SHORTEST_CHARS
                or text.endswith(("?", "？"))
                or is_aside(text)
                or text in found
            ):
                continue
            # What a passage about another than the question names holds is no answer.
            possible = (
                find_possible(kind, text, sentence.start, sentence.entities, asked) if is_about[hit.passage.id] else ()
            )
            if several and is_about[hit.passage.id]:
                possible = _with_lists(kind, hit.article.text, sentence, possible, asked, wanted_count(question))
            fitting = {one.key for one in possible if one.fit >= _FITS}
            found[text] = Candidate(
                hit,
                sentence.start,
                sentence.end,
                text,
                coverage(weights, text, variants),
                cueing.of(hit, sentence, _fits(possible, several), is_about=is_about[hit.passage.id]),
                hit.score / best if best > 0 else 0.0,
                _echo(fitting, hit.article.id, told),
                sentence.closeness,
                newness[hit.article.id],
                possible,
            )
    scored = [replace(one, score=_score(one)) for one in found.values()]
    return tuple(sorted(scored, key=lambda one: (-one.score, one.hit.rank, one.start)))


def _about(evidence: Evidence) -> dict[str, bool]:
    """Tell which passages are about whom the question names, nearly as well as the best of them; all of a follow-up's.

    Those are of one story already (`retrieve_story`), and not each of them repeats its names.
    """
    if evidence.question.focus is not None:
        return {hit.passage.id: True for hit in evidence.findings.hits}
    weights = evidence.findings.term_weights
    named = named_terms(evidence.question.text, weights)
    held = {
        hit.passage.id: coverage(named, f"{hit.article.title}\n{hit.passage.text}", evidence.findings.variants)
        for hit in evidence.findings.hits
    }
    wanted = _ABOUT * max(held.values(), default=0.0)
    return {passage_id: share >= wanted for passage_id, share in held.items()}


def _newness(evidence: Evidence, story: Sequence[Hit]) -> dict[str, float]:
    """Measure how new each found article is: against its window if the question has one, else against the story."""
    question = evidence.question
    window = question.window()
    if window is not None:
        written = publication_window(window, question.asked_at)
        since, until = written.since, written.until
    else:
        since = until = max((hit.article.published_at for hit in story if hit.article.published_at), default=None)
    found = {}
    for hit in evidence.findings.hits:
        published = hit.article.published_at
        off = [timedelta(0)]
        if published is not None and since is not None and published < since:
            off.append(since - published)
        if published is not None and until is not None and published > until and window is not None:
            off.append(published - until)
        found[hit.article.id] = 0.0 if published is None else 0.5 ** (max(off) / _NEWNESS_HALF_LIFE)
    return found


def _told_by_article(hits: Sequence[Hit]) -> dict[str, str]:
    """Join the words of each article's headline and found passages, with a space around every word."""
    told: dict[str, str] = {}
    for hit in hits:
        spoken = " ".join(words(f"{hit.article.title} {hit.passage.text}"))
        told[hit.article.id] = f"{told.get(hit.article.id, ' ')}{spoken} "
    return told


def _echo(keys: set[str], article_id: str, told: Mapping[str, str]) -> float:
    others = [text for other, text in told.items() if other != article_id]
    held = (sum(f" {key} " in text for text in others) / len(others) for key in keys if others)
    return max(held, default=0.0)


def _with_lists(
    kind: Kind,
    whole: str,
    sentence: Sentence,
    possible: Sequence[Possible],
    asked: frozenset[str],
    count: int | None,
) -> tuple[Possible, ...]:
    text, start = whole[sentence.start : sentence.end], sentence.start

    def fits(one: Entity) -> float:
        return fit_there(kind, one.label, text[: one.start - start], whole[one.start : one.end])

    return with_lists(text, start, possible, sentence.entities, asked, count, fits)


def _fits(possible: Sequence[Possible], several: bool) -> float:
    """Give 1 for a sentence that has what could answer, and half for one that has one name where several are wanted."""
    fitting = [one for one in possible if one.fit >= _FITS]
    if several and not any(one.label == LIST for one in fitting):
        return _ONE_OF_SEVERAL * bool(fitting)
    return float(bool(fitting))


def _score(one: Candidate) -> float:
    return sum(weight * float(getattr(one, feature)) for feature, weight in WEIGHTS.items())
