"""How sharp each tile is, measured on rows of the camera's own pixels: no copy of the frame, no loop over tiles.

A blurred picture has slopes, no grain. Its mean difference between two pixels grows with their distance; in a sharp one
near pixels differ nearly as much as far ones (a structure function, as turbulence is measured by). Both distances are
in µm, so the number means the same through every objective that resolves the smaller one, and being a quotient it
depends neither on light nor on stain.

Noise adds to both differences. It is averaged away over the smaller distance, and what is left of it is taken off, by
what neighbouring pixels differ.
"""

from __future__ import annotations

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
    lines = _pairs_of_rows(pixels, near, step, rows)
    pixel_noise = _difference(lines[:, 1:], lines[:, :-1]) ** 2
    smooth = np.asarray(cv2.blur(lines, (near, 1)), np.uint8) if near > 1 else lines
    edges = np.arange(columns + 1) * width // columns
    noise = pixel_noise / near if near > 1 else 0.0  # neighbours a pixel apart are the smaller distance itself
    at_near = _without(_differences(smooth, near, edges, rows), noise)
    at_far = _without(_differences(smooth, far, edges, rows), noise)
    sharpness = 1 - np.log(at_far / at_near) / np.log(far / near)
    return Focus(
        np.asarray(sharpness, np.float32).ravel(),
        np.asarray(at_far, np.float32).ravel(),
        _anisotropy(lines, near, step, float(np.median(sharpness)), pixel_noise if near > 1 else 0.0),
    )


def _pairs_of_rows(pixels: NDArray[np.uint8], apart: int, step: int, rows: int) -> NDArray[np.uint8]:
    """Return the green of the first row of the first pair of each tile, of the second row, of the next pair, and so on.

    uint8 (2 * PAIRS_A_TILE * rows, w), for `rows` rows of tiles; each pair lies `step` px below the last.
    """
    lines = np.empty((2 * PAIRS_A_TILE, rows, pixels.shape[1]), np.uint8)
    for n, line in enumerate(lines):
        top = (step - apart) // 2 + n // 2 * step + n % 2 * apart
        cv2.extractChannel(pixels[top :: step * PAIRS_A_TILE][:rows], _GREEN, line)
    return lines.reshape(-1, pixels.shape[1])


def _differences(lines: NDArray[np.uint8], lag: int, edges: NDArray[np.intp], rows: int) -> NDArray[np.float64]:
    """Return the mean difference of pixels `lag` apart in each tile, float64 (rows, columns)."""
    steps = np.asarray(cv2.absdiff(lines[:, lag:], lines[:, :-lag]))
    of_rows = cv2.reduce(steps.reshape(2 * PAIRS_A_TILE, -1), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    sums = np.zeros((rows, steps.shape[1] + 1), np.int64)
    np.cumsum(np.asarray(of_rows).reshape(rows, -1), 1, out=sums[:, 1:])
    inside = sums[:, edges[1:] - lag] - sums[:, edges[:-1]]
    return np.asarray(inside / ((edges[1:] - lag - edges[:-1]) * (2 * PAIRS_A_TILE)))


def _difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the mean difference of pixels of two pictures, uint8 (h, w)."""
    return float(cv2.norm(one, other, cv2.NORM_L1)) / one.size


def _without(differences: NDArray[np.float64], noise: float) -> NDArray[np.float64]:
    """Return differences without what noise, the square of its own, adds to them."""
    return np.asarray(np.sqrt(np.maximum(differences**2 - noise, _LEAST**2)))


def _anisotropy(lines: NDArray[np.uint8], near: int, step: int, along_rows: float, noise: float) -> float:
    """Return how many times larger differences are along the one axis; 1 where the view is sharp along none.

    `along_rows` is the sharpness along the rows. Across them it is measured between rows of a pair and between pairs,
    which are `step` px apart.
    """
    rows = lines.reshape(PAIRS_A_TILE, 2, -1)
    found = (
        _difference(lines[:, near:], lines[:, :-near]),
        _difference(rows[:, 0], rows[:, 1]),
        _difference(rows[1:, 0], rows[:-1, 0]),
    )
    along, down, far_down = _without(np.array(found), noise).tolist()
    across_rows = 1 - np.log(far_down / down) / np.log(step / near)
    sharper = along_rows if along > down else across_rows
    if max(along, down) < _TELLING or sharper < _SHARP_ENOUGH:
        return 1.0
    return float(max(along, down) / min(along, down))
