"""Topics: which of the articles found are about what was asked for, and which only mention it."""

from __future__ import annotations

from retrieval.passages import Findings, Hit
from retrieval.search.rerank import coverage

# An article is about a topic if its headline and opening hold this share of the topic's term weights, and this share
# of what the best one's hold. Further down it only mentions it: the new bridge, in the report of a marathon.
_LEAST_TOPIC, _OF_BEST = 0.5, 0.6
_OPENING_CHARS = 500


def on_topic(findings: Findings) -> list[Hit]:
    """Keep the hits whose article is about the query, in their order; none if no article is."""
    held = {
        hit.article.id: coverage(findings.term_weights, f"{hit.article.title}\n{hit.article.text[:_OPENING_CHARS]}")
        for hit in findings.hits
    }
    wanted = max(_LEAST_TOPIC, _OF_BEST * max(held.values(), default=0.0))
    return [hit for hit in findings.hits if held[hit.article.id] >= wanted]
