"""The mean over areas of n x n pixels, n odd: OpenCV's own to the bit, in half of its time."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

MOST = 51
"""The largest n. The mean of n x n pixels, n odd, lies at least 1 / (2 n^2) from a half: here six times as far as
float32's roundings can move it, so that both ways round alike. From n = 93 on either may err."""
_BAND_ROWS = 48
"""Rows of the result that are made at once: their sums stay in a processor's cache, and take little memory."""


def odd_factor(size: tuple[int, int], to: tuple[int, int]) -> int | None:
    """Return by which odd whole number a (height, width) is larger than another one; None where by no such number."""
    factor = size[0] // to[0]
    fits = factor % 2 == 1 and 1 < factor <= MOST and size == (factor * to[0], factor * to[1])
    return factor if fits else None


def mean_of_areas(pixels: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Return uint8 (h / factor, w / factor[, c]) of uint8 pixels (h, w[, c]), both sides a multiple of an odd factor.

    Rows are added first, whole vectors at a time, and columns averaged then. That is rounded twice, to multiples of
    1 / factor and to whole numbers, which for an odd factor is the same as once: what lies below a half stays there.
    """
    width, channels = pixels.shape[1], pixels.shape[2:]
    means = np.empty((pixels.shape[0] // factor, width // factor, *channels), np.uint8)
    for top in range(0, len(means), _BAND_ROWS):
        band = means[top : top + _BAND_ROWS]
        rows = pixels[top * factor : (top + _BAND_ROWS) * factor].reshape(len(band), factor, -1)
        sums = np.add.reduce(rows, 1, dtype=np.uint16).reshape(len(band), width, *channels)
        across = cv2.resize(sums, (band.shape[1], len(band)), interpolation=cv2.INTER_AREA)
        cv2.convertScaleAbs(across, band, 1 / factor)
    return means
