"""Weights of small linear models, kept as files beside the code that uses them, each with the command that made it."""

from __future__ import annotations

import json
from importlib import resources


def read_weights(package: str, file: str) -> dict[str, float]:
    """Read a packaged weights file: {"made": {"command", "data", "date"}, "weights": {feature: weight}}."""
    kept = json.loads(resources.files(package).joinpath(file).read_text("utf-8"))
    return {str(name): float(weight) for name, weight in kept["weights"].items()}
