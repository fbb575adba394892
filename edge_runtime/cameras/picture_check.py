"""Whether a live camera's picture can have come from its sensor just now: not black, frozen, garbled or resized."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BlackPicture, FrozenPicture, GarbledPicture, ResizedPicture
from edge_runtime.records import Frame

BLACK_LEVEL = 16
"""Of 255. Sensors and video ranges put black at 16 or below; a lit field has at least a pixel above it."""
_LOOKED_AT = 65_536
"""About so many pixels of each picture are looked at: about a millisecond at 12 megapixels."""
_ONE_COLOUR_SHARE = 1 / 16
"""From so many rows of one colour on, at the bottom, a picture breaks off."""
_FILLING = (24, 250)
"""Mean grey of what a decoder fills with (grey 128, or the green of empty YUV); beyond lie field stop and glare."""


class PictureCheck:
    """Looks at each picture of one camera, and remembers the size of the first and a sample of the last."""

    def __init__(self, repeats: int = 1) -> None:
        """Take how many equal pictures in a row are too many: 1, for a sensor; more, where a video codec may repeat."""
        self._repeats = repeats
        self._equal = 0
        self._size: tuple[int, int] | None = None
        self._sample: NDArray[np.uint8] | None = None

    def check(self, frame: Frame) -> None:
        """Raise a BadPicture where the frame is one."""
        pixels = frame.pixels
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            raise GarbledPicture(
                f"expected uint8 pixels (h, w, 3), found {pixels.dtype} {pixels.shape}; check cable and format"
            )
        self._check_size(pixels.shape[0], pixels.shape[1])
        sample = thinned(pixels)
        previous, self._sample = self._sample, sample
        if sample.max() <= BLACK_LEVEL:
            raise BlackPicture(
                f"expected light, found no pixel above {BLACK_LEVEL} of 255; check lamp, light path and lens cap"
            )
        broken = _one_colour_from_below(sample)
        if broken >= _ONE_COLOUR_SHARE:
            raise GarbledPicture(f"expected a whole picture, found {broken:.0%} of its rows in one colour; check cable")
        self._check_moving(previous, sample)

    def _check_size(self, height: int, width: int) -> None:
        if self._size is None:
            self._size = height, width
        if self._size != (height, width):
            raise ResizedPicture(
                f"expected {self._size[1]}x{self._size[0]} px as at the start, found {width}x{height}: "
                "the scale is not known; the camera is opened again"
            )

    def _check_moving(self, previous: NDArray[np.uint8] | None, sample: NDArray[np.uint8]) -> None:
        equal = previous is not None and np.array_equal(previous, sample) and int(sample.min()) < 255
        self._equal = self._equal + 1 if equal else 0
        if self._equal >= self._repeats:
            raise FrozenPicture(
                f"expected a sensor's noise, found the same picture {self._equal + 1} times; the camera stands still"
            )


def thinned(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a copy of every nth pixel of every nth row of uint8 (h, w, 3), so that about 65,000 remain."""
    step = max(1, math.isqrt(pixels.shape[0] * pixels.shape[1] // _LOOKED_AT))
    return pixels[::step, ::step].copy()


def _one_colour_from_below(sample: NDArray[np.uint8]) -> float:
    """Return the share of rows, from the bottom up, that carry the colour of the last pixel and nothing else."""
    colour = sample[-1, -1]
    if not _FILLING[0] <= float(colour.mean()) <= _FILLING[1]:
        return 0.0
    others = np.flatnonzero((sample != colour).any(axis=(1, 2)))
    return 1.0 - (int(others[-1]) + 1 if len(others) else 0) / len(sample)
