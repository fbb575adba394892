"""The lamp's falloff in a blank field, smooth, and apart from it what is dirt."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

CELLS = 24, 32
"""Rows and columns of cells that a shading is stored in."""
DIRT_SHARE = 0.05
"""A place is dirt where it is darker than the smooth light by this share."""
_FIT_HEIGHT = 96
"""Rows of the picture that the falloff is fitted to."""
_DEGREE = 5
"""Of the polynomial in x and y; a lamp's falloff and a lens's vignette need 4."""
_ROUNDS = 6


def smooth_light(blank: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the light of a blank field (h, w, 3), RGB, without its dirt, float32 of the same size.

    A polynomial that leaves out what is far from it (iteratively reweighted, Tukey's weights), times the smoothed rest.
    """
    height, width = blank.shape[:2]
    rows = min(_FIT_HEIGHT, height)
    columns = max(8, round(width * rows / height))
    small = np.asarray(cv2.resize(blank, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
    surface, weight = _fit(small)
    rest = np.where(weight[..., None] > 0, small / surface, 1).astype(np.float32)
    light = surface * cv2.GaussianBlur(rest, (0, 0), rows / 24)
    return np.asarray(cv2.resize(light, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def in_cells(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean light of each cell, float32 (24, 32, 3)."""
    return np.asarray(cv2.resize(light, CELLS[::-1], interpolation=cv2.INTER_AREA), np.float32)


def is_dirt(blank: NDArray[np.float32], light: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return bool (h, w): where a blank field is darker than its smooth light."""
    return np.asarray(blank.mean(2) < (1 - DIRT_SHARE) * light.mean(2))


def _fit(small: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return the polynomial surface, float32 (h, w, 3), and each pixel's weight (h, w), 0 for what lies far off."""
    height, width = small.shape[:2]
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = [x.ravel() ** i * y.ravel() ** j for i in range(_DEGREE + 1) for j in range(_DEGREE + 1 - i)]
    basis = np.stack(terms, 1)
    values = np.log(np.maximum(small.reshape(-1, 3), 1)).astype(np.float64)
    weight = np.ones(len(values))
    for _ in range(_ROUNDS):
        weighted = (basis * weight[:, None]).T
        found = np.linalg.solve(weighted @ basis, weighted @ values)
        off = (values - basis @ found).mean(1)
        spread = max(0.004, 1.4826 * float(np.median(np.abs(off - np.median(off)))))
        weight = np.clip(1 - (off / (4.685 * spread)) ** 2, 0, 1) ** 2
    surface = np.exp(basis @ found).reshape(height, width, 3)
    return surface.astype(np.float32), weight.reshape(height, width)
