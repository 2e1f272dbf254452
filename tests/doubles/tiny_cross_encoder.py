"""A cross-encoder on disk that is small enough for a test, and whose opinion a reader can tell beforehand."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fog", "ferry", "sank", "."]
#: Tokens of a pair, special ones included.
WINDOW = 32


def save_cross_encoder(folder: Path, *, outputs: int = 1) -> str:
    """Save one that scores a pair the higher, the larger the share of the word "fog" among its tokens."""
    model = BertForSequenceClassification(_config(outputs))
    layer, pooler = model.bert.encoder.layer[0], model.bert.pooler
    with torch.no_grad():
        for name, weights in model.named_parameters():
            weights.fill_(1.0 if name.endswith("LayerNorm.weight") else 0.0)
        # Each token attends to all alike, so the first one's sum has the mean of all; "fog" alone has dimension 0.
        model.bert.embeddings.word_embeddings.weight[:, 1] = 1.0
        model.bert.embeddings.word_embeddings.weight[:, 2] = -1.0
        model.bert.embeddings.word_embeddings.weight[WORDS.index("fog"), 0] = 4.0
        for linear in (layer.attention.self.value, layer.attention.output.dense, pooler.dense):
            linear.weight.copy_(torch.eye(8))
        model.classifier.weight[:, 0] = 8.0
    return _save(folder, model)


def save_embedding_model(folder: Path) -> str:
    """Save a model of the same form that has no output for pairs."""
    return _save(folder, BertModel(_config(1)))


def _config(outputs: int) -> BertConfig:
    return BertConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        max_position_embeddings=WINDOW,
        num_labels=outputs,
    )


def _save(folder: Path, model: torch.nn.Module) -> str:
    folder.mkdir()
    (folder / "words.txt").write_text("\n".join(WORDS), "utf-8")
    BertTokenizerFast(vocab=str(folder / "words.txt")).save_pretrained(folder)
    model.save_pretrained(folder)
    return str(folder)
