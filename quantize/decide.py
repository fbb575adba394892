"""Choose thresholds and calibration on validation patients, with the logits of the very graph that ships."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from edge_runtime import metrics
from edge_runtime.contract import BALANCED, SENSITIVITY95, Calibration, Mode, OperatingPoint

WANTED_SENSITIVITY = 0.95


def decide(labels: NDArray[np.uint8], logits: NDArray[np.float32]) -> Mode:
    """Return the operating points and Platt's calibration of validation tiles; labels and logits are (n,)."""
    return Mode(
        operating_points={
            BALANCED: _point(labels, logits, metrics.best_threshold(labels, logits), "best balanced accuracy on val"),
            SENSITIVITY95: _point(
                labels,
                logits,
                metrics.threshold_for_sensitivity(labels, logits, WANTED_SENSITIVITY),
                f"sensitivity {WANTED_SENSITIVITY:.0%} on val",
            ),
        },
        calibration=platt(labels, logits),
    )


def platt(labels: NDArray[np.uint8], logits: NDArray[np.float32]) -> Calibration:
    """Return the scale and bias that make sigmoid(scale * logit + bias) most likely (Platt 1999), unpenalized."""
    model = LogisticRegression(C=np.inf).fit(logits[:, None].astype(np.float64), labels)
    return Calibration(float(model.coef_[0, 0]), float(model.intercept_[0]))


def _point(labels: NDArray[np.uint8], logits: NDArray[np.float32], threshold: float, why: str) -> OperatingPoint:
    called = logits >= threshold
    return OperatingPoint(threshold, why, metrics.sensitivity(labels, called), metrics.specificity(labels, called))
