"""The picture of a view for a page: small enough for a phone's network, made from the camera's own pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

WIDEST_PX = 1280
"""A phone's screen shows no more, and a table's hardly."""
MOST_BYTES = 80_000
"""Twenty phones at five pictures a second then take 8 MB/s, which a Pi's Wi-Fi just carries."""
_WORST, _FIRST, _BEST, _STEP = 35, 70, 80, 5
"""JPEG's qualities."""


def small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return uint8 pixels (h, w, 3), halved until they are no wider than WIDEST_PX: the mean of 2x2 pixels each time.

    A tenth of the time of any other area; the same array where nothing changes.
    """
    while max(pixels.shape[:2]) > WIDEST_PX:
        height, width = pixels.shape[:2]
        size = max(1, width // 2), max(1, height // 2)
        even = pixels[: 2 * size[1], : 2 * size[0]] if min(height, width) > 1 else pixels
        pixels = np.asarray(cv2.resize(even, size, interpolation=cv2.INTER_AREA), np.uint8)
    return pixels


class Encoder:
    """Makes JPEGs of about MOST_BYTES at most: the quality follows from how large the pictures before came out."""

    def __init__(self) -> None:
        """Begin in the middle."""
        self.quality = _FIRST
        """Of the next one."""

    def encode(self, pixels: NDArray[np.uint8]) -> bytes:
        """Return uint8 pixels (h, w, 3), RGB, as a JPEG."""
        stored = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        data = cv2.imencode(".jpg", stored, [cv2.IMWRITE_JPEG_QUALITY, self.quality])[1].tobytes()
        if len(data) > MOST_BYTES:
            self.quality = max(_WORST, self.quality - _STEP * (1 + (len(data) > 1.3 * MOST_BYTES)))
        elif len(data) < 0.7 * MOST_BYTES:
            self.quality = min(_BEST, self.quality + _STEP)
        return data
