"""Learn where a stain begins to be foreign: between the training tiles as they are and with their hue turned by 30°.

The shares of red and blue in a tile's optical density lie on a narrow patch: haematoxylin and eosin differ in red and
hardly in blue. Three straight sides bound it: too little blue (a hue turned towards blue), too much blue for its red
(turned towards yellow), too much red. What a view may show is judged by fields of one slide, twelve tiles that are
alike, as neighbours are; what a tile may show, by the outermost tiles.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import StainGate, StainSide
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.gates.stain import stain_shares
from edge_runtime.sample import Sample

FOREIGN_TURN_DEGREES = 30.0
"""A hue turned by this much is foreign."""
_RED_TURN_DEGREES = -90.0
"""Too much red comes of hues beyond blue only."""
_SIDES = ((0.0, -1.0), (0.67, 1.0), (1.0, 0.0))
"""Weights of the shares of red and blue towards each side. Of the second: the line along which haematoxylin and eosin
mix, by logistic regression of turned against unturned train tiles."""
_TURNS = (-FOREIGN_TURN_DEGREES, FOREIGN_TURN_DEGREES, _RED_TURN_DEGREES)
_GLASS_DENSITY = (-math.log(GLASS_RGB[0] / 255), -math.log(GLASS_RGB[1] / 255), -math.log(GLASS_RGB[2] / 255))
_FIELD_TILES = 12
_OUTER_FIELDS, _OUTER_TILES = 0.01, 0.001
"""Share of fields, and of tiles, that may lie beyond a side."""
_MOST_TILES = 8000
_CHUNK = 1024


def learn_stain_gate(
    tiles: NDArray[np.uint8], slides: NDArray[np.str_], min_density: float, seed: int = 0
) -> StainGate:
    """Return the gate that uint8 tiles (n, h, w, 3), RGB, of training slides (n,) give.

    Leave glass and pen out beforehand, and tiles with a little ink, too. A pixel is tissue from `min_density` on.
    """
    drawn = np.sort(np.random.default_rng(seed).permutation(len(tiles))[:_MOST_TILES])
    tiles, slides = tiles[drawn], slides[drawn]
    own = _shares(tiles, min_density)
    sides = []
    for weights, turn in zip(_SIDES, _TURNS, strict=True):
        towards = own @ weights
        turned = _shares(turn_hue(tiles, turn), min_density)
        middle = float(np.median(towards))
        reached = float(np.quantile(_fields(own, slides) @ weights, 1 - _OUTER_FIELDS))
        foreign = float(np.quantile(_fields(turned, slides) @ weights, _OUTER_FIELDS))
        scale = max((reached + foreign) / 2 - middle, 1e-3)
        outermost = float(np.quantile(towards, 1 - _OUTER_TILES))
        tile = max(1.0, (outermost - middle) / scale)
        sides.append(StainSide(weights[0] / scale, weights[1] / scale, -middle / scale, tile))
    return StainGate(
        min_density=min_density,
        glass_density=_GLASS_DENSITY,
        sides=tuple(sides),
        max_view=1.0,
        max_tile=1.0,
        min_tiles=2,
        min_textured=0.5,
        min_roughness=0.06,
    )


def turn_hue(tiles: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Return uint8 pixels (..., w, 3), RGB, with their hue turned on the circle of HSV, in 256 steps.

    The gates' constants were learned with it; `edge_runtime.cameras.degrade.turned_hue` turns by fractions of a step.
    """
    flat = np.ascontiguousarray(tiles).reshape(-1, tiles.shape[-2], 3)
    hsv = cv2.cvtColor(flat, cv2.COLOR_RGB2HSV_FULL)
    hsv[..., 0] += np.uint8(round(degrees * 256 / 360) % 256)  # wraps
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL), np.uint8).reshape(tiles.shape)


def _shares(tiles: NDArray[np.uint8], min_density: float) -> NDArray[np.float64]:
    """Return the shares of red and blue in the density of each tile's tissue, float64 (n, 2)."""
    parts = (tiles[n : n + _CHUNK] for n in range(0, len(tiles), _CHUNK))
    return np.concatenate([stain_shares(Sample(part), min_density, np.array(_GLASS_DENSITY))[0] for part in parts])


def _fields(shares: NDArray[np.float64], slides: NDArray[np.str_]) -> NDArray[np.float64]:
    """Return the medians of fields, float64 (fields, 2): tiles of one slide in the order of their share of red."""
    found: list[NDArray[np.float64]] = []
    for slide in np.unique(slides):
        of_slide = shares[slides == slide]
        of_slide = of_slide[np.argsort(of_slide[:, 0])]
        starts = range(0, max(1, len(of_slide) - _FIELD_TILES + 1), _FIELD_TILES)
        found += [np.median(of_slide[n : n + _FIELD_TILES], 0) for n in starts]
    return np.array(found)
