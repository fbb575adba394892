"""Get the logits of any graph over labelled tiles, through the device's own runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.model_file import ModelFile
from edge_runtime.network import Network

from .cache import cache_beside
from .patch_index import read_index
from .tiles import TileSet, load_tiles

_BATCH = 256


def logits_of(
    model: ModelFile, tiles: NDArray[np.uint8], runtime: str = "auto", threads: int = 2
) -> NDArray[np.float32]:
    """Return the float32 logits (n,) of uint8 tiles (n, h, w, 3), RGB."""
    network = Network(model, runtime, threads)
    return np.concatenate([network.logits(tiles[n : n + _BATCH]) for n in range(0, len(tiles), _BATCH)])


def split_of(index: Path, split: str) -> TileSet:
    """Return the usable tiles of one side of an index, mapped from the cache beside it."""
    return load_tiles(read_index(index), split, cache_beside(index))
