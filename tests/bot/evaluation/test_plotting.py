"""The curve is drawn into a PNG file, or one sentence says what is missing."""

from __future__ import annotations

import struct
import sys

import pytest

from bot.evaluation.plotting import PlotsMissing, check_plotting, draw_risk_coverage

POINTS = [
    {"confidence": 0.9, "coverage": 0.5, "risk@1": 0.0, "risk@3": 0.0},
    {"confidence": 0.2, "coverage": 1.0, "risk@1": 0.5, "risk@3": 0.25},
]


@pytest.mark.parametrize(("points", "coverage"), [(POINTS, 0.75), ([], None)])
def test_a_curve_becomes_a_picture_even_without_points(tmp_path, points, coverage):
    draw_risk_coverage(points, coverage, tmp_path / "curve.png")
    written = (tmp_path / "curve.png").read_bytes()
    assert written.startswith(b"\x89PNG\r\n")
    width, height = struct.unpack(">II", written[16:24])
    assert (width, height) == (700, 450)


def test_what_is_drawn_depends_on_the_risks(tmp_path):
    for name, points in (("one", POINTS), ("other", [point | {"risk@1": 0.9} for point in POINTS])):
        draw_risk_coverage(points, 0.75, tmp_path / name)
    assert (tmp_path / "one").read_bytes() != (tmp_path / "other").read_bytes()


def test_without_matplotlib_the_sentence_says_how_to_install_it(monkeypatch, tmp_path):
    for name in [one for one in sys.modules if one.split(".")[0] == "matplotlib"] + ["matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(PlotsMissing, match=r"pip install .*\[plots\]"):
        check_plotting()
    with pytest.raises(PlotsMissing):
        draw_risk_coverage(POINTS, None, tmp_path / "curve.png")
    assert not (tmp_path / "curve.png").exists()
