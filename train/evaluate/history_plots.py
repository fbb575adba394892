"""Draw the epochs of fits: loss, accuracy, AUC and learning rate, of one run or of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..report.blocks import Plot
from ..report.plots import CYCLE, draw
from .run_records import Histories

CURVES: Mapping[str, Sequence[tuple[str, str, str]]] = {
    "loss": (("loss", "--", "train"), ("val_loss", "-", "validation")),
    "accuracy": (("accuracy", "--", "train"), ("val_accuracy", "-", "validation")),
    "AUC": (("val_auc", "-", "validation"),),
    "balanced accuracy": (("val_balanced_accuracy", "-", "validation, best threshold"),),
    "learning rate": (("learning_rate", "-", "end of the epoch"),),
}
"""What is drawn: axis -> (name in the record, line, word)."""
_CAPTIONS = {
    "loss": "Cross-entropy. That of training is measured on varied tiles with smoothed or taught targets and dropout, "
    "that of validation on plain tiles with the averaged weights and hard labels: their levels do not compare.",
    "accuracy": "Share of tiles on the right side of logit 0; training again on varied tiles, with dropout.",
    "AUC": "AUC on validation patients; the epoch with the highest is kept.",
    "balanced accuracy": "Balanced accuracy on validation patients at the best threshold of that epoch.",
    "learning rate": "Learning rate.",
}


def history_plots(histories: Histories) -> list[Plot]:
    """Return a plot for every kind of figure that the records hold, a colour a fit."""
    return [
        _plot(axis, [curve for curve in curves if _has(histories, curve[0])], histories)
        for axis, curves in CURVES.items()
        if any(_has(histories, name) for name, _, _ in curves)
    ]


def _has(histories: Histories, name: str) -> bool:
    return any(name in record for records in histories.values() for record in records)


def _plot(axis: str, curves: Sequence[tuple[str, str, str]], histories: Histories) -> Plot:
    def paint(axes: Any) -> None:
        for colour, (fit, records) in zip(_colours(len(histories)), histories.items(), strict=True):
            for name, line, _ in curves:
                at = [(record["epoch"], record[name]) for record in records if name in record]
                marker = "o" if len(at) == 1 else None
                axes.plot(*zip(*at, strict=True) if at else ([], []), line, color=colour, marker=marker)
            axes.plot([], [], "-", color=colour, label=fit)
        if len(curves) > 1:
            for _, line, word in curves:
                axes.plot([], [], line, color="#444b50", label=word)
        axes.set(xlabel="epoch", ylabel=axis)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend()

    words = "" if len(curves) > 1 or axis not in ("loss", "accuracy") else f" The records hold {curves[0][2]} alone."
    return draw(paint, _CAPTIONS[axis] + words, height_in=3.4, name=f"{axis} by epoch")


def _colours(count: int) -> list[str]:
    return [CYCLE[n % len(CYCLE)] for n in range(count)]
