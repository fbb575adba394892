"""Feed tiles to a network: shuffled, varied, batched, the same for the same seed and epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .augment import vary
from .keras import tf
from .recipe import Recipe
from .tiles import TileSet

Relabel = Callable[[Any, Any], Any]
"""(pixels, targets) -> targets, both float32 tensors of one batch."""


def hard_targets(data: TileSet, recipe: Recipe) -> np.ndarray:
    """Return the labels as smoothed targets, float32 (n, 1)."""
    return data.labels.astype(np.float32)[:, None] * (1 - recipe.label_smoothing) + recipe.label_smoothing / 2


def training_batches(
    data: TileSet, targets: np.ndarray, recipe: Recipe, seed: int, epoch: int, relabel: Relabel | None = None
) -> Any:
    """Return one epoch as a tf.data.Dataset of (pixels in 0..1, targets (n, 1), weights (n,)).

    Order and variation depend on seed and epoch alone, so a resumed run goes on as the unbroken one would have.
    """
    order = np.random.default_rng((seed, epoch)).permutation(len(data))
    weights = data.slide_weights()
    tiles = tf.constant(data.tiles)

    def batch(step: Any, chosen: Any) -> Any:
        draw = tf.stack([tf.constant(seed * 100_003 + epoch, tf.int32), tf.cast(step, tf.int32)])
        pixels = vary(tf.gather(tiles, chosen), recipe.augmentation, draw)
        wanted = tf.gather(tf.constant(targets), chosen)
        if relabel is not None:
            wanted = relabel(pixels, wanted)
        return pixels, wanted, tf.gather(tf.constant(weights), chosen)

    steps = tf.data.Dataset.from_tensor_slices(order).batch(recipe.batch, drop_remainder=True).enumerate()
    return steps.map(batch, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def steps_per_epoch(data: TileSet, recipe: Recipe) -> int:
    """Return the number of full batches in one pass."""
    return max(1, len(data) // recipe.batch)


def logits_of(model: Any, tiles: np.ndarray, batch: int = 256) -> np.ndarray:
    """Return the float32 logits (n,) of uint8 tiles (n, 50, 50, 3), RGB."""
    run = tf.function(lambda part: model(tf.cast(part, tf.float32) / 255.0, training=False))
    parts = [run(tf.constant(tiles[n : n + batch])) for n in range(0, len(tiles), batch)]
    return np.concatenate([np.asarray(part) for part in parts])[:, 0]
