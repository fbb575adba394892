"""The grid of tiles over a frame, as a pure function."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from .errors import ScaleOutOfRange


@functools.lru_cache(maxsize=64)
def tile_edges(length: int, tile: int) -> NDArray[np.intp]:
    """Return the left (or top) edges of the fewest tiles that cover `length` px, spread evenly; all in px.

    The first tile begins at 0, the last ends at `length`, and neighbours overlap as little as can be. Read only.
    """
    if length < tile:
        raise ScaleOutOfRange(
            f"expected a picture of at least one tile ({tile} px at the model's scale), found {length} px"
        )
    count = -(-length // tile)
    edges = np.rint(np.linspace(0, length - tile, count)).astype(np.intp)
    edges.flags.writeable = False  # every caller gets the same ones
    return edges


def cut(pixels: NDArray[np.uint8], lefts: NDArray[np.intp], tops: NDArray[np.intp], tile: int) -> NDArray[np.uint8]:
    """Return the tiles of a field (h, w, 3) as uint8 (rows * columns, tile, tile, 3), row by row, in one gather.

    A line of a tile is one piece of memory, so each is taken as one item: 50 px are 150 bytes.
    """
    field = np.ascontiguousarray(pixels)
    height, width, channels = field.shape
    line = np.dtype((np.void, tile * channels))
    lines = np.ndarray((height, width - tile + 1), line, field, strides=field.strides[:2])  # they overlap; no copy
    rows = tops[:, None, None] + _steps(tile)
    return lines[rows, lefts[None, :, None]].view(np.uint8).reshape(-1, tile, tile, channels)


@functools.lru_cache(maxsize=8)
def _steps(tile: int) -> NDArray[np.intp]:
    return np.arange(tile)


def all_true(mask: NDArray[np.bool_], lefts: NDArray[np.intp], tops: NDArray[np.intp], tile: int) -> NDArray[np.bool_]:
    """Return bool (rows, columns): which tiles lie wholly where `mask` (h, w) is True."""
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int64)
    np.cumsum(np.cumsum(mask, 0), 1, out=sums[1:, 1:])  # summed-area table (Crow 1984)
    top, left = tops[:, None], lefts[None, :]
    inside = sums[top + tile, left + tile] - sums[top, left + tile] - sums[top + tile, left] + sums[top, left]
    return np.asarray(inside == tile * tile)
