"""Get the logits of any graph over labelled tiles, through the device's own runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.model_file import ModelFile
from edge_runtime.network import Network

from .cache import cache_beside
from .normalize import normalized
from .patch_index import read_index
from .tiles import TileSet, load_tiles

_BATCH = 256


def logits_of(model: ModelFile, data: TileSet, runtime: str = "auto", threads: int = 2) -> NDArray[np.float32]:
    """Return the float32 logits (n,) of tiles, each slide's stain normalized as the model's contract says."""
    network = Network(model, runtime, threads)
    tiles = normalized(data, model.contract.stain_normalization).tiles
    return np.concatenate([network.logits(tiles[n : n + _BATCH]) for n in range(0, len(tiles), _BATCH)])


def split_of(index: Path, split: str) -> TileSet:
    """Return the usable tiles of one side of an index, mapped from the cache beside it."""
    return load_tiles(read_index(index), split, cache_beside(index))
