"""Sources that contradict each other: are both sides named, or is the wrong one given as the only truth?

Every passage of a case is an article without a date from a source of its own, all cases share a home, and a question
sees the sources of its case only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from news_home import Figure, open_home, read_lines, share, take_in, write_articles

from bot.evaluation.run import perform_once
from retrieval.evaluation.judgements import holds_answer

_RIGHT, _WRONG = {"correct"}, {"wrong", "misinfo", "poison"}


async def measure_conflict(data: Path, homes: Path) -> list[Figure]:
    """Ask every case's question and look for its answers in what the person reads."""
    given = read_lines(data / "conflict" / "cases.jsonl")
    cases = [case for case in given if not _is_ambiguous(case)]
    articles = [
        {"id": source, "title": "Untitled", "source": source, "language": "en", "text": doc["text"]}
        for case in cases
        for source, doc in zip(_sources(case), case["docs"], strict=True)
    ]
    home = take_in(*write_articles("conflict", articles, homes))
    async with open_home(home) as perform:
        asked = [(case, await _ask(case, perform)) for case in cases]
    named = [(case, _named(case, outcome)) for case, outcome in asked]
    both_sides = [sides for case, sides in named if _has(case, _RIGHT) and _has(case, _WRONG)]
    several = [
        (case, outcome) for case, outcome in asked if _has(case, _RIGHT) and len(set(_spelt(case["answers"]))) > 1
    ]
    wrong_only = [
        (sides, outcome)
        for (case, sides), (_, outcome) in zip(named, asked, strict=True)
        if _has(case, _WRONG) and not _has(case, _RIGHT)
    ]
    return [
        Figure("cases", len(cases)),
        Figure("left out: a right and a wrong answer hold each other", len(given) - len(cases)),
        share("right and wrong passages: both sides named", [sides == (True, True) for sides in both_sides]),
        share("right and wrong passages: the wrong one as the only truth", [s == (False, True) for s in both_sides]),
        share("right and wrong passages: only the right one named", [s == (True, False) for s in both_sides]),
        share("right and wrong passages: neither named", [s == (False, False) for s in both_sides]),
        share("several right answers: all named", [_names_all(case, outcome) for case, outcome in several]),
        share("wrong passages only: the wrong one named", [wrong for (_, wrong), _ in wrong_only]),
        share("wrong passages only: declined", [outcome["status"] == "abstained" for _, outcome in wrong_only]),
    ]


def read_aloud(outcome: Mapping[str, Any]) -> str:
    """Join what the person reads of an outcome: the answer, and what it says of sources that differ."""
    differs = (outcome["agreement"] or {}).get("differs", [])
    values = [value["text"] for difference in differs for value in difference["values"]]
    return "\n".join([outcome["answer"] or "", *values])


async def _ask(case: Mapping[str, Any], perform: Any) -> dict[str, Any]:
    fields = {"id": case["id"], "question": case["question"], "sources": _sources(case)}
    outcome: dict[str, Any] = await perform_once(perform, "ask", fields, "outcome")
    return outcome


def _named(case: Mapping[str, Any], outcome: Mapping[str, Any]) -> tuple[bool, bool]:
    read = read_aloud(outcome)
    right, wrong = (
        any(holds_answer(read, spellings) for spellings in _spelt(case[name])) for name in ("answers", "wrong_answers")
    )
    return right, wrong


def _names_all(case: Mapping[str, Any], outcome: Mapping[str, Any]) -> bool:
    return all(holds_answer(read_aloud(outcome), spellings) for spellings in _spelt(case["answers"]))


def _spelt(answers: Sequence[str | list[str]]) -> list[tuple[str, ...]]:
    """List the spellings of each answer; the file has a list in the place of one that has several."""
    return [(answer,) if isinstance(answer, str) else tuple(answer) for answer in answers]


def _sources(case: Mapping[str, Any]) -> list[str]:
    return [f"{case['id']} {n}" for n, _ in enumerate(case["docs"], start=1)]


def _has(case: Mapping[str, Any], types: set[str]) -> bool:
    return any(doc["type"] in types for doc in case["docs"])


def _is_ambiguous(case: Mapping[str, Any]) -> bool:
    """Tell whether a right answer holds a wrong one or the other way round, so that naming one names both."""
    pairs = [(right, wrong) for right in _spelt(case["answers"]) for wrong in _spelt(case["wrong_answers"])]
    return any(
        any(holds_answer(one, wrong) for one in right) or any(holds_answer(one, right) for one in wrong)
        for right, wrong in pairs
    )
