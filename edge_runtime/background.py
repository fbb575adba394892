"""The lamp as a frame shows it: the brightest flat places of a field, which are glass, or gaps as clear as glass."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

BLOCK_PX = 5
"""Side of a block, px of the field: 20 µm, less than a fat cell."""
CELLS = 4, 6
"""Rows and columns of a view that are compared with each other."""
_FLAT = 0.015
"""Standard deviation over mean of a block of glass; tissue at 4 µm per px has three times that and more."""
_BRIGHT = 0.96
"""Share of the brightest flat places' level."""
_LEAST_LEVEL = 50.0
LEAST_SHARE = 0.002
"""Of a field's blocks; fewer may be anything."""
_NEUTRAL = 0.025
"""By how much the colour of clear places may differ from each other's."""


@dataclass(frozen=True)
class Background:
    """What came through where nothing lay."""

    rgb: tuple[float, float, float]
    """Median level of R, G, B."""
    share: float
    """Of the field, 0..1."""
    cells: NDArray[np.float32]
    """float32 (4, 6): the brightest clear place of each part of the view, green; NaN where there was none."""


def background_of(field: NDArray[np.uint8], has_data: NDArray[np.bool_] | None = None) -> Background | None:
    """Return the background of a field, uint8 (h, w, 3), RGB, at 4 µm per px; None where no glass is in view.

    `has_data`, bool of any (h', w'), is False in the holes of a stitched slide; None: no holes.
    """
    size = field.shape[1] // BLOCK_PX, field.shape[0] // BLOCK_PX
    if min(size) < CELLS[1]:
        return None
    whole = field[: size[1] * BLOCK_PX, : size[0] * BLOCK_PX]
    mean = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)
    flat = _flat_blocks(whole, size) & (mean[..., 1] > _LEAST_LEVEL)
    if has_data is not None:
        flat &= cv2.resize(has_data.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) == 255
    if flat.mean() < LEAST_SHARE:
        return None
    green = mean[..., 1]
    clear = flat & (green > _BRIGHT * np.percentile(green[flat], 90))
    if clear.mean() < LEAST_SHARE:
        return None
    red, level, blue = np.median(mean[clear], 0)
    tint = np.abs(mean[..., 0] / red - green / level) + np.abs(mean[..., 2] / blue - green / level)
    glass = flat & (tint < _NEUTRAL)
    return Background((float(red), float(level), float(blue)), float(clear.mean()), _brightest(green, glass))


def _flat_blocks(field: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Return bool (h / 5, w / 5): which blocks of a field hold one level of green."""
    green = cv2.extractChannel(field, 1).astype(np.float32)
    mean = cv2.resize(green, size, interpolation=cv2.INTER_AREA)
    square = cv2.resize(cv2.multiply(green, green), size, interpolation=cv2.INTER_AREA)
    return np.asarray(square - mean * mean < (_FLAT * mean) ** 2)


def _brightest(green: NDArray[np.float32], glass: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return float32 (4, 6): the highest level among the glass of each part of the view, NaN where it has none."""
    rows = np.arange(green.shape[0]) * CELLS[0] // green.shape[0]
    columns = np.arange(green.shape[1]) * CELLS[1] // green.shape[1]
    cells = np.full(CELLS, -1, np.float32)
    np.maximum.at(cells, (rows[:, None], columns[None]), np.where(glass, green, -1))
    return np.where(cells > 0, cells, np.nan).astype(np.float32)
