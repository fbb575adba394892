"""Feed tiles to a network: shuffled, varied, batched, the same for the same seed and epoch, from a mapped file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .augment import Rows, mix, vary
from .keras import tf
from .recipe import Recipe
from .tiles import TileSet
from .weights import tile_weights

_AHEAD = 4
"""Batches made ready while the network is at work."""


@dataclass(frozen=True)
class Share:
    """Which replicas one pipeline feeds. Every step, it reads its own rows of the batch and no others."""

    first: int = 0
    """The first of its replicas, from 0."""
    replicas: int = 1
    """How many it feeds, one after the other."""
    of: int = 1
    """How many there are in all, on all hosts."""


def hard_targets(data: TileSet, recipe: Recipe) -> NDArray[np.float32]:
    """Return the labels as smoothed targets, float32 (n, 1)."""
    return data.labels.astype(np.float32)[:, None] * (1 - recipe.label_smoothing) + recipe.label_smoothing / 2


def training_batches(
    data: TileSet, targets: NDArray[np.float32], recipe: Recipe, seed: int, epochs: range, share: Share | None = None
) -> Any:
    """Return some epochs, end to end, as a tf.data.Dataset of (pixels in 0..1, targets (n, 1), weights (n,)).

    Order and variation depend on seed and epoch alone, not on where a run began or among how many replicas a batch is
    divided. Only the tiles of a few batches are in memory at any time: `data` may be larger than that.
    """
    share = share or Share()
    size = replica_batch(recipe, share.of)
    steps = steps_per_epoch(data, recipe)
    weights = tile_weights(data, recipe)

    @lru_cache(maxsize=2)
    def order(epoch: int) -> NDArray[np.int64]:
        return np.random.default_rng((seed, epoch)).permutation(len(data))

    def read(number: NDArray[np.int64]) -> tuple[Any, ...]:
        step, replica = divmod(int(number), share.replicas)
        epoch, step = divmod(step, steps)
        first = step * recipe.batch + (share.first + replica) * size
        rows = order(epoch)[first : first + size]
        draw = np.array([(seed * 100_003 + epoch) % 2**31, step], np.int32)
        return data.tiles[rows], targets[rows], weights[rows], draw, np.int32(share.first + replica)

    def load(number: Any) -> tuple[Any, ...]:
        kinds = (tf.uint8, tf.float32, tf.float32, tf.int32, tf.int32)
        shapes = ((size, *data.tiles.shape[1:]), (size, 1), (size,), (2,), ())
        parts = tf.numpy_function(read, [number], kinds)
        return tuple(tf.ensure_shape(part, shape) for part, shape in zip(parts, shapes, strict=True))

    def change(tiles: Any, wanted: Any, weight: Any, draw: Any, replica: Any) -> tuple[Any, Any, Any]:
        rows = Rows(replica, share.of)
        pixels = vary(tiles, recipe.augmentation, draw, rows)
        if recipe.augmentation.mixup:
            return mix(pixels, wanted, weight, recipe.augmentation.mixup, draw, rows)
        return pixels, wanted, weight

    first, last = (epoch * steps * share.replicas for epoch in (epochs.start, epochs.stop))
    return tf.data.Dataset.range(first, last).map(load).map(change, tf.data.AUTOTUNE).prefetch(_AHEAD * share.replicas)


def steps_per_epoch(data: TileSet, recipe: Recipe) -> int:
    """Return the number of full batches in one pass; refuses fewer tiles than one."""
    if len(data) < recipe.batch:
        raise BadInput(
            f"expected at least one batch of {recipe.batch} tiles to train on, found {len(data)}; "
            "lower batch in the recipe"
        )
    return len(data) // recipe.batch


def replica_batch(recipe: Recipe, replicas: int) -> int:
    """Return the tiles of each replica's part of a batch; refuses a batch that cannot be divided evenly."""
    pairs = 2 if recipe.augmentation.mixup else 1  # mixup blends neighbours of a batch
    if recipe.batch % (replicas * pairs):
        raise BadInput(
            f"expected a batch that {replicas} replicas can share evenly{', in pairs for mixup' if pairs > 1 else ''}, "
            f"found {recipe.batch}; set batch in the recipe to a multiple of {replicas * pairs}"
        )
    return recipe.batch // replicas


def logits_of(model: Any, tiles: NDArray[np.uint8], batch: int = 256) -> NDArray[np.float32]:
    """Return the float32 logits (n,) of uint8 tiles (n, 50, 50, 3), RGB."""
    return judged_by(model, batch)(tiles)


def judged_by(model: Any, batch: int = 256) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """Return a function from uint8 tiles (n, 50, 50, 3), RGB, to float32 logits (n,), traced once for all its calls."""
    run = tf.function(lambda part: model(tf.cast(part, tf.float32) / 255.0, training=False))

    def judge(tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = [run(tf.constant(tiles[n : n + batch])) for n in range(0, len(tiles), batch)]
        return np.concatenate([np.asarray(part, np.float32) for part in parts])[:, 0]

    return judge
