"""Whether two pictures show the same where one is said to lie over the other."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

SHADE_PX = 8.0
"""Sigma of what is taken away before: light that falls off is coarser than that."""
LEAST_OVERLAP = 0.04
"""Share of a view below which an overlap is too small to be looked at."""
FLAT = 2.0
"""Standard deviation of detail, grey levels, below which a picture is glass or blur: noise of 10 at 0.8 µm per px
makes less of it once it is at 4."""


def alike(first: NDArray[np.uint8], second: NDArray[np.uint8], x: float, y: float) -> float | None:
    """Return the correlation of two pictures, uint8 (h, w), where the second lies at x, y px of the first.

    None where they overlap by too little, or where either is as flat as glass there, so that it says nothing.
    """
    left, top = round(x), round(y)
    (high, wide), (high2, wide2) = first.shape, second.shape
    x0, x1, y0, y1 = max(0, left), min(wide, left + wide2), max(0, top), min(high, top + high2)
    if x1 <= x0 or y1 <= y0 or (x1 - x0) * (y1 - y0) < LEAST_OVERLAP * min(high * wide, high2 * wide2):
        return None
    moved = np.array([[1, 0, x - x0], [0, 1, y - y0]], np.float32)
    parts = _detail(first[y0:y1, x0:x1]), _detail(_shifted(second, moved, (x1 - x0, y1 - y0)))
    spread = [float(part.std()) for part in parts]
    if min(spread) < FLAT:
        return None
    return float((parts[0] * parts[1]).mean() / (spread[0] * spread[1]))


def _detail(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a picture without its coarse light and with mean 0, float32 (h, w)."""
    values = grey.astype(np.float32)
    values -= cv2.GaussianBlur(values, (0, 0), SHADE_PX)
    return np.asarray(values - values.mean(), np.float32)


def _shifted(grey: NDArray[np.uint8], moved: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(
        cv2.warpAffine(grey, moved, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
