"""What a broken cable or decoder makes of a picture, on purpose."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray


def garbled(pixels: NDArray[np.uint8], rng: random.Random) -> NDArray[np.uint8]:
    """Return a picture, uint8 (h, w, 3), as one of these would give it: of another shape or type, or broken off."""
    return rng.choice(_GARBLERS)(pixels)


def _broken_off(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return what a decoder makes of a picture whose end is missing: grey from there on."""
    cut = pixels.copy()
    cut[2 * len(cut) // 3 :] = 128
    return cut


_GARBLERS: tuple[Callable[[NDArray[np.uint8]], NDArray[np.uint8]], ...] = (
    lambda pixels: pixels[..., 0].copy(),
    lambda pixels: pixels.astype(np.float32),
    lambda pixels: pixels[:0],
    _broken_off,
)
