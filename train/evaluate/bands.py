"""ROC and precision-recall curves with what other slides would make of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from ..bootstrap import LEVEL
from .reading import Units

GRID = np.linspace(0, 1, 201)
"""Where the bands are drawn, along the x axis."""
_AT_ONCE = 4_000_000
"""Cells of (draws, thresholds) held in memory at a time, 32 MB a table."""


@dataclass(frozen=True)
class Curve:
    """A curve from 0 to 1, and the central 95 % of those of the draws."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    low: NDArray[np.float64]
    """At GRID."""
    high: NDArray[np.float64]
    """At GRID."""


def roc(labels: NDArray[np.uint8], scores: NDArray[np.float32], units: Units) -> Curve:
    """Return sensitivity (y) against 1 - specificity (x)."""
    x, y, _ = sk.roc_curve(labels, scores)
    drawn = [
        np.interp(GRID, one_spared, one_found)
        for found, false in _swept(labels, scores, units)
        for one_found, one_spared in zip(_shares(found), _shares(false), strict=True)
    ]
    return Curve(x, y, *_central(drawn))


def precision_recall(labels: NDArray[np.uint8], scores: NDArray[np.float32], units: Units) -> Curve:
    """Return precision (y) against sensitivity (x)."""
    precision, recall, _ = sk.precision_recall_curve(labels, scores)
    precision, recall = precision[recall > 0], recall[recall > 0]  # the end that scikit-learn adds is no threshold
    drawn = [
        np.interp(GRID, one_recall, one_precision)
        for found, false in _swept(labels, scores, units)
        for one_recall, one_precision in zip(_shares(found), _precisions(found, false), strict=True)
    ]
    return Curve(recall[::-1], precision[::-1], *_central(drawn))


def average_precisions(labels: NDArray[np.uint8], scores: NDArray[np.float32], units: Units) -> NDArray[np.float64]:
    """Return float64 (r,): the average precision of every draw, as scikit-learn defines it."""
    parts = []
    for found, false in _swept(labels, scores, units):
        recall, precision = _shares(found), _precisions(found, false)
        parts.append((np.diff(recall, axis=1, prepend=0) * precision).sum(1))
    return np.concatenate(parts)


def _swept(
    labels: NDArray[np.uint8], scores: NDArray[np.float32], units: Units
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Yield (found, falsely called) (draws, thresholds), thresholds falling over the distinct scores."""
    steps, step_of = np.unique(-scores.astype(np.float64), return_inverse=True)
    shape = units.weights.shape[1], len(steps)
    cell = np.ravel_multi_index((units.of_tile, step_of), shape)
    tables = [np.bincount(cell, labels == side, shape[0] * shape[1]).reshape(shape) for side in (1, 0)]
    at_once = max(1, _AT_ONCE // len(steps))
    for start in range(0, len(units.weights), at_once):
        weights = units.weights[start : start + at_once].astype(np.float64)
        found, false = (np.cumsum(weights @ table, axis=1) for table in tables)
        both = (found[:, -1] > 0) & (false[:, -1] > 0)
        yield found[both], false[both]


def _shares(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    return sums / sums[:, -1:]


def _precisions(found: NDArray[np.float64], false: NDArray[np.float64]) -> NDArray[np.float64]:
    called = found + false
    return np.divide(found, called, out=np.ones_like(found), where=called > 0)


def _central(drawn: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not drawn:
        return np.full(len(GRID), np.nan), np.full(len(GRID), np.nan)
    low, high = np.quantile(np.stack(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high
