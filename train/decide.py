"""Choose thresholds and calibration on validation patients, with the logits of the very graph that ships."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from edge_runtime import metrics
from edge_runtime.contract import BALANCED, SENSITIVITY, Calibration, Mode, OperatingPoint
from edge_runtime.errors import BadInput

WANTED_SENSITIVITY = 0.95
"""Of the second operating point, unless another is asked for."""
RESAMPLES = 1000
"""Sets of slides drawn with replacement for the threshold."""

UNDECIDED = Mode({BALANCED: OperatingPoint(0.0, "not chosen yet", 0.0, 0.0)}, Calibration())
"""Of a graph that has not seen a validation tile yet."""


def decide(
    labels: NDArray[np.uint8],
    logits: NDArray[np.float32],
    slides: NDArray[np.str_],
    sensitivity: float = WANTED_SENSITIVITY,
) -> Mode:
    """Return the operating points and Platt's calibration of validation tiles; all arrays are (n,)."""
    name, auc = sensitivity_name(sensitivity), metrics.auc(labels, logits)
    if auc <= 0.5:
        raise BadInput(f"expected logits that tell the validation classes apart, found AUC {auc:.3f}; train for longer")
    balanced = bagged_threshold(labels, logits, slides)
    sensitive = metrics.threshold_for_sensitivity(labels, logits, sensitivity)
    where = "on validation slides"
    return Mode(
        operating_points={
            BALANCED: operating_point(labels, logits >= balanced, balanced, f"balanced accuracy {where}, bagged"),
            name: operating_point(
                labels, logits >= sensitive, sensitive, f"sensitivity {100 * sensitivity:g}% {where}"
            ),
        },
        calibration=platt(labels, logits),
    )


def sensitivity_name(sensitivity: float) -> str:
    """Return the name of the operating point of a wanted sensitivity, 0..1: `sensitivity95`."""
    if not 0 < sensitivity < 1:
        raise BadInput(f"expected a wanted sensitivity between 0 and 1, found {sensitivity:g}; write 0.95 for 95 %")
    return f"{SENSITIVITY}{100 * sensitivity:g}"


def bagged_threshold(
    labels: NDArray[np.uint8], logits: NDArray[np.float32], slides: NDArray[np.str_], seed: int = 0
) -> float:
    """Return the mean, over resampled sets of slides, of the threshold with the best balanced accuracy (Breiman 1996).

    The best threshold of one set jumps about where the curve is flat, and would differ between a network and its
    int8 copy for no reason: 0.23 in logit for one such pair, whose means lie 0.07 apart.
    """
    steps, step_of = np.unique(logits.astype(np.float64), return_inverse=True)
    names, slide_of = np.unique(slides, return_inverse=True)
    shape = len(names), len(steps)
    cell = np.ravel_multi_index((slide_of, step_of), shape)
    positives = np.bincount(cell, labels == 1, shape[0] * shape[1]).reshape(shape)
    negatives = np.bincount(cell, labels == 0, shape[0] * shape[1]).reshape(shape)
    times_drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    missed = np.cumsum(times_drawn @ positives, 1)
    spared = np.cumsum(times_drawn @ negatives, 1)
    gain = spared / np.maximum(spared[:, -1:], 1) - missed / np.maximum(
        missed[:, -1:], 1
    )  # calling positive above step k
    best = np.minimum(gain.argmax(1), len(steps) - 2)
    return float(np.mean((steps[best] + steps[best + 1]) / 2))


def platt(labels: NDArray[np.uint8], logits: NDArray[np.float32]) -> Calibration:
    """Return the scale and bias that make sigmoid(scale * logit + bias) most likely (Platt 1999), unpenalized."""
    model = LogisticRegression(C=np.inf).fit(logits[:, None].astype(np.float64), labels)
    return Calibration(float(model.coef_[0, 0]), float(model.intercept_[0]))


def operating_point(
    labels: NDArray[np.uint8], called: NDArray[np.bool_], threshold: float, chosen_for: str
) -> OperatingPoint:
    """Return a threshold with what it reached on validation tiles; `called` bool (n,): those at or above it."""
    return OperatingPoint(
        threshold, chosen_for, metrics.sensitivity(labels, called), metrics.specificity(labels, called)
    )
