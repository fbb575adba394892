"""Score a cross-validation: every fold at the thresholds and calibration that the other folds' slides give."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.context import InContext, alone
from edge_runtime.reading import blend

from .bootstrap import Counts, Resampling, count, draws, figures, interval
from .choose_context import Choice, stage
from .cross_validate import OutOfFold
from .decide import decide
from .decide_context import MIN_SUPPORT
from .recipe_parts import ContextKernel

RESAMPLING = Resampling()


def score_folds(oof: OutOfFold, choice: Choice | None, resampling: Resampling = RESAMPLING) -> dict[str, Any]:
    """Return figures of tile mode, and of context mode where a kernel was chosen, with intervals over groups.

    Context is scored on tiles that have at least half their neighbours, tile mode beside it on the same tiles; its
    logits are the nested ones: a fold never had a say in the kernel that it is scored with.
    """
    every = np.ones(len(oof.logits), bool)
    scored = {"tile": _score(oof, alone(oof.logits), every, resampling)}
    if choice is not None:
        found = InContext(choice.nested, stage(oof, choice.kernel).support)
        dense = stage(oof, ContextKernel(1)).support >= MIN_SUPPORT
        flat = stage(oof, ContextKernel(1))
        scored |= {
            "tile, tiles with neighbours": _score(oof, alone(oof.logits), dense, resampling),
            "3x3 mean, tiles with neighbours": _score(oof, flat, dense, resampling),
            "context, tiles with neighbours": _score(oof, found, dense, resampling),
        }
    return scored


def counts_of(oof: OutOfFold, found: InContext, chosen: NDArray[np.bool_]) -> Counts:
    """Return what was found of each group's chosen tiles, bool (n,), at the other folds' thresholds and calibration."""
    called, scores = np.zeros(len(chosen), bool), np.zeros(len(chosen), np.float32)
    for fold in np.unique(oof.folds[chosen]):
        others, own = chosen & (oof.folds != fold), chosen & (oof.folds == fold)
        mode = decide(oof.labels[others], found.logits[others], oof.patients[others])
        reading = blend(InContext(found.logits[own], found.support[own]), mode, mode)
        called[own], scores[own] = reading.positive, reading.scores
    _, groups = np.unique(oof.groups[chosen], return_inverse=True)
    probabilities = np.asarray(1 / (1 + np.exp(-scores[chosen])), np.float32)
    return count(oof.labels[chosen], scores[chosen], called[chosen], probabilities, groups)


def _score(oof: OutOfFold, found: InContext, chosen: NDArray[np.bool_], resampling: Resampling) -> dict[str, Any]:
    counts = counts_of(oof, found, chosen)
    groups = len(counts.positives)
    whole = figures(counts, np.ones((1, groups), np.int64))
    resampled = figures(counts, draws(groups, resampling))
    return {
        "tiles": int(chosen.sum()),
        "slides": len(set(oof.patients[chosen].tolist())),
        "figures": {name: round(float(value[0]), 4) for name, value in whole.items()},
        "intervals": {name: interval(values) for name, values in resampled.items()},
    }
