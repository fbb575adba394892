"""How much each tile counts in the loss: by its slide, and by its class."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .recipe import Recipe
from .tiles import TileSet

_POWER = {"none": 0.0, "sqrt": 0.5, "full": 1.0}


def tile_weights(data: TileSet, recipe: Recipe) -> NDArray[np.float32]:
    """Return float32 (n,), mean 1: the recipe's slide_weight, then its class_weight.

    A tile counts 1 / (tiles of its slide) ** (0, 1/2 or 1). Balanced, the tiles of each class are then brought to the
    same sum, as `class_weight="balanced"` of scikit-learn does with tiles of equal weight.
    """
    _, slide, counts = np.unique(data.patients, return_inverse=True, return_counts=True)
    weights = 1.0 / counts[slide] ** _POWER[recipe.slide_weight]
    if recipe.class_weight == "balanced":
        weights /= np.bincount(data.labels, weights)[data.labels]
    return (weights / weights.mean()).astype(np.float32)
