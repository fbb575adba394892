"""What the operating points promised on validation slides, and what they reach on others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime import metrics
from edge_runtime.contract import Calibration, OperatingPoint

from ..bootstrap import interval
from .reading import Units
from .scores import Interval, ratio

SPREAD = {"worst": 0.0, "lower_tenth": 0.1, "median": 0.5}
"""Quantiles of the slides' sensitivities that are told."""


@dataclass(frozen=True)
class Reached:
    """One operating point on the tiles that are evaluated."""

    name: str
    threshold_logit: float
    threshold_probability: float
    """The same, calibrated."""
    val_sensitivity: float
    """As measured on the validation slides that it was chosen on."""
    val_specificity: float
    """As above."""
    figures: Mapping[str, float]
    """sensitivity, specificity, precision here; precision is NaN where nothing was called positive."""
    intervals: Mapping[str, Interval]
    """Of the figures, over draws of slides."""
    slides: NDArray[np.float64]
    """Sensitivity of every slide that has a positive tile, ascending; empty where no slide is known."""


def spread(one: Reached) -> dict[str, float]:
    """Return the sensitivity of the worst slide, of the one at the lower tenth, of the middle one."""
    if not len(one.slides):
        return {}
    return {word: float(np.quantile(one.slides, at)) for word, at in SPREAD.items()}


def reached(
    name: str,
    point: OperatingPoint,
    calibration: Calibration,
    labels: NDArray[np.uint8],
    called: NDArray[np.bool_],
    patients: NDArray[np.str_] | None,
    units: Units,
) -> Reached:
    """Judge one operating point; arrays are (n,), `patients` is None where no slide is known."""
    truth = labels.astype(bool)
    shares = {
        "sensitivity": (truth & called, truth),
        "specificity": (~truth & ~called, ~truth),
        "precision": (truth & called, called),
    }
    intervals = {key: interval(ratio(units, over, under)) for key, (over, under) in shares.items()}
    return Reached(
        name=name,
        threshold_logit=point.threshold_logit,
        threshold_probability=float(calibration.probability(np.array(point.threshold_logit))),
        val_sensitivity=point.val_sensitivity,
        val_specificity=point.val_specificity,
        figures={key: over.sum() / under.sum() if under.any() else np.nan for key, (over, under) in shares.items()},
        intervals=intervals if units.weights.shape[1] > 1 else dict.fromkeys(shares),
        slides=np.zeros(0) if patients is None else _slide_sensitivities(truth, called, patients),
    )


def _slide_sensitivities(
    truth: NDArray[np.bool_], called: NDArray[np.bool_], patients: NDArray[np.str_]
) -> NDArray[np.float64]:
    """Return the sensitivity of every slide that has a positive tile, ascending."""
    _, slide_of = np.unique(patients[truth], return_inverse=True)
    return np.asarray(np.sort(np.bincount(slide_of, called[truth]) / np.bincount(slide_of)), np.float64)


def chosen_points(
    labels: NDArray[np.uint8], scores: NDArray[np.float32], sensitivities: Sequence[float]
) -> dict[str, OperatingPoint]:
    """Return the thresholds of scores that validation tiles give for wanted sensitivities, 0..1."""
    points = {}
    for wanted in sensitivities:
        threshold = metrics.threshold_for_sensitivity(labels, scores, wanted)
        called = scores >= threshold
        sensitivity, specificity = metrics.sensitivity(labels, called), metrics.specificity(labels, called)
        points[f"{wanted:.3g}"] = OperatingPoint(
            threshold, f"sensitivity {wanted:.1%} on validation slides", sensitivity, specificity
        )
    return points
