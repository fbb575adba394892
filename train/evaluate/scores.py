"""Score a reading: every figure by scikit-learn, and how far it could move with other slides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from edge_runtime import metrics

from ..bootstrap import count, figures, interval
from .bands import average_precisions
from .reading import Reading, Units

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class Scores:
    """The figures of one reading at its default operating point."""

    values: Mapping[str, float]
    """By name."""
    intervals: Mapping[str, Interval]
    """Central 95 % over draws of slides, by name; those of which a draw would give another quantity are not there."""
    confusion: NDArray[np.int64]
    """int64 (2, 2): truth by decision, negative first."""
    report: Mapping[str, Any]
    """scikit-learn's classification report."""
    resampled: Mapping[str, NDArray[np.float64]]
    """float64 (r,) by name: the figures of the draws, for paired differences."""


def score(labels: NDArray[np.uint8], reading: Reading, units: Units, names: tuple[str, str]) -> Scores:
    """Score a reading of tiles with both classes; `names` are the labels' words."""
    called = reading.called[reading.default]
    resampled = resample(labels, reading, units)
    return Scores(
        values=values_of(labels, reading.scores, reading.probabilities, called),
        intervals={name: interval(drawn) for name, drawn in resampled.items()} if units.weights.shape[1] > 1 else {},
        confusion=sk.confusion_matrix(labels, called, labels=[0, 1]),
        report=sk.classification_report(
            labels, called, labels=[0, 1], target_names=list(names), output_dict=True, zero_division=0.0
        ),
        resampled=resampled,
    )


def values_of(
    labels: NDArray[np.uint8],
    scores: NDArray[np.float32],
    probabilities: NDArray[np.float32],
    called: NDArray[np.bool_],
) -> dict[str, float]:
    """Return the figures of labelled tiles; all arrays are (n,)."""
    return {
        "auc": float(sk.roc_auc_score(labels, scores)),
        "average_precision": float(sk.average_precision_score(labels, scores)),
        "balanced_accuracy": float(sk.balanced_accuracy_score(labels, called)),
        "accuracy": float(sk.accuracy_score(labels, called)),
        "f1": float(sk.f1_score(labels, called, zero_division=0.0)),
        "precision": float(sk.precision_score(labels, called, zero_division=0.0)),
        "sensitivity": float(sk.recall_score(labels, called)),
        "specificity": float(sk.recall_score(labels, called, pos_label=0)),
        "loss": float(sk.log_loss(labels, probabilities.astype(np.float64), labels=[0, 1])),
        "brier": float(sk.brier_score_loss(labels, probabilities)),
        "ece": metrics.expected_calibration_error(labels, probabilities),
    }


def resample(labels: NDArray[np.uint8], reading: Reading, units: Units) -> dict[str, NDArray[np.float64]]:
    """Return each figure (r,) over draws of slides.

    ECE is left out: a draw repeats slides, which makes its ECE larger than that of all of them.
    """
    called, truth = reading.called[reading.default], labels.astype(bool)
    drawn = figures(count(labels, reading.scores, called, reading.probabilities, units.of_tile), units.weights)
    stated = np.clip(np.where(truth, reading.probabilities, 1 - reading.probabilities), np.finfo(np.float32).eps, 1)
    return {name: drawn[name] for name in ("auc", "balanced_accuracy", "f1", "sensitivity", "specificity")} | {
        "accuracy": ratio(units, called == truth, np.ones(len(truth))),
        "precision": ratio(units, called & truth, called),
        "loss": ratio(units, -np.log(stated), np.ones(len(truth))),
        "average_precision": average_precisions(labels, reading.scores, units),
    }


def ratio(
    units: Units, over: NDArray[np.bool_] | NDArray[np.floating], under: NDArray[np.bool_] | NDArray[np.floating]
) -> NDArray[np.float64]:
    """Return float64 (r,): in each draw the sum of `over` (n,) divided by that of `under` (n,); NaN where that is 0."""
    size = units.weights.shape[1]
    sums = [units.weights @ np.bincount(units.of_tile, part.astype(np.float64), size) for part in (over, under)]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(sums[1] > 0, sums[0] / sums[1], np.nan)
