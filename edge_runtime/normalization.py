"""Bring the stain balance of a slide to that of the training slides: one gain a channel, in optical density.

By Beer and Lambert a stain's optical density grows with its amount, so a slide that took more of one stain, or a lamp
of another colour, differs by a factor a channel. Only the balance of the channels is moved: the gains' geometric mean
is 1, and how dark a tile is stays its own. The factor is learned from everything seen of the slide, since a single
field of stroma is rightly pinker than one of carcinoma; little evidence moves little.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .contract import StainNormalization

_STEP = 3
"""Every third pixel of every third row is looked at: a mean over a slide needs no more."""

_LEVELS = np.arange(256)
_DENSITY = -np.log(np.maximum(_LEVELS, 1).astype(np.float32) / 255)
"""Optical density, base e, of a pixel value; 0 counts as 1."""


class StainEvidence:
    """What was seen of one slide so far: how much tissue, and its mean optical density."""

    def __init__(self, min_density: float) -> None:
        """Start with nothing; `min_density` is the contract's: a pixel of less is no tissue."""
        self._min_density = min_density
        self._sums = np.zeros(3)
        self._pixels = 0.0
        self.tiles = 0.0
        """How many tiles full of tissue the evidence is worth."""

    def add(self, tiles: NDArray[np.uint8]) -> None:
        """Look at uint8 tiles (n, h, w, 3), RGB, of the slide."""
        looked_at = tiles[:, ::_STEP, ::_STEP]
        density = _DENSITY[looked_at.reshape(-1, 3)]
        tissue = (density @ np.full(3, 1 / 3, np.float32) >= self._min_density).astype(np.float32)
        self._sums += tissue @ density
        self._pixels += float(tissue.sum())
        self.tiles = self._pixels / (looked_at.shape[1] * looked_at.shape[2])

    def mean_density(self) -> NDArray[np.float64]:
        """Return the mean optical density of the tissue, float64 (3,), R, G, B; NaN where none was seen."""
        return self._sums / self._pixels if self._pixels else np.full(3, np.nan)

    def gains(self, towards: StainNormalization, prior_tiles: float) -> NDArray[np.float64]:
        """Return the factors of the optical densities, float64 (3,), R, G, B; `prior_tiles` is the contract's."""
        if not self.tiles:
            return np.ones(3)
        wanted = np.log(np.asarray(towards.reference)) - np.log(np.maximum(self.mean_density(), 1e-3))
        balance = wanted - wanted.mean()
        share = towards.strength * self.tiles / (self.tiles + prior_tiles)
        return np.asarray(np.exp(share * balance))


def rebalance(tiles: NDArray[np.uint8], gains: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return uint8 tiles (n, h, w, 3), RGB, with their optical densities multiplied by gains (3,)."""
    tables = np.rint(255 * np.exp(-_DENSITY.astype(np.float64) * gains[:, None])).astype(np.uint8)
    if len(tiles) == 0:  # all of them refused: OpenCV knows no picture without a row
        return tiles
    rows = np.ascontiguousarray(tiles).reshape(-1, tiles.shape[2], 3)
    planes = [cv2.LUT(plane, table) for plane, table in zip(cv2.split(rows), tables, strict=True)]  # faster than one
    return np.asarray(cv2.merge(planes), np.uint8).reshape(tiles.shape)


def normalize_slide(tiles: NDArray[np.uint8], towards: StainNormalization, prior_tiles: float) -> NDArray[np.uint8]:
    """Return the uint8 tiles (n, h, w, 3), RGB, of one slide, rebalanced by all that they show."""
    evidence = StainEvidence(towards.min_density)
    evidence.add(tiles)
    return rebalance(tiles, evidence.gains(towards, prior_tiles))
