"""What is said of each place of the mosaic, by one rule: of views that overlap, that in which it lies deeper speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .placing import Placed, PlacedView

STEP_UM = 16.0
"""Side of a cell of the ground: a 12th of a tile. Slides of 75 x 25 mm are 7 million cells."""
_JUDGED_FIRST = 1e6
"""A place that any view judged is not left out since another did not."""


@dataclass(frozen=True)
class Ground:
    """A map of cells of STEP_UM; the first begins at the mosaic's top-left corner."""

    probability: NDArray[np.float32]
    """float32 (h, w): of the tile that covers the middle of the cell; NaN where nothing was judged."""
    positive: NDArray[np.bool_]
    """bool (h, w): where that tile has the label of carcinoma."""
    seen: NDArray[np.bool_]
    """bool (h, w): where any view lies, and has data."""

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Bool (h, w)."""
        return np.isfinite(self.probability)


def ground_of(placed: Placed) -> Ground:
    """Return the map of all that was said."""
    shape = int(np.ceil(placed.height_um / STEP_UM)), int(np.ceil(placed.width_um / STEP_UM))
    ground = Ground(np.full(shape, np.nan, np.float32), np.zeros(shape, bool), np.zeros(shape, bool))
    best = np.full(shape, -1.0, np.float32)
    for view in placed.views:
        _say(ground, best, view)
    return ground


def _say(ground: Ground, best: NDArray[np.float32], placed: PlacedView) -> None:
    """Put one view on the ground, where it has more to say than those before."""
    rows, tops = _cells(placed.top_um, placed.height_um, len(best))
    columns, lefts = _cells(placed.left_um, placed.width_um, best.shape[1])
    if not (len(tops) and len(lefts)):
        return
    part = np.s_[rows, columns]
    tile = _nearest_tiles(placed, tops, lefts)
    probability = placed.view.probability[tile]
    down, across = np.minimum(tops, placed.height_um - tops), np.minimum(lefts, placed.width_um - lefts)
    inside = np.minimum(down[:, None], across[None, :]).astype(np.float32)
    inside += np.isfinite(probability) * np.float32(_JUDGED_FIRST)
    better = inside > best[part]
    best[part][better] = inside[better]
    ground.probability[part][better] = probability[better]
    ground.positive[part][better] = placed.view.positive[tile][better]
    ground.seen[part] |= placed.view.has_data[tile]


def _cells(begin: float, length: float, most: int) -> tuple[slice, NDArray[np.float64]]:
    """Return the cells whose middle lies within a view along one axis, and these middles, µm from its edge."""
    first = max(0, int(np.ceil(begin / STEP_UM - 0.5)))
    last = min(most, int(np.ceil((begin + length) / STEP_UM - 0.5)))
    return slice(first, last), (np.arange(first, last, dtype=np.float64) + 0.5) * STEP_UM - begin


def _nearest_tiles(placed: PlacedView, tops: NDArray[np.float64], lefts: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return intp (h, w): which tile's middle is nearest to each place; tiles of a view lie in rows and columns."""
    view = placed.view
    rows, columns = view.grid
    corners = view.corners_um.reshape(rows, columns, 2)
    row = np.abs(tops[:, None] - (corners[:, 0, 1] + view.tile_um / 2)[None, :]).argmin(1)
    column = np.abs(lefts[:, None] - (corners[0, :, 0] + view.tile_um / 2)[None, :]).argmin(1)
    return np.asarray(row[:, None] * columns + column[None, :], np.intp)


def areas_um2(ground: Ground) -> dict[str, float]:
    """Return how much was seen, judged, and called carcinoma, µm2, each place once."""
    cell = STEP_UM * STEP_UM
    maps: Iterable[tuple[str, NDArray[np.bool_]]] = (
        ("seen", ground.seen),
        ("judged", ground.judged),
        ("positive", ground.positive),
    )
    return {name: float(which.sum()) * cell for name, which in maps}
