"""Drawing the risk-coverage curve; needs matplotlib, which is an extra of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path


class PlotsMissing(Exception):
    """Matplotlib is not installed; the text says how to install it."""

    def __init__(self) -> None:
        super().__init__(
            "Drawing needs matplotlib: .venv/bin/pip install -c config/constraints.txt -e '.[plots]', "
            "or measure without --plot."
        )


def check_plotting() -> None:
    """Make sure that curves can be drawn, before anything long is measured.

    Raises:
        PlotsMissing: they cannot.
    """
    try:
        import matplotlib.backends.backend_agg  # noqa: F401
    except ImportError as problem:
        raise PlotsMissing from problem


def draw_risk_coverage(points: Sequence[Mapping[str, float]], coverage: float | None, path: Path) -> None:
    """Draw the curves of `bot.evaluation.run.evaluate` into a PNG file, which is replaced if it exists.

    Args:
        points: each with its "coverage" and its "risk@1" and "risk@3"; may be empty.
        coverage: the share of questions that is answered now, marked by a line; None marks nothing.
        path: the file.

    Raises:
        PlotsMissing: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    check_plotting()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    FigureCanvasAgg(figure)  # draws without a screen
    axes = figure.subplots()
    covered = [point["coverage"] for point in points]
    for name, label in (("risk@1", "first quote lacks the answer"), ("risk@3", "first three quotes lack it")):
        axes.plot(covered, [point[name] for point in points], label=label)
    if coverage is not None:
        axes.axvline(coverage, color="grey", linestyle="--", label="answered at the present setting")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="share of questions answered", ylabel="share of answers that are wrong")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")
    figure.savefig(path, format="png")
