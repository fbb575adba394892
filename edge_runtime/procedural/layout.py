"""Where each tissue lies: the outline of the section, its tumour, its fat."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge_runtime.procedural.noise import Flow, fibres, smooth_noise

_COARSE = 4  # regions are drawn at a quarter of the scale: they hold no detail below 50 µm
_REGION_PX = 300.0  # 1.2 mm: the size of a feature of the outline, of a fat lobule, of a spur of the tumour
_TUMOUR_SHARE = 0.25  # of the section
_FAT_SHARE = 0.24  # of the section
_AREA_A_FOCUS_PX = 1_200_000  # one more focus of the tumour for every 19 mm2 of slide


@dataclass(frozen=True)
class Layout:
    """The regions of a slide, before anything is drawn into them."""

    edge: np.ndarray
    """float32 (h, w): 0 in the middle of the section, 1 on its outline, more on the glass."""
    tumour: np.ndarray
    """float32 (h, w): above 0 within the invasive tumour, about 1 in its heart."""
    fat: np.ndarray
    """float32 (h, w): above 0 within a lobule of fat."""


def make_layout(flow: Flow, rng: np.random.Generator) -> Layout:
    """Draw a section that nearly fills the slide, a tumour within it, and fat, mostly near its edge."""
    size = flow.across.shape[0], flow.across.shape[1]
    coarse = (-(-size[0] // _COARSE), -(-size[1] // _COARSE))
    region_px = min(_REGION_PX, 0.3 * min(size)) / _COARSE
    edge = _outline(coarse, region_px, rng)
    section = edge < 1
    foci = _foci(coarse, 1 + size[0] * size[1] // _AREA_A_FOCUS_PX, rng)
    tumour = foci + 0.13 * smooth_noise(coarse, region_px, rng, octaves=4) - 3 * np.maximum(edge - 0.8, 0)
    tumour = (tumour - _level(tumour, section, _TUMOUR_SHARE)) / 0.5
    fat = smooth_noise(coarse, 0.8 * region_px, rng, octaves=3) + 1.2 * edge - 2.5 * np.clip(tumour + 0.35, 0, 1)
    fat = fat - _level(fat, section, _FAT_SHARE)
    # Carcinoma and fat follow the fibres where they meet the stroma.
    return Layout(
        _roughened(_enlarge(edge, size), 0.002, smooth_noise(size, 7.0, rng)),
        _roughened(_enlarge(tumour, size), 0.12, fibres(flow, 14.0, 3.0, rng)),
        _roughened(_enlarge(fat, size), 0.25, fibres(flow, 18.0, 3.0, rng)),
    )


def _roughened(field: np.ndarray, by: float, noise: np.ndarray) -> np.ndarray:
    noise *= np.float32(by)
    field += noise
    return field


def _outline(size: tuple[int, int], region_px: float, rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
    dx = np.abs(2 * x / size[1] - 1 + rng.uniform(-0.06, 0.06))
    dy = np.abs(2 * y / size[0] - 1 + rng.uniform(-0.06, 0.06))
    rounded: np.ndarray = (dx**3 + dy**3) ** (1 / 3)
    return rounded / 0.92 + 0.07 * smooth_noise(size, region_px, rng, octaves=4)


def _foci(size: tuple[int, int], count: int, rng: np.random.Generator) -> np.ndarray:
    """Return 1 at the centre of each focus, falling by 1 a radius; the first focus is the largest."""
    height, width = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    foci = np.full(size, -10, np.float32)
    for index in range(count):
        radius = min(size) * (0.36 if index == 0 else rng.uniform(0.12, 0.2))
        centre_x, centre_y = rng.uniform(0.25, 0.75) * width, rng.uniform(0.25, 0.75) * height
        foci = np.maximum(foci, 1 - np.hypot(x - centre_x, y - centre_y) / radius)
    return foci


def _level(field: np.ndarray, within: np.ndarray, share: float) -> float:
    """Return the level that `share` of the pixels of `field` that lie `within` exceed."""
    return float(np.quantile(field[within], 1 - share)) if within.any() else float(field.max())


def _enlarge(field: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    fine = cv2.resize(field.astype(np.float32), None, fx=_COARSE, fy=_COARSE, interpolation=cv2.INTER_CUBIC)
    return np.ascontiguousarray(fine[: size[0], : size[1]])
