"""How much detail a picture holds at each size: on a few crops, at the camera's own sampling, in µm."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

CROP_UM = 192.0
"""Side of a crop: about a tile."""
_FINE_ENOUGH_UM = 0.8
"""Of a finer picture, every 2nd, 3rd, ... pixel is taken, down to this: objectives of 4x and 10x resolve 1 to 3 µm."""
_UM_PER_PX = 2.0
"""Crops are reduced to this, so that a number means the same behind any camera."""
BANDS_UM = ((4, 12), (8, 24), (16, 48), (32, 96))
"""Periods, µm, that the four bands let pass, about: from nuclei's edges to glands."""
_SIGMAS_PX = (0.0, 1.0, 2.0, 4.0, 8.0)
_THINNED_FROM = 2.0
"""Blur, px, from which on every second pixel is enough."""
_LEAST_LIGHT = 8.0
LEAST_CONTRAST = 0.03
"""Standard deviation of the optical density in the coarsest band: a crop of less shows glass."""


def bands(pixels: NDArray[np.uint8], um_per_px: float, centres: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return float32 (n, 4): standard deviation of the optical density, base e, in each band of BANDS_UM, green light.

    `pixels` uint8 (h, w, 3), RGB, at the camera's sampling; `centres` intp (n, 2): x and y of n crops, px. A crop that
    would reach beyond the edge is moved in. Detail finer than 4 µm is not looked at: the model does not see it.
    """
    height, width = pixels.shape[:2]
    side = min(round(CROP_UM / um_per_px), height, width)
    to_px = max(24, round(side * um_per_px / _UM_PER_PX))
    lefts = np.clip(centres[:, 0] - side // 2, 0, width - side)
    tops = np.clip(centres[:, 1] - side // 2, 0, height - side)
    step = max(1, int(_FINE_ENOUGH_UM / um_per_px))
    crops = [_reduced(pixels[y : y + side : step, x : x + side], step, to_px) for x, y in zip(lefts, tops, strict=True)]
    density = -np.log(np.maximum(np.stack(crops, 2), _LEAST_LIGHT))
    return np.stack(list(_spreads(density)), 1)


def spread_centres(height: int, width: int, number: int) -> NDArray[np.intp]:
    """Return intp (n, 2): x and y of about `number` places, spread evenly over a picture, px."""
    rows = max(1, round(np.sqrt(number * height / width)))
    columns = max(1, round(number / rows))
    x = (np.arange(columns) + 0.5) * width / columns
    y = (np.arange(rows) + 0.5) * height / rows
    return np.stack([part.ravel() for part in np.meshgrid(x, y)], 1).astype(np.intp)


def _reduced(crop: NDArray[np.uint8], step: int, side: int) -> NDArray[np.float32]:
    """Return the green of a crop (h, w, 3), of every `step`-th pixel of a row, at (side, side)."""
    green = np.ascontiguousarray(cv2.extractChannel(crop, 1)[:, ::step])
    method = cv2.INTER_AREA if green.shape[0] >= side else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(green, (side, side), interpolation=method), np.float32)


def _spreads(density: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """Yield the standard deviation of n crops (h, w, n) between two blurs, float32 (n,), band by band.

    What is blurred by 2 px has nothing left at every second pixel's own frequency: the rest is done on half the pixels,
    and again (Burt and Adelson 1983).
    """
    fine, step = density, 1
    for before, after in itertools.pairwise(_SIGMAS_PX):
        if before / step >= _THINNED_FROM:
            fine, step = np.ascontiguousarray(fine[::2, ::2]), 2 * step
        sigma = math.sqrt(after**2 - before**2) / step
        coarse = _blurred(fine, sigma)
        yield _spread(fine - coarse)
        fine = coarse


def _spread(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the standard deviation of (h, w, n) over h and w, float32 (n,); NumPy's own takes ten times as long."""
    flat = values.reshape(-1, values.shape[2])
    mean, square = (cv2.reduce(part, 0, cv2.REDUCE_AVG)[0] for part in (flat, cv2.multiply(flat, flat)))
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0)), np.float32)


def _blurred(density: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    blurred = cv2.GaussianBlur(density, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(blurred, np.float32).reshape(density.shape)
