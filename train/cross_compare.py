"""Set two cross-validations of the same tiles side by side, slide for slide: what one recipe gains over another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.context import alone
from edge_runtime.errors import BadInput
from edge_runtime.metrics import auc

from .bootstrap import Resampling, draws, figures, interval
from .cross_figures import RESAMPLING, counts_of
from .cross_validate import OutOfFold


def set_beside(own: OutOfFold, other: OutOfFold, resampling: Resampling = RESAMPLING) -> dict[str, Any]:
    """Return figures of both, tile by tile, and own less other: whole, with its interval over groups, and fold by fold.

    The interval draws the same slides for both. A fold's AUC stands only where both dealt the tiles alike.
    """
    same = ("labels", "patients", "groups", "xs", "ys")
    if not all(np.array_equal(getattr(own, name), getattr(other, name)) for name in same):
        raise BadInput("expected two cross-validations of the same tiles, found other tiles; run both on one index")
    every = np.ones(len(own.logits), bool)
    counts = [counts_of(oof, alone(oof.logits), every) for oof in (own, other)]
    groups = len(counts[0].positives)
    whole = [figures(each, np.ones((1, groups), np.int64)) for each in counts]
    weights = draws(groups, resampling)
    drawn = [figures(each, weights) for each in counts]
    return {
        "own": _rounded(whole[0]),
        "other": _rounded(whole[1]),
        "own less other": _rounded({name: whole[0][name] - whole[1][name] for name in whole[0]}),
        "interval": {name: interval(drawn[0][name] - drawn[1][name]) for name in drawn[0]},
        "own less other, AUC by fold": _by_fold(own, other),
    }


def _rounded(values: dict[str, NDArray[np.float64]]) -> dict[str, float]:
    return {name: round(float(value[0]), 4) for name, value in values.items()}


def _by_fold(own: OutOfFold, other: OutOfFold) -> list[float] | None:
    if not np.array_equal(own.folds, other.folds):
        return None
    parts = [own.folds == fold for fold in np.unique(own.folds)]
    return [round(_auc(own, part) - _auc(other, part), 4) for part in parts]


def _auc(oof: OutOfFold, part: NDArray[np.bool_]) -> float:
    return auc(oof.labels[part], oof.logits[part])
