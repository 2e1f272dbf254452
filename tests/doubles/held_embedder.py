"""An embedder that waits, so that a test says what happens while passages are embedded."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from retrieval.index.embedding import Vectors
from retrieval.testing import HashingEmbedder

_WAIT_S = 30


class HeldEmbedder(HashingEmbedder):
    """Says that it has begun to embed passages, and goes on when it is let; of each call it notes the number of texts.

    Attributes:
        begun: set by the first call.
        go_on: for the test to set.
        order: what was done, in order; the test may note other things there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.order: list[int | str] = []

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed once it may go on."""
        self.order.append(len(texts))
        self.begun.set()
        assert self.go_on.wait(_WAIT_S)
        return super().embed_passages(texts)
