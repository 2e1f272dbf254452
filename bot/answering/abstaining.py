"""Whether to abstain before anything is written, and what is offered then: the nearest articles, how to ask better."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.answering.answerability import confidence
from bot.answering.answers import Evidence, Reason
from bot.answering.contested import is_contested
from bot.answering.gathering import Searches, gather_evidence
from bot.answering.hints import AskBefore, Hint, NameSomething, NotMentioned, WithoutLimits
from bot.answering.named import find_names_and_numbers
from bot.answering.premise import has_premise
from bot.answering.timeframe import stale_after
from retrieval.articles import Article
from retrieval.errors import RetrievalError
from retrieval.index.terms import says_something, stem, words

log = logging.getLogger(__name__)

_NEAREST = 3
_MOST_HINTS = 2
# What sources contest word for word is told at this share of the least confidence: the reader sees both sides. Of 179
# cases with a right and a wrong source both were named in .86 instead of .81; on tests/evals and the quiz as much was
# declined as before.
_CONTESTED_SHARE = 0.6
_MOST_NAMES = 3
# Written with a capital, but nobody's name; that no article has the word "November" is no news to who asks about it.
_CALENDAR = frozenset(
    "january february march april may june july august september october november december monday tuesday wednesday"
    " thursday friday saturday sunday".split()
)
# An index whose newest article is no older than this is kept up: "today", asked just after midnight or from another
# time zone than the articles', is then no question about a time after them.
_KEPT_UP = timedelta(days=1)


def reason_to_abstain(evidence: Evidence, estimate: float, min_confidence: float) -> Reason | None:
    """Tell why a question should not be answered from its evidence; None if it may be.

    Args:
        evidence: what was found.
        estimate: the confidence that it answers, 0..1.
        min_confidence: the least that is enough; .6 of it is where sources contest what is asked (`is_contested`).
    """
    if evidence.findings.index.articles == 0:
        return Reason.EMPTY_INDEX
    if asks_after_articles(evidence):
        return Reason.AFTER_INDEX
    if not evidence.findings.hits:
        return Reason.NOTHING_FOUND
    if wants_newer_articles(evidence):
        return Reason.STALE
    if estimate < min_confidence:
        is_told = estimate >= _CONTESTED_SHARE * min_confidence and is_contested(evidence)
        if not is_told:
            return Reason.NOT_IN_ARTICLES
    return None if has_premise(evidence) else Reason.PREMISE_NOT_FOUND


def asks_after_articles(evidence: Evidence) -> bool:
    """Tell whether a question is about a time that begins after the newest article it may know.

    The time is the limit `since`, or the window that the words name. What is yet to come when it is asked may have been
    announced, and so may an event with the year in its name ("the 2026 World Cup"); these are never after the articles.
    False if no article is dated.
    """
    question, newest = evidence.question, evidence.findings.newest_known
    if newest is None:
        return False
    if question.since is not None:
        return question.since > newest.until
    window = question.window()
    if window is None or window.since is None or window.in_name:
        return False
    is_kept_up = question.asked_at - newest.until <= _KEPT_UP
    return newest.until < window.since <= question.asked_at and not is_kept_up


def wants_newer_articles(evidence: Evidence) -> bool:
    """Tell whether a question asks for the latest and the newest article it may know is too old, see `stale_after`.

    Limits of date and `any_time` say that old articles are meant. False if no article is dated.
    """
    question, newest = evidence.question, evidence.findings.newest_known
    if newest is None or question.any_time or question.since is not None or question.until is not None:
        return False
    longest = stale_after(question.text, question.asked_at)
    return longest is not None and question.asked_at - newest.until > longest


def nearest_articles(evidence: Evidence) -> tuple[Article, ...]:
    """Take up to three articles found, best first, each once."""
    articles = {hit.article.id: hit.article for hit in reversed(evidence.findings.hits)}
    order = dict.fromkeys(hit.article.id for hit in evidence.findings.hits)
    return tuple(articles[i] for i in list(order)[:_NEAREST])


async def find_hints(
    searches: Searches, evidence: Evidence, reason: Reason, *, hits: int, min_confidence: float
) -> tuple[Hint, ...]:
    """Find how the question could be asked better.

    A question with limits is searched once more without them, so that only limits that stand in the way are named.

    Args:
        searches: the retriever.
        evidence: what was found for it.
        reason: why it is not answered.
        hits: passages to retrieve, >= 1.
        min_confidence: the least confidence that is enough to answer.

    Returns:
        At most two, the surest first; none for an empty index. If the second search fails, those known without it.
    """
    if reason is Reason.EMPTY_INDEX:
        return ()
    found: list[Hint] = []
    newest, question = evidence.findings.newest_known, evidence.question
    if newest is not None and reason in (Reason.AFTER_INDEX, Reason.STALE):
        found.append(AskBefore(newest.day_text))
    limits = tuple(name for name in ("since", "until", "sources") if getattr(question, name))
    if limits:
        try:
            freed = await gather_evidence(searches, replace(question, since=None, until=None, sources=()), hits)
        except RetrievalError as problem:
            # That there is no answer is known; only what might have been is not.
            log.info("hints without limits not looked for: %s", type(problem).__name__)
        else:
            if reason_to_abstain(freed, confidence(freed), min_confidence) is None:
                found.append(WithoutLimits(limits))
    if names := tuple(dict.fromkeys(_unmentioned(evidence)))[:_MOST_NAMES]:
        found.append(NotMentioned(names))
    elif reason in (Reason.NOTHING_FOUND, Reason.NOT_IN_ARTICLES) and not says_something(question.text):
        found.append(NameSomething())
    return tuple(found[:_MOST_HINTS])


def _unmentioned(evidence: Evidence) -> Iterator[str]:
    """List the question's names that no article has, names side by side as one; any words where none has a capital."""
    text, absent = evidence.question.text, evidence.findings.absent
    has_capitals = any(c.isupper() for c in text.strip()[1:])
    spans = find_names_and_numbers(text) if has_capitals else [(word, 0) for word in text.split()]
    run, end = "", -1
    for written, start in spans:
        stems = [stem(word) for word in words(written) if len(word) > 1]
        if not stems or not absent.issuperset(stems) or written[0].isdigit() or _CALENDAR.intersection(words(written)):
            continue
        if run and start == end + 1:
            run = f"{run} {written}"
        else:
            if run:
                yield _bare(run)
            run = written
        end = start + len(written)
    if run:
        yield _bare(run)


def _bare(name: str) -> str:
    return name.strip(" \t.,;:!?\"'“”‘’()").removesuffix("'s").removesuffix("’s")
