"""An entailment model's opinion: does a premise entail a hypothesis? Optional, and behind sentence-transformers."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.answering.errors import EntailmentModelUnusable

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

log = logging.getLogger(__name__)


class EntailmentModel:
    """A cross-encoder trained on natural language inference; built by `load_entailment_model`, used on the worker."""

    def __init__(self, model: CrossEncoder, label: int) -> None:
        """Wrap a loaded model whose label number `label` means that the premise entails the hypothesis."""
        self._model = model
        self._label = label

    def entail(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Estimate for each (premise, hypothesis) the probability of entailment, 0..1, in this order.

        A pair longer than the model's window is cut, the longer of the two texts first.
        """
        if not pairs:
            return []
        rows = self._model.predict(list(pairs), apply_softmax=True, show_progress_bar=False)
        return [float(row[self._label]) for row in rows]


def load_entailment_model(model: str, *, device: str = "cpu") -> EntailmentModel:
    """Load a cross-encoder for natural language inference.

    Args:
        model: a folder, or a name in the local cache of the model hub (nothing is downloaded while HF_HUB_OFFLINE
            is 1).
        device: as PyTorch names it.

    Raises:
        EntailmentModelUnusable: there is no such model or device here, or none of its two or more labels begins
            with "entail".
    """
    # Imported here: it takes seconds, and most homes use no such model.
    from sentence_transformers import CrossEncoder

    try:
        loaded = CrossEncoder(model, device=device)
    except (OSError, ValueError, RuntimeError, AssertionError) as problem:  # the last: PyTorch without that device
        raise EntailmentModelUnusable(model, str(problem).partition("\n")[0] or type(problem).__name__) from problem
    labels = {int(number): str(name) for number, name in (loaded.config.id2label or {}).items()}
    entailing = [number for number, name in labels.items() if name.casefold().startswith("entail")]
    if len(labels) < 2 or len(entailing) != 1:
        raise EntailmentModelUnusable(model, f"its labels are {', '.join(labels.values())}, and none means entailment")
    log.info("entailment model %s loaded on %s", model, device)
    return EntailmentModel(loaded, entailing[0])
