"""The focus baseline: how much detail a sharp field of tissue holds, at the camera's own sampling."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput
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

    def __post_init__(self) -> None:
        if len(self.bands) != len(BANDS_UM) or not (min(self.bands) >= 0 and self.sharpness > 0 and self.spread >= 0):
            raise ValueError(f"expected {len(BANDS_UM)} bands of at least 0 and a sharpness above 0, found {self}")


def measure_focus(pictures: Iterable[NDArray[np.uint8]], um_per_px: float, made_at: str) -> FocusBaseline:
    """Return what sharp pictures, uint8 (h, w, 3), RGB, of tissue tell.

    Raises BadInput where they show too little tissue, or none that is sharp.
    """
    frames, found, colours = 0, [], []
    for picture in pictures:
        frames += 1
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
    )


def _colour(picture: NDArray[np.uint8], um_per_px: float) -> float:
    factor = min(1.0, um_per_px / _COLOUR_UM_PER_PX)
    size = max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor))
    red, green, _ = cv2.split(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32) + 1)
    low, high = np.percentile(np.log(green / red), [10, 90])
    return float(high - low)


def sharpness(found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return float32 (n,): fine detail over coarse, of n places' bands (n, 4)."""
    return np.asarray(found[:, 1] / np.maximum(found[:, 3], 1e-6), np.float32)
