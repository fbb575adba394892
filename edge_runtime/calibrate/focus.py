"""The focus baseline: how much detail a sharp field of tissue holds, at the camera's own sampling."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import FocusGate
from edge_runtime.errors import BadInput
from edge_runtime.gates.focus import measure_focus as measure_tiles
from edge_runtime.patches import IDC_UM_PER_PX, PATCH_PX
from edge_runtime.texture import BANDS_UM, LEAST_CONTRAST, bands, spread_centres

CROPS = 48
"""Places looked at in a frame."""
LEAST_CROPS = 8
"""Of them must show tissue."""
LEAST_COLOUR = 0.05
"""Range of green over red in a picture of tissue (10th to 90th percentile, logarithm, places of 8 µm).

233 fields of train and validation slides have 0.089 and more; glass, dirt and a micrometer 0.007.
"""
_COLOUR_UM_PER_PX = 8.0
LEAST_SHARPNESS = 0.25
"""A field of less is out of focus by any measure: a 100th of real fields at 4 µm per px have less."""


TILE_UM = PATCH_PX * IDC_UM_PER_PX
"""Side of the places that a focus gate measures: a tile, µm."""
GATE = FocusGate(near_um=4.0, far_um=16.0, min_sharpness=0.0, of_baseline=0.0, min_contrast=0.8, max_um_per_px=2.0)
"""What the gates of shipped models measure sharpness with. It is kept beside the number: a gate that measures at other
distances does not take it."""
LEAST_TILES = 4
"""Tiles with detail that a gate's sharpness is the median of."""


@dataclass(frozen=True)
class GateSharpness:
    """Sharpness as `gates.measure_focus` tells it: what a focus gate holds tiles against."""

    sharpness: float
    """Median over the tiles with detail, above 0, at most 1."""
    near_um: float
    """The smaller distance that it was measured at, µm."""
    far_um: float
    """The larger one, µm."""
    tiles: int
    """How many there were."""

    def __post_init__(self) -> None:
        if not (0 < self.sharpness <= 1 and 0 < self.near_um < self.far_um):
            raise ValueError(f"expected a sharpness above 0 and two distances in order, found {self}")


@dataclass(frozen=True)
class FocusBaseline:
    """What a sharp field of tissue told."""

    made_at: str
    """When, ISO 8601, UTC."""
    frames: int
    """How many were looked at."""
    crops: int
    """How many places showed tissue."""
    bands: tuple[float, ...]
    """Median over them of the optical density's standard deviation in each band of `texture.BANDS_UM`."""
    sharpness: float
    """Median over them of the second band over the fourth: nuclei and fibres over the tissue's coarse shape."""
    spread: float
    """Standard deviation of the logarithm (base 2) of that between places."""
    of_gate: GateSharpness | None = None
    """The same field in a focus gate's own measure; None: the camera is too coarse for it, or the file older."""

    def __post_init__(self) -> None:
        if len(self.bands) != len(BANDS_UM) or not (min(self.bands) >= 0 and self.sharpness > 0 and self.spread >= 0):
            raise ValueError(f"expected {len(BANDS_UM)} bands of at least 0 and a sharpness above 0, found {self}")

    def sharpness_for(self, gate: FocusGate) -> float | None:
        """Return the sharpness that a gate may hold tiles against; None where it measures otherwise."""
        found = self.of_gate
        if found is None or (found.near_um, found.far_um) != (gate.near_um, gate.far_um):
            return None
        return found.sharpness


def measure_focus(pictures: Iterable[NDArray[np.uint8]], um_per_px: float, made_at: str) -> FocusBaseline:
    """Return what sharp pictures, uint8 (h, w, 3), RGB, of tissue tell.

    Raises BadInput where they show too little tissue, or none that is sharp.
    """
    frames, found, colours, tiles = 0, [], [], []
    for picture in pictures:
        frames += 1
        tiles.append(_of_tiles(picture, um_per_px))
        colours.append(_colour(picture, um_per_px))
        found.append(bands(picture, um_per_px, spread_centres(picture.shape[0], picture.shape[1], CROPS)))
    every = np.concatenate(found) if found else np.zeros((0, len(BANDS_UM)), np.float32)
    tissue = every[every[:, -1] >= LEAST_CONTRAST] if max(colours, default=0) >= LEAST_COLOUR else every[:0]
    if len(tissue) < LEAST_CROPS:
        raise BadInput(
            f"expected a field full of tissue, found {len(tissue)} of {len(every)} places with any (at least "
            f"{LEAST_CROPS}); move to tissue with many cells, and focus"
        )
    ratio = sharpness(tissue)
    middle = float(np.median(ratio))
    if middle < LEAST_SHARPNESS:
        raise BadInput(
            f"expected a sharp field, found a sharpness of {middle:.2f} (at least {LEAST_SHARPNESS:g}); focus "
            "until nuclei have edges, and check the scale: a wrong one looks like blur"
        )
    return FocusBaseline(
        made_at=made_at,
        frames=frames,
        crops=len(tissue),
        bands=tuple(round(float(value), 5) for value in np.median(tissue, 0)),
        sharpness=round(middle, 4),
        spread=round(float(np.log2(np.maximum(ratio, 1e-4)).std()), 4),
        of_gate=_of_gate(np.concatenate(tiles)),
    )


def _of_tiles(picture: NDArray[np.uint8], um_per_px: float) -> NDArray[np.float32]:
    """Return the sharpness of the tiles with detail, float32 (n,), as a focus gate measures it."""
    height, width = picture.shape[:2]
    grid = math.ceil(height * um_per_px / TILE_UM), math.ceil(width * um_per_px / TILE_UM)
    seen = measure_tiles(picture, um_per_px, grid, GATE)
    return np.zeros(0, np.float32) if seen is None else seen.sharpness[seen.contrast >= GATE.min_contrast]


def _of_gate(tiles: NDArray[np.float32]) -> GateSharpness | None:
    middle = round(float(np.median(tiles)), 4) if len(tiles) >= LEAST_TILES else 0.0
    return GateSharpness(middle, GATE.near_um, GATE.far_um, len(tiles)) if 0 < middle <= 1 else None


def _colour(picture: NDArray[np.uint8], um_per_px: float) -> float:
    factor = min(1.0, um_per_px / _COLOUR_UM_PER_PX)
    size = max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor))
    red, green, _ = cv2.split(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32) + 1)
    low, high = np.percentile(np.log(green / red), [10, 90])
    return float(high - low)


def sharpness(found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return float32 (n,): fine detail over coarse, of n places' bands (n, 4)."""
    return np.asarray(found[:, 1] / np.maximum(found[:, 3], 1e-6), np.float32)
