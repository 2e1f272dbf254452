"""Questions that need several articles: are all of them found, and is what they do not tell declined?"""

from __future__ import annotations

from pathlib import Path

from news_home import Figure, open_home, share, take_in

from bot.evaluation.run import perform_once
from bot.evaluation.scoring import score_outcomes
from retrieval.evaluation.judgements import read_judgements

_LIMIT = 10


async def measure_multihop(data: Path, homes: Path) -> list[Figure]:
    """Ask every question; the articles are told apart by their ids."""
    home = take_in(data / "multihop" / "articles.jsonl", homes / "multihop")
    async with open_home(home) as perform:
        outcomes = [
            (judged, await perform_once(perform, "ask", judged.fields, "outcome"))
            for judged in read_judgements(data / "multihop" / "questions.jsonl")
        ]
    whole: dict[int, list[bool]] = {}
    for judged, outcome in outcomes:
        wanted = {evidence.article_id for evidence in judged.evidence}
        found = {hit["article_id"] for hit in outcome["hits"][:_LIMIT]}
        whole.setdefault(len(wanted), []).append(wanted <= found)
    whole.pop(0, None)  # the questions that no article answers
    scores = score_outcomes(outcomes)
    intervals = scores["intervals"]
    answered = [outcome["status"] == "answered" for judged, outcome in outcomes if judged.is_answerable]
    # Most answers are "Yes" or "No", which no quote holds; those that name something can be looked for.
    naming = [one for one in outcomes if one[0].fields["type"] == "inference_query"]
    quoted = score_outcomes(naming)
    return [
        share("all articles of the evidence among ten hits", [one for group in whole.values() for one in group]),
        *(share(f"  of {count} articles", group) for count, group in sorted(whole.items())),
        Figure("evidence recall@10", scores["evidence_recall@10"], intervals["evidence_recall@10"], len(answered)),
        share("answerable questions answered", answered),
        Figure(
            "null queries declined", scores["abstention_recall"], intervals["abstention_recall"], scores["unanswerable"]
        ),
        Figure("confidence AUROC, answerable against null", scores["abstention_auroc"]),
        Figure("inference queries: quote@3", quoted["quote@3"], quoted["intervals"]["quote@3"], len(naming)),
    ]
