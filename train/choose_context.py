"""Choose what neighbours weigh, by slides that the networks behind the logits never saw.

The candidates are means: not negative, normalized, of two or three numbers each, since few slides have whole
neighbourhoods and learned heads were seen to fit those. A winner must hold on folds that had no say in choosing it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime import metrics
from edge_runtime.context import InContext, Places, over_places
from edge_runtime.errors import BadInput

from .cross_validate import OutOfFold
from .decide_context import LEAST_TILES, MIN_SUPPORT
from .recipe import TILE_PX
from .recipe_parts import ContextKernel

CANDIDATES = tuple(
    ContextKernel(radius, sigma, own)
    for radius, sigma in ((1, 0.0), (1, 1.0), (2, 0.0), (2, 1.0), (2, 1.5), (2, 2.0), (3, 1.5), (3, 2.0), (4, 2.5))
    for own in (1.0, 2.0, 3.0)
)
"""Flat and Gaussian means of 3x3 to 9x9 tiles, the tile itself counting once to three times."""

WORTH = 0.0005
"""A wider kernel must be better than a narrower one by more than this AUC."""


@dataclass(frozen=True)
class Choice:
    """What the folds said."""

    kernel: ContextKernel
    """The winner over all folds."""
    table: list[dict[str, float]]
    """A row a candidate: its numbers, mean AUC over folds, and the gain on the plain tile."""
    nested: NDArray[np.float32]
    """float32 (n,): each fold's logits in the context that the other folds chose."""


def stage(oof: OutOfFold, kernel: ContextKernel) -> InContext:
    """Return what a kernel makes of out-of-fold logits, whole slides at a time."""
    _, slides = np.unique(oof.patients, return_inverse=True)
    places = Places(slides, oof.xs, oof.ys, TILE_PX)
    return over_places(kernel.kernel(), oof.logits, np.ones(len(oof.logits), bool), places)


def choose_context(oof: OutOfFold) -> Choice:
    """Return the kernel with the best mean AUC over folds; refuses tiles without neighbours."""
    dense = stage(oof, ContextKernel(1)).support >= MIN_SUPPORT
    folds = [fold for fold in np.unique(oof.folds) if _has_a_say(oof, dense & (oof.folds == fold))]
    if len(folds) < 2:
        raise BadInput(
            f"expected at least 2 folds with {LEAST_TILES} tiles of both classes that have neighbours, found "
            f"{len(folds)}; add whole slides, or leave the context away (radius = 0)"
        )
    found = [stage(oof, kernel).logits for kernel in CANDIDATES]
    scores = np.array([[_auc(oof, logits, dense & (oof.folds == fold)) for fold in folds] for logits in found])
    plain = np.array([_auc(oof, oof.logits, dense & (oof.folds == fold)) for fold in folds])
    nested = oof.logits.copy()
    for fold in np.unique(oof.folds):
        others = np.array([other != fold for other in folds])
        nested[oof.folds == fold] = found[_best(scores[:, others])][oof.folds == fold]
    table = [
        asdict(kernel)
        | {"auc": float(row.mean()), "gain": float((row - plain).mean()), "least_gain": float((row - plain).min())}
        for kernel, row in zip(CANDIDATES, scores, strict=True)
    ]
    return Choice(CANDIDATES[_best(scores)], table, nested)


def _best(scores: NDArray[np.float64]) -> int:
    """Return the first candidate, narrowest first, whose mean score (candidates, folds) is within WORTH of the best."""
    means = scores.mean(1)
    return int(np.flatnonzero(means >= means.max() - WORTH)[0])


def _has_a_say(oof: OutOfFold, chosen: NDArray[np.bool_]) -> bool:
    return int(chosen.sum()) >= LEAST_TILES and len(set(oof.labels[chosen].tolist())) == 2


def _auc(oof: OutOfFold, logits: NDArray[np.float32], chosen: NDArray[np.bool_]) -> float:
    return metrics.auc(oof.labels[chosen], logits[chosen])
