"""Fit the weights of the sentence chooser on judged questions, and tell what cross-validation makes of them.

.venv/bin/python tests/benchmarks/fit_chooser.py HOME QUESTIONS.jsonl --write bot/answering/chooser_weights.json
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from fitting import read_arguments, write_weights
from listwise import Case, report

from bot.answering.answers import Evidence
from bot.answering.asking import read_question
from bot.answering.extractive import FEATURES, ExtractiveWriter
from config.settings import load_settings
from retrieval.build import open_engine
from retrieval.evaluation.judgements import holds_answer, read_judgements


async def read_cases(home: Path, file: Path) -> list[Case]:
    """Take the sentences that the chooser sees for every answerable question, in the order of its present weights."""
    settings = load_settings()
    cases = []
    async with open_engine(home, settings.retrieval, settings.embedding) as engine:
        await engine.indexer.open()
        writer = ExtractiveWriter(engine.retriever.embed, max_quotes=3)
        for judged in read_judgements(file):
            if not judged.is_answerable:
                continue
            question = read_question(judged.fields, now=datetime.now(UTC))
            findings = await engine.retriever.retrieve(question.as_query(limit=settings.retrieval.hits))
            ranking = await writer.rank(Evidence(question, findings))
            named = {evidence.article_id for evidence in judged.evidence}
            holding = np.array([holds_answer(one.text, judged.answers) for one in ranking])
            cases.append(
                Case(
                    FEATURES,
                    np.array([[getattr(one, name) for name in FEATURES] for one in ranking]),
                    holding & np.array([one.hit.article.id in named for one in ranking]),
                    holding,
                )
            )
        await engine.indexer.close()
    return cases


def main() -> None:
    """Fit with all features and without each, and write the weights if asked to."""
    given = read_arguments(__doc__)
    write_weights(given, report(asyncio.run(read_cases(given.home, given.questions))))


if __name__ == "__main__":
    main()
