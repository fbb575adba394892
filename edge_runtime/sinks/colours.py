"""The colours of an overlay: a scale for probability that colour-blind people can read, laid over tissue."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

LEVELS = 255
"""A probability p is drawn at level 1 + round(p * (LEVELS - 1)); level 0 is 'not judged'."""

INK, FAINT, PAPER, HOLE = (32, 33, 36), (110, 114, 121), (255, 255, 255), (196, 198, 202)
"""RGB of text, of secondary text and lines, of the panel, of what the frame has no data for."""
TISSUE = (222, 168, 198)
"""RGB of stained tissue, over which the legend shows the scale."""
OUTLINE = (255, 236, 61)
"""RGB of the outline of tiles called IDC; it is drawn on a dark line, so that it shows on any tissue."""

BAND_ROWS = 128
"""A picture is tinted in bands of so many rows: the sums between would be eight times as large as the picture."""

# viridis (van der Walt & Smith, CC0): even in lightness, blue-green-yellow against the pink of eosin
_ANCHORS = np.array(
    [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]],
    np.float64,
)
_OPACITY_AT = ([0.0, 0.15, 0.5, 1.0], [0.0, 0.0, 0.36, 0.6])
"""Probability -> opacity: what is hardly suspicious stays as it is."""


@functools.cache
def scale_lut() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return (colour uint8 (256, 3) RGB, opacity uint8 (256,)) of each level; level 0 is transparent."""
    p = np.clip((np.arange(256) - 1) / (LEVELS - 1), 0, 1)
    stops = np.linspace(0, 1, len(_ANCHORS))
    colours = np.stack([np.interp(p, stops, _ANCHORS[:, channel]) for channel in range(3)], axis=1)
    opacity = np.interp(p, *_OPACITY_AT)
    opacity[0] = 0
    return np.rint(colours).astype(np.uint8), np.rint(opacity * 255).astype(np.uint8)


def level_of(probability: float) -> int:
    """Return the level, 1..LEVELS, of a probability 0..1."""
    return 1 + round(min(1.0, max(0.0, probability)) * (LEVELS - 1))


def tint(rgb: NDArray[np.uint8], levels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return uint8 (h, w, 3), RGB, with the scale's colours laid over it; levels: uint8 (h, w)."""
    colours, opacity = scale_lut()
    out = np.empty(rgb.shape, np.uint8)
    for top in range(0, len(rgb), BAND_ROWS):
        band = slice(top, top + BAND_ROWS)
        alpha = opacity[levels[band]][..., None].astype(np.uint16)
        out[band] = (rgb[band] * (255 - alpha) + colours[levels[band]] * alpha + 127) // 255
    return out
