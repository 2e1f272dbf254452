"""Weights are kept with what made them, and read as numbers."""

import json
from importlib import resources
from pathlib import Path

import pytest

from retrieval.search.weights import read_weights

ROOT = Path(__file__).parents[3]
FILES = [
    ("retrieval.search", "rerank_weights.json"),
    ("bot.answering", "chooser_weights.json"),
    ("bot.answering", "confidence_weights.json"),
    ("bot.answering", "support_weights.json"),
]


@pytest.mark.parametrize(("package", "file"), FILES)
def test_every_file_says_which_command_of_the_repository_made_it_from_what_and_when(package, file):
    made = json.loads(resources.files(package).joinpath(file).read_text("utf-8"))["made"]
    assert (ROOT / made["command"].split()[0]).is_file()
    assert len(made["data"].split()) > 5
    assert made["date"] >= "2026-11-22"


@pytest.mark.parametrize(("package", "file"), FILES)
def test_weights_are_numbers_by_the_name_of_their_feature(package, file):
    weights = read_weights(package, file)
    assert weights
    assert all(type(weight) is float for weight in weights.values())
