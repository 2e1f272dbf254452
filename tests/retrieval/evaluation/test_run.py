"""A search is scored over the questions that have evidence, and only over these."""

import pytest

from retrieval.evaluation.judgements import Evidence, Judgement
from retrieval.evaluation.run import evaluate_retrieval, rank_articles, rank_passages, rank_telling

EVIDENCE = (Evidence("right", "The ferry sank off Marrow Bay"),)


def judged(id, answers=("Marrow Bay",), evidence=EVIDENCE):
    return Judgement(id, {}, answers, evidence)


async def test_scores_are_means_over_questions():
    ranks = {"first": 1, "third": 3, "seventh": 7, "absent": 99}

    async def search(judgement):
        return [
            ("right" if rank == ranks[judgement.id] else "wrong", "It sank off Marrow Bay.") for rank in range(1, 11)
        ]

    scores = await evaluate_retrieval([judged(id) for id in ranks], search)
    assert scores.pop("intervals").keys() == scores.keys() - {"questions"}
    assert scores.pop("ndcg@10") > 0
    assert scores == {
        "questions": 4,
        "hit@1": 1 / 4,
        "hit@5": 2 / 4,
        "hit@10": 3 / 4,
        "mrr@10": pytest.approx((1 + 1 / 3 + 1 / 7 + 0) / 4),
    }


async def test_questions_without_answers_or_evidence_are_neither_asked_nor_scored():
    asked = []

    async def search(judgement):
        asked.append(judgement.id)
        return []

    unscored = [judged("no answer", answers=()), judged("no evidence", evidence=())]
    assert await evaluate_retrieval([*unscored, judged("scored")], search) == {
        "questions": 1,
        "hit@1": 0.0,
        "hit@5": 0.0,
        "hit@10": 0.0,
        "mrr@10": 0.0,
        "ndcg@10": 0.0,
        "intervals": dict.fromkeys(("hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10"), (0.0, 0.0)),
    }
    assert asked == ["scored"]
    assert await evaluate_retrieval(unscored, search) == {
        "questions": 0,
        "hit@1": None,
        "hit@5": None,
        "hit@10": None,
        "mrr@10": None,
        "ndcg@10": None,
        "intervals": dict.fromkeys(("hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10")),
    }


def test_a_passage_counts_by_its_evidence_or_by_the_answer_alone_and_an_article_once():
    found = [
        (
            judged("ferry"),
            [
                ("other", "Marrow Bay is a bay."),
                ("other", "Nothing."),
                ("right", "Nothing."),
                ("right", "It sank off Marrow Bay."),
            ],
        )
    ]
    assert [relevant for _, relevant in rank_passages(found)] == [[False, False, False, True]]
    assert [relevant for _, relevant in rank_telling(found)] == [[True, False, False, True]]
    assert [relevant for _, relevant in rank_articles(found)] == [[False, True]]
