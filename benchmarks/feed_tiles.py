"""Tiles to time the feeding with: those of an index, or noise, in a file mapped into memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from train.cache import cache_beside
from train.patch_index import read_index
from train.recipe import TILE_PX
from train.tiles import TileSet, load_tiles

_AT_ONCE = 1024


def training_side(index: Path) -> TileSet:
    """Return the training tiles of an index, from the cache beside it."""
    return load_tiles(read_index(index), "train", cache_beside(index))


def mapped_noise(path: Path, count: int) -> TileSet:
    """Write `count` tiles of seeded noise as `path` (.npy) and map them; what they show does not change the time."""
    shape = (count, TILE_PX, TILE_PX, 3)
    draw = np.random.default_rng(0)
    written = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
    for start in range(0, count, _AT_ONCE):
        part = written[start : start + _AT_ONCE]
        part[:] = draw.integers(0, 256, part.shape, np.uint8)
    written.flush()
    labels = (np.arange(count) % 2).astype(np.uint8)
    patients = np.array([str(n % 50) for n in range(count)])
    return TileSet(np.load(path, mmap_mode="r"), labels, patients, tuple(map(str, range(count))))
