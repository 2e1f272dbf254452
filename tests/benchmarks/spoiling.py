"""The evidence of judged questions, whole and spoiled: its source removed, or a name of the question swapped.

What fits the confidence and what measures it read their evidence here.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.answering.answers import Evidence
from bot.answering.asking import read_question
from bot.answering.details import find_names
from bot.answering.questions import Question
from config.settings import load_settings
from retrieval.build import open_engine
from retrieval.evaluation.judgements import Judgement, holds_answer, read_judgements
from retrieval.passages import Findings
from retrieval.search.retriever import Retriever

HITS = 10
# Far below the ten best, so that ten remain when every article that could answer is taken away.
_HITS_TO_SPOIL = 200
ANSWERABLE, UNANSWERABLE, REMOVED, SWAPPED = "answerable", "unanswerable", "source removed", "entity swapped"


async def read_evidence(home: Path, file: Path) -> list[tuple[int, str, Evidence]]:
    """Gather the evidence of every question: (number of the question, kind, evidence)."""
    settings, dice = load_settings(), random.Random(1)
    judgements = list(read_judgements(file))
    questions = [read_question(judged.fields, now=datetime.now(UTC)) for judged in judgements]
    names = sorted({name.written for one in questions for name in find_names(one.text) if name.start > 0})
    rows = []
    async with open_engine(home, settings.retrieval, settings.embedding) as engine:
        await engine.indexer.open()
        for number, (judged, question) in enumerate(zip(judgements, questions, strict=True)):
            findings = await _find(engine.retriever, question, _HITS_TO_SPOIL)
            best = replace(findings, hits=findings.hits[:HITS])
            rows.append((number, ANSWERABLE if judged.is_answerable else UNANSWERABLE, Evidence(question, best)))
            if not judged.is_answerable:
                continue
            spoiled = without_source(findings, judged)
            if spoiled.hits:
                rows.append((number, REMOVED, Evidence(question, spoiled)))
            if swapped := swap_name(question.text, names, dice):
                other = replace(question, text=swapped)
                rows.append((number, SWAPPED, Evidence(other, await _find(engine.retriever, other, HITS))))
        await engine.indexer.close()
    return rows


def swap_name(text: str, others: Sequence[str], dice: random.Random) -> str | None:
    """Put another question's name in the place of the longest of this one; None if it has none."""
    names = [name.written for name in find_names(text) if name.start > 0]
    foreign = [name for name in others if name not in text]
    if not names or not foreign:
        return None
    return text.replace(max(names, key=len), dice.choice(foreign), 1)


def without_source(findings: Findings, judged: Judgement) -> Findings:
    """Take away every article that could answer, whole, and keep the ten best hits of the others.

    An article could if it is evidence, or holds an accepted answer anywhere, be it in a passage that was not found: a
    source that is not in the index leaves none of its passages behind.
    """
    named = {evidence.article_id for evidence in judged.evidence}
    kept = [
        hit
        for hit in findings.hits
        if hit.article.id not in named and not holds_answer(f"{hit.article.title}\n{hit.article.text}", judged.answers)
    ]
    return replace(findings, hits=tuple(replace(hit, rank=n) for n, hit in enumerate(kept[:HITS], start=1)))


async def _find(retriever: Retriever, question: Question, limit: int) -> Findings:
    return await retriever.retrieve(question.as_query(limit=limit))
