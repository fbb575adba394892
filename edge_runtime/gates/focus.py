"""How sharp each tile is, measured on rows of the camera's own pixels: no copy of the frame, no loop over tiles.

A blurred picture has slopes, no grain. Its mean difference between two pixels grows with their distance; in a sharp one
near pixels differ nearly as much as far ones (a structure function, as turbulence is measured by). Both distances are
in µm, so the number means the same through every objective that resolves the smaller one, and being a quotient it
depends neither on light nor on stain.

Noise adds to both differences. It is averaged away over the smaller distance, and what is left of it is taken off, by
what neighbouring pixels differ.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import FocusGate

PAIRS_A_TILE = 3
"""Pairs of rows that are looked at, spread over each tile; the rows of a pair are the smaller distance apart."""
_GREEN = 1
"""Haematoxylin and eosin absorb green most, and a sensor has twice as many green pixels as others."""
_SHARP_ENOUGH = 0.27
"""Sharpness along the better axis from which on a view is smeared along the other one, and not blurred along both."""
_TELLING = 1.0
"""Mean difference along the rougher axis, grey levels, below which nothing is said of a smear: glass."""
_LEAST = 0.05
"""Differences below this are rounding, grey levels."""


@dataclass(frozen=True)
class Focus:
    """How sharp the tiles of a view are."""

    sharpness: NDArray[np.float32]
    """float32 (n,), row by row: 0 for slopes alone, 1 where neighbours have nothing in common."""
    contrast: NDArray[np.float32]
    """float32 (n,): mean difference at the larger distance, grey levels, without noise."""
    anisotropy: float
    """Differences along the one axis over those along the other, at the smaller distance, over the whole view; >= 1.

    It is 1 where the view is blurred along both axes, or has nothing to see."""


def measure_focus(pixels: NDArray[np.uint8], um_per_px: float, grid: tuple[int, int], gate: FocusGate) -> Focus | None:
    """Measure uint8 pixels (h, w, 3), RGB, at the camera's scale; `grid` is (rows, columns) of tiles.

    None where the camera is too coarse for it, or a tile too small.
    """
    rows, columns = grid
    height, width = pixels.shape[:2]
    near, far = max(1, round(gate.near_um / um_per_px)), round(gate.far_um / um_per_px)
    step = height // (rows * PAIRS_A_TILE)
    if um_per_px > gate.max_um_per_px or step <= near or far >= width // columns:
        return None
    lines = np.asarray(cv2.extractChannel(pixels[_pairs_of_rows(rows, near, step)], _GREEN), np.uint8)
    pixel_noise = _difference(lines[:, 1:], lines[:, :-1]) ** 2
    smooth = np.asarray(cv2.blur(lines, (near, 1)), np.uint8) if near > 1 else lines
    noise = pixel_noise / near if near > 1 else 0.0  # neighbours a pixel apart are the smaller distance itself
    found = np.empty((2, rows, columns))
    for lag, means in zip((near, far), found, strict=True):
        np.divide(*_sums_of_differences(smooth, lag, rows, columns), out=means)
    found *= found
    found -= noise
    np.maximum(found, _LEAST**2, out=found)
    growth = np.log(found)  # of squares: twice that of the differences
    sharpness = ((growth[0] - growth[1]) / (2 * math.log(far / near)) + 1).ravel()
    ranked = np.sort(sharpness)
    middle = float(ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2
    return Focus(
        sharpness.astype(np.float32),
        np.sqrt(found[1]).astype(np.float32).ravel(),
        _anisotropy(lines, near, step, middle, pixel_noise if near > 1 else 0.0),
    )


@functools.lru_cache(maxsize=8)
def _pairs_of_rows(rows: int, apart: int, step: int) -> NDArray[np.intp]:
    """Return the first row of the first pair of each tile, the second rows, those of the next pairs, and so on.

    intp (2 * PAIRS_A_TILE * rows,), for `rows` rows of tiles; each pair lies `step` px below the last. Read only.
    """
    pairs = np.arange(rows) * PAIRS_A_TILE + np.arange(PAIRS_A_TILE)[:, None, None]
    places = (step - apart) // 2 + pairs * step + np.array([0, apart])[:, None]
    places.flags.writeable = False
    return places.reshape(-1)


@functools.lru_cache(maxsize=16)
def _parts(width: int, lag: int, columns: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where pairs of pixels `lag` apart begin and end to lie in one tile, in turn, and how many a row has."""
    edges = np.arange(columns + 1) * width // columns
    bounds = np.stack([edges[:-1], edges[1:] - lag], 1)
    return bounds.ravel()[:-1], (bounds[:, 1] - bounds[:, 0]) * (2 * PAIRS_A_TILE)  # the last ends where the rows do


def _sums_of_differences(
    lines: NDArray[np.uint8], lag: int, rows: int, columns: int
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return the summed differences of pixels `lag` apart in each tile, int32 (rows, columns), and their number."""
    steps = np.asarray(cv2.absdiff(lines[:, lag:], lines[:, :-lag]))
    of_rows = cv2.reduce(steps.reshape(2 * PAIRS_A_TILE, -1), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    bounds, pairs = _parts(lines.shape[1], lag, columns)
    sums = np.add.reduceat(np.asarray(of_rows, np.int32).reshape(rows, -1), bounds, 1)  # inside, between, inside, ...
    return sums[:, ::2], pairs


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the mean difference of pixels of two pictures, uint8 (h, w)."""
    return float(cv2.norm(one, other, cv2.NORM_L1)) / one.size


def _anisotropy(lines: NDArray[np.uint8], near: int, step: int, along_rows: float, noise: float) -> float:
    """Return how many times larger differences are along the one axis; 1 where the view is sharp along none.

    `along_rows` is the sharpness along the rows. Across them it is measured between rows of a pair and between pairs,
    which are `step` px apart.
    """
    rows = lines.reshape(PAIRS_A_TILE, 2, -1)
    along, down, far_down = (
        math.sqrt(max(difference**2 - noise, _LEAST**2))
        for difference in (
            _difference(lines[:, near:], lines[:, :-near]),
            _difference(rows[:, 0], rows[:, 1]),
            _difference(rows[1:, 0], rows[:-1, 0]),
        )
    )
    across_rows = 1 - math.log(far_down / down) / math.log(step / near)
    sharper = along_rows if along > down else across_rows
    if max(along, down) < _TELLING or sharper < _SHARP_ENOUGH:
        return 1.0
    return max(along, down) / min(along, down)
