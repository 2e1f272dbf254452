"""An entailment model is read by its own labels, whatever their order, and one that has none is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

from bot.answering.entailment import load_entailment_model
from bot.answering.errors import EntailmentModelUnusable

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fog", "ferry", "."]


def save_model(folder: Path, labels: list[str], bias: list[float]) -> str:
    """Save a tiny cross-encoder whose opinion is the same of every pair: the softmax of `bias`."""
    folder.mkdir()
    (folder / "words.txt").write_text("\n".join(WORDS), "utf-8")
    BertTokenizerFast(vocab=str(folder / "words.txt"), model_max_length=64).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        id2label=dict(enumerate(labels)),
        label2id={name: number for number, name in enumerate(labels)},
    )
    model = BertForSequenceClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor(bias))
    model.save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize(
    ("labels", "bias"),
    [
        (["contradiction", "entailment", "neutral"], [0.0, 9.0, 0.0]),
        (["ENTAILMENT", "NEUTRAL", "CONTRADICTION"], [9.0, 0.0, 0.0]),
        (["not_entailment", "entailment"], [0.0, 9.0]),
    ],
)
def test_the_probability_is_that_of_the_label_entailment_wherever_it_stands(
    tmp_path: Path, labels: list[str], bias: list[float]
) -> None:
    model = load_entailment_model(save_model(tmp_path / "sure", labels, bias))
    pairs = [("fog . ferry", "ferry"), ("fog " * 200, "ferry")]
    assert model.entail(pairs) == pytest.approx([1.0, 1.0], abs=1e-3)
    model = load_entailment_model(save_model(tmp_path / "against", labels, [-one for one in bias]))
    assert model.entail(pairs) == pytest.approx([0.0, 0.0], abs=1e-3)
    assert model.entail([]) == []


@pytest.mark.parametrize("labels", [["relevant"], ["LABEL_0", "LABEL_1", "LABEL_2"], ["not_entailment", "neutral"]])
def test_a_model_without_a_label_for_entailment_is_refused(tmp_path: Path, labels: list[str]) -> None:
    folder = save_model(tmp_path / "model", labels, [0.0] * len(labels))
    with pytest.raises(EntailmentModelUnusable, match="none means entailment"):
        load_entailment_model(folder)


def test_a_model_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EntailmentModelUnusable, match="nowhere"):
        load_entailment_model(str(tmp_path / "nowhere"))
