"""Let networks teach another: their probability becomes a part of its target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .feed import Relabel, hard_targets, logits_of
from .keras import tf
from .recipe import Recipe
from .tiles import TileSet


def follow(parent: Any, share: float) -> Relabel:
    """Return a relabelling that mixes the parent's probability of the very pixels into the target."""

    def relabel(pixels: Any, targets: Any) -> Any:
        return share * tf.sigmoid(parent(pixels, training=False)) + (1 - share) * targets

    return relabel


def taught_targets(teachers: Sequence[Any], data: TileSet, recipe: Recipe) -> NDArray[np.float32]:
    """Return float32 (n, 1): the teachers' mean probability over eight orientations, mixed with the labels."""
    opinions = [
        1 / (1 + np.exp(-logits_of(teacher, view))) for teacher in teachers for view in orientations(data.tiles)
    ]
    share = recipe.distillation.teacher_share
    taught = share * np.mean(opinions, axis=0)[:, None] + (1 - share) * hard_targets(data, recipe)
    return taught.astype(np.float32)


def orientations(tiles: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return uint8 tiles (n, h, h, 3) turned and mirrored in all eight ways, as views."""
    return [np.rot90(side, turns, axes=(1, 2)) for side in (tiles, tiles[:, :, ::-1]) for turns in range(4)]
