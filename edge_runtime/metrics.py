"""The figures that the parity gate and the device need, in NumPy: AUC, balanced accuracy, F1, ECE, agreement."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import BadInput


def _binary(labels: ArrayLike) -> NDArray[np.bool_]:
    truth = np.asarray(labels).astype(bool)
    if truth.size == 0 or truth.all() or not truth.any():
        raise BadInput(f"expected labels of both classes, found {int(truth.sum())} positives of {truth.size}")
    return truth


def auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the area under the ROC curve: the share of (positive, negative) pairs in order, ties count half."""
    truth, values = _binary(labels), np.asarray(scores, np.float64)
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]  # average rank of tied scores (Mann-Whitney U)
    positives = int(truth.sum())
    pairs = positives * (truth.size - positives)
    return float((ranks[truth].sum() - positives * (positives + 1) / 2) / pairs)


def sensitivity(labels: ArrayLike, decisions: ArrayLike) -> float:
    """Return the share of positives that were called positive."""
    return float(np.asarray(decisions, bool)[_binary(labels)].mean())


def specificity(labels: ArrayLike, decisions: ArrayLike) -> float:
    """Return the share of negatives that were called negative."""
    return float(1 - np.asarray(decisions, bool)[~_binary(labels)].mean())


def balanced_accuracy(labels: ArrayLike, decisions: ArrayLike) -> float:
    """Return the mean of sensitivity and specificity."""
    return (sensitivity(labels, decisions) + specificity(labels, decisions)) / 2


def f1(labels: ArrayLike, decisions: ArrayLike) -> float:
    """Return the harmonic mean of precision and sensitivity of the positive class."""
    truth, called = _binary(labels), np.asarray(decisions, bool)
    return float(2 * (truth & called).sum() / (truth.sum() + called.sum()))


def expected_calibration_error(labels: ArrayLike, probabilities: ArrayLike, bins: int = 15) -> float:
    """Return the mean gap of stated probability and observed share, over equal-width bins (Guo 2017)."""
    truth, stated = _binary(labels).astype(np.float64), np.asarray(probabilities, np.float64)
    bin_of = np.minimum((stated * bins).astype(int), bins - 1)
    gaps = np.bincount(bin_of, truth - stated, bins)
    return float(np.abs(gaps).sum() / truth.size)


def agreement(first: ArrayLike, second: ArrayLike) -> float:
    """Return the share of equal decisions."""
    return float((np.asarray(first, bool) == np.asarray(second, bool)).mean())


def best_threshold(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the score at and above which calling positive gives the best balanced accuracy, midway between scores."""
    truth, values = _binary(labels), np.asarray(scores, np.float64)
    steps, inverse = np.unique(values, return_inverse=True)
    positives = np.bincount(inverse, truth, len(steps))
    negatives = np.bincount(inverse, ~truth, len(steps))
    # calling positive from step k on: sensitivity is what lies at or above it, specificity what lies below
    missed = np.concatenate([[0], np.cumsum(positives)]) / positives.sum()
    spared = np.concatenate([[0], np.cumsum(negatives)]) / negatives.sum()
    cut = int(np.argmax(spared - missed))
    return _between(steps, cut)


def threshold_for_sensitivity(labels: ArrayLike, scores: ArrayLike, wanted: float) -> float:
    """Return the highest score at and above which calling positive finds the wanted share of positives."""
    positives = np.sort(np.asarray(scores, np.float64)[_binary(labels)])
    missed = int(np.floor((1 - wanted) * len(positives) + 1e-9))
    steps = np.unique(np.asarray(scores, np.float64))
    return _between(steps, int(np.searchsorted(steps, positives[missed])))


def _between(steps: NDArray[np.float64], cut: int) -> float:
    """Return a threshold that has `cut` of the sorted distinct scores below it."""
    if cut == 0:
        return float(steps[0])
    if cut == len(steps):
        return float(np.nextafter(steps[-1], np.inf))
    return float((steps[cut - 1] + steps[cut]) / 2)
