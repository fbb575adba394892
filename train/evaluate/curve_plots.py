"""Draw what a reading is worth over all thresholds: ROC, precision and recall, calibration, the spread of scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.calibration import calibration_curve

from ..bootstrap import ECE_BINS
from ..report.blocks import Plot
from ..report.plots import BLUE, CLASS_COLOURS, GREY, ORANGE, draw, draw_figure, unit_axes
from .bands import GRID, Curve
from .operating import Reached
from .scores import Scores

_MARKERS = "osD^vP*X"


def roc_plot(curves: Mapping[str, Curve], scores: Mapping[str, Scores], points: Sequence[Reached]) -> Plot:
    """Return the ROC curves of some readings; operating points lie on the first."""

    def paint(axes: Any) -> None:
        unit_axes(axes, "1 − specificity (false alarms)", "sensitivity (carcinoma found)")
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=":")
        _paint_curves(axes, curves, {name: ("AUC", one.values["auc"]) for name, one in scores.items()})
        for marker, point in zip(_MARKERS, points, strict=False):
            at = 1 - point.figures["specificity"], point.figures["sensitivity"]
            axes.plot(*at, marker, color="#1f2528", markersize=6, label=point.name, linestyle="none")
        axes.legend(loc="lower right")

    return draw(
        paint,
        "ROC curve. The band holds 95 % of the curves that draws of the slides give"
        + ("; markers are operating points of the first." if points else "."),
        height_in=4.5,
        name="ROC curve",
    )


def precision_recall_plot(curves: Mapping[str, Curve], scores: Mapping[str, Scores], share: float) -> Plot:
    """Return precision against sensitivity; `share` is the share of positives, what guessing would reach."""

    def paint(axes: Any) -> None:
        unit_axes(axes, "recall (sensitivity)", "precision")
        axes.axhline(share, color=GREY, linewidth=1, linestyle=":", label=f"guessing, {share:.3f}")
        _paint_curves(axes, curves, {name: ("AP", one.values["average_precision"]) for name, one in scores.items()})
        axes.legend(loc="lower left")

    return draw(
        paint,
        "Precision and recall, with the average precision (AP) and the same band. Precision depends on how common "
        "carcinoma is among the tiles, so it does not carry over to another collection of slides.",
        height_in=4.5,
        name="Precision-recall curve",
    )


def _paint_curves(axes: Any, curves: Mapping[str, Curve], figures: Mapping[str, tuple[str, float]]) -> None:
    for name, curve in curves.items():
        word, value = figures[name]
        (line,) = axes.plot(curve.x, curve.y, label=f"{name}, {word} {value:.3f}")
        axes.fill_between(GRID, curve.low, curve.high, color=line.get_color(), alpha=0.15, linewidth=0)


def reliability_plot(
    labels: NDArray[np.uint8], before: NDArray[np.float32], after: NDArray[np.float32], gaps: tuple[float, float]
) -> Plot:
    """Return stated probability against observed share, before and after calibration; `gaps` are the two ECE."""

    def paint(figure: Figure) -> None:
        axes, below = figure.subplots(2, 1, height_ratios=(4, 1), sharex=True)
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=":")
        for stated, colour, marker, words in (
            (before, ORANGE, "s", f"as the network says, ECE {gaps[0]:.3f}"),
            (after, BLUE, "o", f"after Platt, ECE {gaps[1]:.3f}"),
        ):
            observed, mean = calibration_curve(labels, stated, n_bins=ECE_BINS)
            axes.plot(mean, observed, marker=marker, color=colour, markersize=4, label=words)
            below.hist(stated, np.linspace(0, 1, ECE_BINS + 1), histtype="step", color=colour, linewidth=1.5)
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), ylabel="share with carcinoma")
        axes.legend(loc="upper left")
        below.set(xlabel="stated probability", ylabel="tiles", yscale="log")

    return draw_figure(
        paint,
        f"Reliability in {ECE_BINS} bins: a point on the diagonal is a probability that means what it says. "
        "Below, the tiles in each bin (logarithmic). ECE is the mean distance from the diagonal.",
        height_in=4.5,
        name="Reliability diagram",
    )


def score_plot(
    labels: NDArray[np.uint8], probabilities: NDArray[np.float32], names: Sequence[str], points: Sequence[Reached]
) -> Plot:
    """Return how the probabilities of either class are spread, with the thresholds."""

    def paint(axes: Any) -> None:
        bins = np.linspace(0, 1, 41)
        for label, (name, colour) in enumerate(zip(names, CLASS_COLOURS, strict=True)):
            chosen = probabilities[labels == label]
            weights = np.full(len(chosen), 1 / max(1, len(chosen)))
            axes.hist(chosen, bins, weights=weights, color=colour, alpha=0.55, label=name)
        for style, point in zip(("-", "--", ":", "-."), points, strict=False):
            axes.axvline(point.threshold_probability, color="#1f2528", linewidth=1.2, linestyle=style, label=point.name)
        axes.set(xlabel="calibrated probability", ylabel="share of the class's tiles", xlim=(0, 1))
        axes.legend(loc="upper center")

    return draw(paint, "Probabilities by true class; lines are thresholds.", name="Distribution of probabilities")


def confusion_plot(confusion: NDArray[np.int64], names: Sequence[str], point: str) -> Plot:
    """Return the confusion matrix, shaded by the share of each row."""

    def paint(axes: Any) -> None:
        shares = confusion / np.maximum(confusion.sum(1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.15)
        for (row, column), tiles in np.ndenumerate(confusion):
            colour = "white" if shares[row, column] > 0.6 else "#1f2528"
            axes.text(column, row - 0.07, f"{tiles:,}", ha="center", va="center", fontsize=15, color=colour)
            words = f"{shares[row, column]:.1%} of {names[row]}"
            axes.text(column, row + 0.17, words, ha="center", va="center", fontsize=8.5, color=colour)
        axes.set(xticks=(0, 1), yticks=(0, 1), xlabel="called", ylabel="truth", xticklabels=names)
        axes.set_yticklabels(names, rotation=90, va="center")
        axes.grid(False)
        axes.spines[:].set_visible(False)

    return draw(paint, f"Tiles by truth and decision at the operating point {point}.", 3.9, name="Confusion matrix")
