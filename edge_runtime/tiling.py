"""The grid of tiles over a frame, as a pure function."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .errors import ScaleOutOfRange


def tile_edges(length: int, tile: int) -> NDArray[np.intp]:
    """Return the left (or top) edges of the fewest tiles that cover `length` px, spread evenly; all in px.

    The first tile begins at 0, the last ends at `length`, and neighbours overlap as little as can be.
    """
    if length < tile:
        raise ScaleOutOfRange(
            f"expected a picture of at least one tile ({tile} px at the model's scale), found {length} px"
        )
    count = -(-length // tile)
    return np.rint(np.linspace(0, length - tile, count)).astype(np.intp)


def cut(pixels: NDArray[np.uint8], lefts: NDArray[np.intp], tops: NDArray[np.intp], tile: int) -> NDArray[np.uint8]:
    """Return the tiles of a field (h, w, 3) as uint8 (rows * columns, tile, tile, 3), row by row, in one gather."""
    windows = sliding_window_view(pixels, (tile, tile), axis=(0, 1))  # (h', w', 3, tile, tile), no copy
    tiles = windows[tops[:, None], lefts[None, :]].transpose(0, 1, 3, 4, 2)
    return np.ascontiguousarray(tiles).reshape(-1, tile, tile, pixels.shape[2])


def all_true(mask: NDArray[np.bool_], lefts: NDArray[np.intp], tops: NDArray[np.intp], tile: int) -> NDArray[np.bool_]:
    """Return bool (rows, columns): which tiles lie wholly where `mask` (h, w) is True."""
    sums = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int64)
    np.cumsum(np.cumsum(mask, 0), 1, out=sums[1:, 1:])  # summed-area table (Crow 1984)
    top, left = tops[:, None], lefts[None, :]
    inside = sums[top + tile, left + tile] - sums[top, left + tile] - sums[top + tile, left] + sums[top, left]
    return np.asarray(inside == tile * tile)
