"""The same embedding models on ONNX Runtime: exported once, quantised, compared with the original, then run alone."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import shutil
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retrieval.errors import EmbeddingModelMissing, EmbeddingNotExported
from retrieval.index.embedding import PACKAGED_MODEL, Vectors, load_embedder, packaged_model_dir, weights_hash

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

log = logging.getLogger(__name__)

ONNX_DIR = "onnx"
# Raise when what is exported, or how, changes: what an earlier Dateline exported is then left alone and made anew.
_EXPORT = "1"
_MODEL, _TOKENIZER, _NOTES = "model.onnx", "tokenizer.json", "notes.json"
_OPSET = 17
# Texts are embedded in batches of texts of about one length; larger ones are mostly padding and no faster per text.
_BATCH = 8
#: Every one of these must come out this near to what the original makes of it, as a passage and as a query.
MIN_COSINE = 0.98
SENTENCES = (
    "Where did the ferry sink?",
    "The ferry Halcyon sank off Marrow Bay on Tuesday night; all 41 passengers were brought ashore.",
    "Parliament passed the budget by 212 votes to 198 after a debate of nine hours, the speaker said.",
    "Incendio en Vallesombra: los vecinos regresan a sus casas.",
    "U.N. experts say at least 338 military flights went from Syria to Libya between November 2019 and July 2020. " * 4,
)


@dataclass(frozen=True, slots=True)
class _Notes:
    """What the runtime needs to know of an exported model beside its graph and its tokenizer."""

    dimensions: int
    max_tokens: int
    pad_id: int
    query_prompt: str
    document_prompt: str
    lowest_cosine: float


class OnnxEmbedder:
    """An exported model on ONNX Runtime, built by `load_onnx_embedder`; used on one thread at a time."""

    def __init__(self, name: str, notes: _Notes, session: InferenceSession, tokenizer: Tokenizer) -> None:
        """Wrap an open session; `name` is what the index's manifest will keep."""
        self._name = name
        self._notes = notes
        self._session = session
        self._tokenizer = tokenizer
        self._inputs = [one.name for one in session.get_inputs()]

    @property
    def name(self) -> str:
        """The model's name, with the hash of its weights for a folder, as on PyTorch."""
        return self._name

    @property
    def dimensions(self) -> int:
        """The length of each vector."""
        return self._notes.dimensions

    @property
    def max_tokens(self) -> int:
        """The model's window in tokens, special ones included."""
        return self._notes.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Count each text's tokens with the model's own tokenizer, special tokens left out."""
        self._tokenizer.no_truncation()
        return [len(one.ids) for one in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Embed passages with the model's document prompt, if it has one."""
        return self._embed([self._notes.document_prompt + text for text in texts])

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Embed queries with the model's query prompt, if it has one."""
        return self._embed([self._notes.query_prompt + text for text in texts])

    def _embed(self, texts: list[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        self._tokenizer.enable_truncation(self.max_tokens)
        encoded = self._tokenizer.encode_batch(texts)
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i].ids))
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            vectors[batch] = self._run([encoded[i] for i in batch])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    def _run(self, encoded: Sequence[Any]) -> Vectors:
        shape = len(encoded), max(len(one.ids) for one in encoded)
        fed = {
            "input_ids": np.full(shape, self._notes.pad_id, dtype=np.int64),
            "attention_mask": np.zeros(shape, dtype=np.int64),
            "token_type_ids": np.zeros(shape, dtype=np.int64),
        }
        for row, one in enumerate(encoded):
            length = len(one.ids)
            fed["input_ids"][row, :length] = one.ids
            fed["attention_mask"][row, :length] = one.attention_mask
            fed["token_type_ids"][row, :length] = one.type_ids
        (vectors,) = self._session.run(None, {name: fed[name] for name in self._inputs})
        return np.asarray(vectors, dtype=np.float32)


def load_onnx_embedder(model: str, *, cache_dir: Path) -> OnnxEmbedder:
    """Load a sentence-transformers model as ONNX Runtime runs it; export it first if `cache_dir` lacks it.

    The exported model keeps the name of the original: an index made by one is searched by the other. Of 220 quiz
    questions put to an index of 45,347 passages that PyTorch had made, all had the same short answer and all but one
    the same first quote; the nearest ten passages by meaning alone were the same to .92.

    Args:
        model: "all-MiniLM-L6-v2", or a folder.
        cache_dir: where exported models are kept, each under the hash of its weights; created if needed.

    Raises:
        EmbeddingModelMissing: there is no such model here.
        EmbeddingModelTampered: the packaged weights are not the published ones.
        EmbeddingNotExported: it cannot be exported, or what came of it is too far from the original.
    """
    if model == PACKAGED_MODEL:
        folder, name = packaged_model_dir(), model
        key = weights_hash(folder)
    elif Path(model).is_dir():
        folder = Path(model)
        key = weights_hash(folder)
        name = f"{folder.name}@{key[:16]}"
    else:
        raise EmbeddingModelMissing(model, 'with embedding.runtime = "onnx" it must be a folder')
    kept = cache_dir / f"{folder.name if model != PACKAGED_MODEL else model}-{key[:16]}-{_EXPORT}"
    if not kept.is_dir():
        _export(model, name, kept)
    embedder = _open(kept, name)
    log.info("embedding model %s loaded on ONNX Runtime from %s", name, kept)
    return embedder


