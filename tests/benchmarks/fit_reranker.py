"""Fit the weights of the reranker on judged questions, and tell what cross-validation makes of them.

.venv/bin/python tests/benchmarks/fit_reranker.py HOME QUESTIONS.jsonl --write retrieval/search/rerank_weights.json
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from fitting import read_arguments, write_weights
from listwise import Case, report

from bot.answering.asking import read_question
from config.settings import load_settings
from retrieval.build import open_engine
from retrieval.evaluation.judgements import holds_answer, is_relevant, read_judgements
from retrieval.search.rerank import features


async def read_cases(home: Path, file: Path) -> list[Case]:
    """Take the candidates of every answerable question from an index, in the order of the fusion."""
    settings = load_settings()
    cases = []
    async with open_engine(home, settings.retrieval, settings.embedding) as engine:
        await engine.indexer.open()
        for judged in read_judgements(file):
            if not judged.is_answerable:
                continue
            query = read_question(judged.fields, now=datetime.now(UTC)).as_query(limit=1_000, dense_weight=0.5)
            found = await engine.retriever.retrieve(query)
            rows = [features(query, found.term_weights, hit) for hit in found.hits]
            texts = [(hit.article.id, hit.passage.text) for hit in found.hits]
            cases.append(
                Case(
                    tuple(rows[0]),
                    np.array([list(row.values()) for row in rows]),
                    np.array([is_relevant(article_id, text, judged) for article_id, text in texts]),
                    np.array([holds_answer(text, judged.answers) for _, text in texts]),
                )
            )
        await engine.indexer.close()
    return cases


def main() -> None:
    """Fit with all features and without each, and write the weights if asked to."""
    given = read_arguments(__doc__)
    cases = [case for home, questions in given.sets for case in asyncio.run(read_cases(home, questions))]
    write_weights(given, report(cases))


if __name__ == "__main__":
    main()
