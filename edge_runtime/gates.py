"""Which tiles may be judged at all: tissue; not glass, not pen or dirt."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .contract import PenGate, TissueGate

NO_TISSUE, PEN_OR_DIRT, NO_DATA = "no_tissue", "pen_or_dirt", "no_data"
"""Reasons of tiles that were looked at: glass; ink, dust or another thing that is no tissue; a hole in a slide."""

EDGE, UNREADABLE, UNKNOWN_SCALE, BAD_SCALE = "edge", "unreadable", "unknown_scale", "bad_scale"
"""Reasons of pictures that could not be: a patch of a wrong size; a damaged file; no µm per px; one that cannot be."""

LOOKED_AT = (NO_TISSUE, PEN_OR_DIRT, NO_DATA)
"""The reasons that say what a tile shows: an instrument that gives one of these works."""

_DENSITY = -np.log(np.maximum(np.arange(256), 1) / 255.0).astype(np.float32)
_LEAST = 1e-6
"""Below any density of a tile that is not pure white; keeps a quotient finite."""


def refusals(tiles: NDArray[np.uint8], tissue: TissueGate, pen: PenGate | None = None) -> NDArray[np.object_]:
    """Return object (n,): the reason for which a tile, uint8 (n, h, w, 3), RGB, is not judged, or None.

    What is both is glass: bare glass is as smooth as ink.
    """
    reasons = np.full(len(tiles), None, object)
    if pen is not None:
        reasons[is_pen(tiles, pen)] = PEN_OR_DIRT
    reasons[is_glass(tiles, tissue)] = NO_TISSUE
    return reasons


def optical_density(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return float32 (..., h, w): optical density (Beer-Lambert, base e) of uint8 (..., h, w, 3), mean over colours."""
    flat = pixels.reshape(-1, pixels.shape[-2], 3)
    density = np.asarray(cv2.transform(cv2.LUT(flat, _DENSITY), np.full((1, 3), 1 / 3, np.float32)), np.float32)
    return density.reshape(pixels.shape[:-1])


def is_glass(tiles: NDArray[np.uint8], gate: TissueGate) -> NDArray[np.bool_]:
    """Return bool (n,): which of uint8 tiles (n, h, w, 3), RGB, show glass: pale, and flat but for specks.

    Fat is tissue: its membranes are stained, so it is pale but not flat.
    """
    density, stained = glass_measures(tiles, gate)
    return np.asarray((density < gate.max_mean_density) & (stained < gate.max_stained_share))


def glass_measures(tiles: NDArray[np.uint8], gate: TissueGate) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return what is_glass goes by, (n,) each: a tile's mean density, and the share of its pixels that is stained."""
    density = optical_density(tiles).reshape(len(tiles), -1)
    return density.mean(1), (density > gate.stained_density).mean(1)


def is_pen(tiles: NDArray[np.uint8], gate: PenGate) -> NDArray[np.bool_]:
    """Return bool (n,): which of uint8 tiles (n, h, w, 3), RGB, show ink or dirt, or are stained without a texture."""
    ink, roughness = pen_measures(tiles, gate)
    return np.asarray((ink > gate.max_ink_share) | (roughness < gate.min_roughness))


def pen_measures(tiles: NDArray[np.uint8], gate: PenGate) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return what is_pen goes by, (n,) each: the share of ink among a tile's pixels, and its relative roughness."""
    count, width = len(tiles), tiles.shape[2]
    rows = np.ascontiguousarray(tiles[:, ::3]).reshape(-1, width, 3)  # every third row shows as much
    red, green, blue = (cv2.LUT(plane, _DENSITY) for plane in cv2.split(rows))
    ink = cv2.subtract(green, red) > np.float32(gate.red_excess)
    total = cv2.add(red, blue, dst=red)  # in place: large arrays that come and go cost more than the sums
    ink |= cv2.scaleAdd(green, -gate.green_ratio, total) > np.float32(gate.min_excess)
    total = cv2.add(total, green, dst=total)
    steps = cv2.absdiff(total[:, 1:], total[:, :-1])
    level = np.maximum(total.reshape(count, -1).mean(1), _LEAST)
    return ink.reshape(count, -1).mean(1), steps.reshape(count, -1).mean(1) / level
