"""Draw the spread over slides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..report.blocks import Plot, Table
from ..report.plots import BLUE, GREEN, GREY, RED, draw
from ..report.words import NONE, count, number, percent
from .patients import PatientScore

MOST = 40
"""Slides in the plot; the table has all."""


def patient_plot(patients: Sequence[PatientScore], threshold_name: str) -> Plot:
    """Return a row a slide, the worst on top: AUC, balanced accuracy and sensitivity."""
    shown = patients[:MOST]

    def paint(axes: Any) -> None:
        rows = np.arange(len(shown))
        for row, one in enumerate(shown):
            known = [value for value in (one.auc, one.balanced_accuracy, one.sensitivity) if value is not None]
            if known:
                axes.plot([min(known), max(known)], [row, row], color=GREY, linewidth=0.8, zorder=0)
        for values, marker, colour, name in (
            ([one.auc for one in shown], "o", BLUE, "AUC"),
            ([one.balanced_accuracy for one in shown], "D", GREEN, "balanced accuracy"),
            ([one.sensitivity for one in shown], "|", RED, "sensitivity"),
        ):
            axes.plot(values, rows, marker, color=colour, markersize=9 if marker == "|" else 5, label=name, mew=2)
        axes.set(
            xlim=(-0.02, 1.02), ylim=(len(shown) - 0.4, -0.6), xlabel="share, or AUC", ylabel="slide · carcinoma/tiles"
        )
        axes.set_yticks(rows, [f"{one.patient} · {one.positives}/{one.tiles}" for one in shown])
        axes.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=3, columnspacing=1.0, handletextpad=0.2)

    some = f" The worst {MOST} of {len(patients)}." if len(patients) > MOST else ""
    return draw(
        paint,
        f"Every slide by itself at {threshold_name}, the worst first.{some} A slide with one class has fewer "
        "marks; one with few tiles of carcinoma says little.",
        height_in=1.1 + 0.21 * len(shown),
        name="Figures by slide",
    )


def patient_histogram(patients: Sequence[PatientScore]) -> Plot:
    """Return how many slides reach which AUC and balanced accuracy."""

    def paint(axes: Any) -> None:
        bins = np.linspace(0, 1, 21)
        for values, colour, name in (
            ([one.auc for one in patients], BLUE, "AUC"),
            ([one.balanced_accuracy for one in patients], GREEN, "balanced accuracy"),
        ):
            known: NDArray[np.float64] = np.array([value for value in values if value is not None], float)
            median = f", median {np.median(known):.3f}" if len(known) else ""
            axes.hist(known, bins, histtype="step", linewidth=2, color=colour, label=f"{name}{median}")
        axes.set(xlabel="figure of a slide", ylabel="slides", xlim=(0, 1))
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.legend(loc="upper left")

    return draw(paint, "How many slides reach what. The mean over all tiles hides this.", name="Spread over slides")


def sensitivity_plot(slides: Mapping[str, NDArray[np.float64]], promised: Mapping[str, float]) -> Plot:
    """Return the sensitivity of every slide at every operating point, beside what validation slides promised."""

    def paint(axes: Any) -> None:
        for row, (name, shares) in enumerate(slides.items()):
            spread = np.random.default_rng(0).uniform(-0.18, 0.18, len(shares))
            axes.plot(shares, row + spread, "o", color=RED, markersize=4, alpha=0.6, linestyle="none")
            axes.plot([promised[name]] * 2, [row - 0.32, row + 0.32], color="#1f2528", linewidth=2)
        axes.plot([], [], color="#1f2528", linewidth=2, label="promised by validation slides")
        axes.plot([], [], "o", color=RED, alpha=0.6, markersize=4, label="a slide here")
        axes.set(xlim=(-0.02, 1.02), ylim=(len(slides) - 0.5, -0.5), xlabel="sensitivity")
        axes.set_yticks(range(len(slides)), list(slides))
        axes.grid(False, axis="y")
        axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=2, columnspacing=1.0)

    caption = "Sensitivity of every slide with carcinoma at each operating point: what is promised is a mean."
    return draw(paint, caption, height_in=1.2 + 0.6 * len(slides), name="Sensitivity by slide and operating point")


def patient_table(patients: Sequence[PatientScore], positive: str) -> Table:
    """Return a row a slide, the worst first."""
    return Table(
        header=("slide", "tiles", positive, "called", "AUC", "bal. acc.", "sensitivity", "specificity"),
        rows=[
            (
                one.patient,
                count(one.tiles),
                f"{count(one.positives)} ({percent(one.positives / one.tiles, 0)})",
                count(one.called),
                number(one.auc),
                number(one.balanced_accuracy),
                number(one.sensitivity),
                number(one.specificity),
            )
            for one in patients
        ],
        caption=f"All slides, the lowest mean of sensitivity and specificity first. {NONE}: one class only.",
        folded=len(patients) > 12,
    )
