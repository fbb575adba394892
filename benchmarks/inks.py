"""Lay ink over tiles and change their light, to see what the gates make of it: Beer-Lambert, no rendering."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

INKS: dict[str, tuple[float, float, float]] = {
    "blue": (1.80, 1.02, 0.17),
    "green": (1.87, 0.48, 0.65),
    "black": (1.0, 1.0, 1.0),
    "brown": (0.35, 0.88, 1.77),
    "red": (0.18, 1.55, 1.26),
}
"""Optical density of an ink in R, G, B, mean 1. Medians over pixels: blue of a marker's stroke and brown of a margin's
dye on train slides, green and red of the two pictures of pen; black is neutral."""

LIGHTS: dict[str, tuple[float, float, float]] = {
    "as it is": (1.0, 1.0, 1.0),
    "brightness x0.7": (0.7, 0.7, 0.7),
    "brightness x0.8": (0.8, 0.8, 0.8),
    "brightness x0.9": (0.9, 0.9, 0.9),
    "brightness x1.1": (1.1, 1.1, 1.1),
    "warmer, blue x0.8": (1.0, 0.9, 0.8),
    "cooler, red x0.8": (0.8, 0.9, 1.0),
    "magenta, green x0.9": (1.0, 0.9, 1.0),
    "green, red and blue x0.9": (0.9, 1.0, 0.9),
}
"""Gains of R, G, B: a lamp of another brightness or a white balance that is off."""

_EDGE_PX = 4.0
"""Width of a stroke's edge: pen lies on the cover slip, out of focus."""


def lay_ink(
    tiles: NDArray[np.uint8], ink: str, density: float, cover: float, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Return uint8 tiles (n, h, w, 3), RGB, under a film of ink of a mean optical density (base e).

    `cover` is the share of each tile that it covers, 0..1: a band from one side, at a random angle.
    """
    film = _band(tiles.shape[:3], cover, rng)[..., None] * (density * np.array(INKS[ink], np.float32))
    return np.rint(np.maximum(tiles, 1) * np.exp(-film)).astype(np.uint8)


def relight(tiles: NDArray[np.uint8], gains: tuple[float, float, float]) -> NDArray[np.uint8]:
    """Return uint8 tiles (n, h, w, 3), RGB, with each channel multiplied and clipped, as an 8-bit camera would."""
    return np.clip(np.rint(tiles * np.array(gains, np.float32)), 0, 255).astype(np.uint8)


def _band(shape: tuple[int, ...], cover: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return float32 (n, h, w), 0..1: how much of the film lies on each pixel."""
    count, height, width = shape
    if cover >= 1:
        return np.ones(shape, np.float32)
    angle = rng.uniform(0, 2 * np.pi, (count, 1, 1))
    y, x = np.mgrid[:height, :width]
    along = x * np.cos(angle) + y * np.sin(angle)
    edge = np.quantile(along.reshape(count, -1), 1 - cover, axis=1)[:, None, None]
    return np.asarray(1 / (1 + np.exp(-4 * (along - edge) / _EDGE_PX)), np.float32)