def _open(folder: Path, name: str) -> OnnxEmbedder:
    # Imported here: it takes a while, and `dateline status` or `--help` need none of it.
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    # Threads that wait for the next question by turning in a circle would take the other search's processor.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        notes = _Notes(**json.loads((folder / _NOTES).read_text("utf-8")))
        tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
        session = onnxruntime.InferenceSession(
            str(folder / _MODEL), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as problem:  # the libraries raise their own, and bare Exception
        raise EmbeddingNotExported(name, f"{folder} cannot be read ({problem}): delete it") from problem
    tokenizer.no_padding()
    return OnnxEmbedder(name, notes, session, tokenizer)


def _export(model: str, name: str, kept: Path) -> None:
    """Export a model into `kept`, which is there whole or not at all."""
    if importlib.util.find_spec("onnx") is None:
        raise EmbeddingNotExported(name, "the package onnx is missing: pip install -e '.[onnx]'")
    reference = load_embedder(model)
    kept.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f"{kept.name}.", suffix=".part", dir=kept.parent))
    try:
        try:
            notes = _write(reference.model, making)
        except Exception as problem:  # the exporter, the optimizer and the quantizer raise whatever they like
            raise EmbeddingNotExported(name, f"{type(problem).__name__}: {problem}") from problem
        exported = _open(making, name)
        lowest = min(
            float(np.sum(embed_one(SENTENCES) * embed_other(SENTENCES), axis=1).min())
            for embed_one, embed_other in (
                (reference.embed_passages, exported.embed_passages),
                (reference.embed_queries, exported.embed_queries),
            )
        )
        if not lowest >= MIN_COSINE:
            raise EmbeddingNotExported(name, f"a sentence comes out at a cosine of {lowest:.3f}, not {MIN_COSINE}")
        (making / _NOTES).write_text(json.dumps(asdict(notes) | {"lowest_cosine": round(lowest, 4)}), "utf-8")
        del exported
        os.replace(making, kept)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    log.info("embedding model %s exported to %s, lowest cosine %.4f", name, kept, lowest)


def _write(model: SentenceTransformer, folder: Path) -> _Notes:
    """Write the graph (fused, quantised by channel), the tokenizer and the notes of a model."""
    import torch
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.optimizer import optimize_model

    tokenizer = model.tokenizer
    inputs = [one for one in ("input_ids", "attention_mask", "token_type_ids") if one in tokenizer.model_input_names]

    class Whole(torch.nn.Module):
        """The transformer with its pooling, from the tokenizer's tensors to the vector."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *fed: torch.Tensor) -> torch.Tensor:
            return self.model(dict(zip(inputs, fed, strict=True)))["sentence_embedding"]  # type: ignore[no-any-return]

    sample = tokenizer(["The ferry sank.", "It sank off Marrow Bay at night."], padding=True, return_tensors="pt")
    dynamic = {name: {0: "batch", 1: "tokens"} for name in inputs} | {"embedding": {0: "batch"}}
    plain, fused = folder / "plain.onnx", folder / "fused.onnx"
    with warnings.catch_warnings(), torch.no_grad():
        # The exporter by tracing is called old by its makers, but the new one needs two packages more; and it warns of
        # branches on the shape, which the check of what came out covers.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Whole().eval(),
            tuple(sample[name] for name in inputs),
            str(plain),
            input_names=inputs,
            output_names=["embedding"],
            dynamic_axes=dynamic,
            opset_version=_OPSET,
            dynamo=False,
        )
        optimize_model(str(plain), model_type="bert", opt_level=0, use_gpu=False).save_model_to_file(str(fused))
        # What is fused are Microsoft's own operators, of whose outputs ONNX does not know the type.
        untyped = {"DefaultTensorType": TensorProto.FLOAT}
        quantize_dynamic(
            str(fused), str(folder / _MODEL), per_channel=True, weight_type=QuantType.QInt8, extra_options=untyped
        )
    plain.unlink()
    fused.unlink()
    tokenizer.backend_tokenizer.save(str(folder / _TOKENIZER))
    prompts = model.prompts or {}
    document = next((prompt for one in ("document", "passage", "corpus") if (prompt := prompts.get(one))), "")
    notes = _Notes(
        dimensions=model.get_embedding_dimension() or 0,
        max_tokens=model.max_seq_length or 512,
        pad_id=tokenizer.pad_token_id or 0,
        query_prompt=prompts.get("query") or "",
        document_prompt=document,
        lowest_cosine=0.0,
    )
    (folder / _NOTES).write_text(json.dumps(asdict(notes)), "utf-8")
    return notes
