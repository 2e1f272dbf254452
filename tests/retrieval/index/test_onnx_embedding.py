"""ONNX Runtime makes of a text what the original model makes of it, or the exported model is refused."""

import importlib.util
import json
import shutil
import sys

import numpy as np
import pytest

from retrieval.errors import EmbeddingModelMissing, EmbeddingNotExported
from retrieval.index import onnx_embedding
from retrieval.index.embedding import PACKAGED_MODEL
from retrieval.index.onnx_embedding import MIN_COSINE, load_onnx_embedder

needs_onnx = pytest.mark.skipif(
    importlib.util.find_spec("onnx") is None, reason="the package onnx is missing: pip install -e '.[onnx]'"
)
TEXTS = ["", "ferry", "The ferry sank off Marrow Bay on Tuesday.", "北京", "Nobody was hurt. " * 100]


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """The folder that keeps the packaged model, exported once; and the model as it was first loaded."""
    folder = tmp_path_factory.mktemp("exported")
    return folder, load_onnx_embedder(PACKAGED_MODEL, cache_dir=folder)


@needs_onnx
def test_an_exported_model_says_of_every_text_what_the_original_says(exported, minilm):
    _, embedder = exported
    for ours, theirs in (
        (embedder.embed_passages(TEXTS), minilm.embed_passages(TEXTS)),
        (embedder.embed_queries(TEXTS), minilm.embed_queries(TEXTS)),
    ):
        assert ours.dtype == np.float32 and ours.shape == theirs.shape
        assert np.linalg.norm(ours, axis=1) == pytest.approx(1.0, abs=1e-5)
        assert (np.sum(ours * theirs, axis=1) > 0.97).all()
    assert (embedder.name, embedder.dimensions, embedder.max_tokens) == (minilm.name, 384, minilm.max_tokens)
    assert embedder.count_tokens(TEXTS) == minilm.count_tokens(TEXTS)
    assert embedder.embed_passages([]).shape == (0, 384)
    assert embedder.count_tokens([]) == []


@needs_onnx
def test_an_exported_model_is_loaded_again_without_the_original_and_without_the_exporter(exported, monkeypatch):
    folder, first = exported
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setattr(onnx_embedding, "load_embedder", lambda model: pytest.fail("the original was loaded"))
    again = load_onnx_embedder(PACKAGED_MODEL, cache_dir=folder)
    assert again.embed_queries(["ferry"]).tolist() == first.embed_queries(["ferry"]).tolist()
    (kept,) = folder.iterdir()
    assert json.loads((kept / "notes.json").read_text("utf-8"))["lowest_cosine"] >= MIN_COSINE


@needs_onnx
def test_an_exported_model_that_has_been_damaged_is_refused_with_what_to_do(exported, tmp_path):
    folder = shutil.copytree(exported[0], tmp_path / "copy")
    (kept,) = folder.iterdir()
    (kept / "model.onnx").write_bytes(b"no graph")
    with pytest.raises(EmbeddingNotExported, match="delete it"):
        load_onnx_embedder(PACKAGED_MODEL, cache_dir=folder)


@needs_onnx
def test_an_export_that_is_too_far_from_the_original_is_refused_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_embedding, "MIN_COSINE", 1.1)
    with pytest.raises(EmbeddingNotExported, match=r"at a cosine of 0\.\d+, not 1\.1"):
        load_onnx_embedder(PACKAGED_MODEL, cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_the_exporter_the_remedy_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_embedding.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(onnx_embedding, "packaged_model_dir", lambda: tmp_path)
    with pytest.raises(EmbeddingNotExported, match=r"pip install -e '\.\[onnx\]'"):
        load_onnx_embedder(PACKAGED_MODEL, cache_dir=tmp_path / "cache")


def test_a_model_that_is_no_folder_cannot_be_exported(tmp_path):
    with pytest.raises(EmbeddingModelMissing, match="must be a folder"):
        load_onnx_embedder("some/name", cache_dir=tmp_path)
