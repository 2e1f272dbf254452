"""The list of what is promised on Discord names tests that there are."""

from __future__ import annotations

import ast
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

TESTS = Path(__file__).parent


def test_every_promise_names_tests_that_are_there() -> None:
    spec = spec_from_file_location("scenarios", TESTS / "scenarios.py")
    assert spec is not None and spec.loader is not None
    sys.modules["scenarios"] = scenarios = module_from_spec(spec)
    spec.loader.exec_module(scenarios)

    for promised, named in scenarios.SCENARIOS.items():
        assert named, promised
        for test in named:
            file, _, name = test.partition("::")
            tree = ast.parse((TESTS / file).read_text("utf-8"))
            assert name in {getattr(node, "name", None) for node in tree.body}, test
