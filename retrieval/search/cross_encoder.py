"""Reranking by a cross-encoder, which reads query and passage together. Optional, and behind sentence-transformers."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from retrieval.errors import RerankerModelUnusable
from retrieval.passages import Hit, Query
from retrieval.search.rerank import Reranker
from retrieval.search.respelling import respelled

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

log = logging.getLogger(__name__)

# How many of the first reranker's best are read. Answers rest on the first ten hits, and of the judged quiz questions
# .94 have their evidence among those already. A MiniLM of six layers takes 1.5 s of one core to read 30 passages of 140
# tokens.
BEST = 30
# The model's share of a score. It knows neither when an article was published nor what time the question asks about,
# which the first reranker weighs, so that keeps half the say.
SHARE = 0.5


class CrossEncoderReranker:
    """Blends a cross-encoder's opinion of the best candidates into another reranker's scores.

    `score = (1 - SHARE) * first + SHARE * sigmoid(logit)` for the `best` candidates by the first reranker's score, and
    `(1 - SHARE) * first` for those behind them, so that these stay behind, in their order. With `first` in 0..1 the
    score is in 0..1 too: half the best score still means half as good, which answering relies on.

    Built by `load_cross_encoder`, used on the worker. Holds nothing to close.
    """

    def __init__(self, model: CrossEncoder, first: Reranker, *, best: int = BEST) -> None:
        """Wrap a loaded model with one output.

        Args:
            model: gives each (query, passage) one logit, higher for better.
            first: scores in 0..1; chooses the candidates that the model reads.
            best: how many those are, >= 1.
        """
        self._model = model
        self._first = first
        self._best = best

    def score(self, query: Query, term_weights: Mapping[str, float], candidates: Sequence[Hit]) -> list[float]:
        """Score each candidate in 0..1; of equal ones the earlier is read.

        The model reads the query with misspelt words mended, and the passage under its headline. A pair longer than the
        model's window is cut, the longer of the two texts first.
        """
        first = self._first.score(query, term_weights, candidates)
        read = sorted(range(len(candidates)), key=lambda i: -first[i])[: self._best]
        asked = respelled(query.text, query.variants or ())
        opinions = self._read([(asked, f"{candidates[i].article.title}\n{candidates[i].passage.text}") for i in read])
        scores = [(1.0 - SHARE) * score for score in first]
        for i, opinion in zip(read, opinions, strict=True):
            scores[i] += SHARE * opinion
        return scores

    def _read(self, pairs: list[tuple[str, str]]) -> list[float]:
        if not pairs:
            return []
        from torch.nn import Sigmoid

        # Many of these models name no activation of their own for reading, and their logits run from -11 to 11.
        return [float(one) for one in self._model.predict(pairs, activation_fn=Sigmoid(), show_progress_bar=False)]


def load_cross_encoder(model: str, first: Reranker, *, device: str = "cpu") -> CrossEncoderReranker:
    """Load a cross-encoder for ranking.

    Args:
        model: a folder, or a name in the local cache of the model hub (nothing is downloaded while HF_HUB_OFFLINE
            is 1).
        first: the reranker whose best candidates it reads; scores in 0..1.
        device: as PyTorch names it.

    Raises:
        RerankerModelUnusable: there is no such model or device here; it gives more than one score, as a model for
            entailment does; or it has never been trained to score pairs, as an embedding model.
    """
    # Imported here: it takes seconds, and most homes use no such model.
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the library leaves it untyped
    try:
        loaded = CrossEncoder(model, device=device)
    except (OSError, ValueError, RuntimeError, AssertionError) as problem:  # the last: PyTorch without that device
        raise RerankerModelUnusable(model, str(problem).partition("\n")[0] or type(problem).__name__) from problem
    if loaded.num_labels != 1:
        raise RerankerModelUnusable(model, f"it gives {loaded.num_labels} scores for each pair, not one")
    # What the library loads from any other model is given an output of random weights.
    known = loaded.config.architectures or []
    if getattr(loaded[0], "transformer_task", None) == "sequence-classification" and not any(
        name.endswith("ForSequenceClassification") for name in known
    ):
        raise RerankerModelUnusable(model, f"it is a {', '.join(known) or 'model'} and scores no pairs")
    log.info("reranking model %s loaded on %s", model, device)
    return CrossEncoderReranker(loaded, first)
