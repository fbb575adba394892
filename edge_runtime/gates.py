"""Which tiles may be judged at all: tissue or glass."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .contract import TissueGate

NO_TISSUE, NO_DATA = "no_tissue", "no_data"
"""Reasons of tiles that were looked at: glass; a hole in a stitched slide."""

EDGE, UNREADABLE, UNKNOWN_SCALE, BAD_SCALE = "edge", "unreadable", "unknown_scale", "bad_scale"
"""Reasons of pictures that could not be: a patch of a wrong size; a damaged file; no µm per px; one that cannot be."""

_DENSITY = -np.log(np.maximum(np.arange(256), 1) / 255.0).astype(np.float32)


def optical_density(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return float32 (..., h, w): optical density (Beer-Lambert, base e) of uint8 (..., h, w, 3), mean over colours."""
    flat = pixels.reshape(-1, pixels.shape[-2], 3)
    density = np.asarray(cv2.transform(cv2.LUT(flat, _DENSITY), np.full((1, 3), 1 / 3, np.float32)), np.float32)
    return density.reshape(pixels.shape[:-1])


def is_glass(tiles: NDArray[np.uint8], gate: TissueGate) -> NDArray[np.bool_]:
    """Return bool (n,): which of uint8 tiles (n, h, w, 3), RGB, show glass: pale, and flat but for specks.

    Fat is tissue: its membranes are stained, so it is pale but not flat.
    """
    density = optical_density(tiles).reshape(len(tiles), -1)
    pale = density.mean(1) < gate.max_mean_density
    flat = (density > gate.stained_density).mean(1) < gate.max_stained_share
    return np.asarray(pale & flat)
