"""The figures on the pinned corpus hold their floors, and a floor is not lowered by the way."""

import importlib.util
import json
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("gate", Path(__file__).with_name("gate.py"))
gate = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(gate)


async def test_every_figure_holds_its_floor(tmp_path):
    floors = json.loads(gate.FLOORS.read_text("utf-8"))
    assert floors["answers: verbatim"] >= 0.99
    assert gate.below(gate.held(await gate.measure(tmp_path)), floors) == {}


def test_a_figure_below_its_floor_or_missing_is_named():
    assert gate.below({"a": 0.5, "b": 0.7}, {"a": 0.6, "b": 0.7, "c": 0.1}) == {"a": (0.5, 0.6), "c": (None, 0.1)}


def test_pinning_raises_floors_and_refuses_to_lower_one_unless_it_is_named():
    assert gate.pinned({"a": 0.8}, {"a": 0.6}, []) == {"a": 0.79}
    assert gate.pinned({"a": 0.605}, {"a": 0.6}, []) == {"a": 0.6}
    with pytest.raises(ValueError, match="lowered: a"):
        gate.pinned({"a": 0.5}, {"a": 0.6}, [])
    with pytest.raises(ValueError, match="lowered: gone"):
        gate.pinned({}, {"gone": 0.6}, [])
    assert gate.pinned({"a": 0.5}, {"a": 0.6}, ["a"]) == {"a": 0.49}
