"""What a microscope in the field does to a picture: pure functions, for the virtual stage, tests and benchmarks.

Pictures are uint8 (h, w, 3), RGB, and come out as new ones. Light is counted in grey levels, as optical density is
everywhere in this project: half the light is half the level.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

_SHEET_MARGIN = 64
"""px by which a sheet of noise is larger than a frame, so that no two frames need carry the same noise."""
_STRIP_ROWS = 128
"""Rows that are worked on at once, where numbers of 32 bits would take four times a picture's memory."""
_DIRT_SHARE = (0.004, 0.02)
"""Radius of a speck of dirt, as a share of the shorter side."""


def defocus(pixels: NDArray[np.uint8], sigma_um: float, um_per_px: float) -> NDArray[np.uint8]:
    """Blur by a Gaussian of `sigma_um` µm on the slide, at the picture's own scale; 0 changes nothing."""
    _check(sigma_um >= 0 and um_per_px > 0, "a sigma of 0 µm or more and a positive scale", (sigma_um, um_per_px))
    sigma_px = sigma_um / um_per_px
    if sigma_px < 0.05:
        return pixels.copy()
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT_101), np.uint8)


def smear(pixels: NDArray[np.uint8], dx_px: float, dy_px: float) -> NDArray[np.uint8]:
    """Blur along the way (dx, dy) that the stage went while the shutter was open, px, the middle of it staying put."""
    steps = max(1, math.ceil(max(abs(dx_px), abs(dy_px))))
    if max(abs(dx_px), abs(dy_px)) < 0.05:
        return pixels.copy()
    side = 2 * (steps // 2 + 1) + 1
    kernel = np.zeros((side, side), np.float32)
    for part in (np.arange(4 * steps) + 0.5) / (4 * steps) - 0.5:
        _spread(kernel, side // 2 + part * dx_px, side // 2 + part * dy_px)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT_101), np.uint8)


def lit(pixels: NDArray[np.uint8], light: float | NDArray[np.float32]) -> NDArray[np.uint8]:
    """Multiply by the light: a level, 1 as it was, or a map, float32 (h, w) or (h, w, 3); white is the end."""
    if isinstance(light, np.ndarray):
        _check(light.shape in (pixels.shape[:2], pixels.shape), f"a map of {pixels.shape[:2]}", light.shape)
        out = np.empty_like(pixels)
        for top in range(0, len(pixels), _STRIP_ROWS):
            rows = slice(top, top + _STRIP_ROWS)
            map_ = light[rows] if light.ndim == 3 else cv2.merge([light[rows]] * 3)
            cv2.multiply(pixels[rows], map_, out[rows], dtype=cv2.CV_8U)
        return out
    _check(light >= 0, "a level of light from 0 on", light)
    return np.asarray(cv2.convertScaleAbs(pixels, alpha=light), np.uint8)


def falloff_map(size: tuple[int, int], loss: float) -> NDArray[np.float32]:
    """Return float32 (h, w): the light of a lamp that is 1 in the middle and falls, with the square, to 1 - loss."""
    _check(0 <= loss <= 1, "a loss of 0..1", loss)
    y, x = (np.linspace(-1, 1, length, dtype=np.float32) for length in size)
    return np.asarray(1 - loss * (y[:, None] ** 2 + x**2) / 2, np.float32)


def dirt_map(size: tuple[int, int], specks: int, seed: int = 0) -> NDArray[np.float32]:
    """Return float32 (h, w): what dirt near the sensor lets through, 0..1; round specks with soft edges, seeded."""
    rng = np.random.default_rng([seed, 7])
    light = np.ones(size, np.float32)
    for _ in range(specks):
        radius = rng.uniform(*_DIRT_SHARE) * min(size)
        centre_y, centre_x = rng.uniform(0, size[0]), rng.uniform(0, size[1])
        depth = rng.uniform(0.3, 0.9)
        reach = math.ceil(2 * radius) + 2
        top, left = max(0, int(centre_y) - reach), max(0, int(centre_x) - reach)
        part = light[top : int(centre_y) + reach + 1, left : int(centre_x) + reach + 1]
        y, x = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
        distance = np.hypot(y - centre_y, x - centre_x) / radius
        part *= (1 - depth / (1 + distance**8)).astype(np.float32)
    return light


def turned_hue(pixels: NDArray[np.uint8], degrees: float) -> NDArray[np.uint8]:
    """Turn the hue of each pixel, in HSV: value and saturation stay, and grey stays grey."""
    if not degrees % 360:
        return pixels.copy()
    hsv = cv2.cvtColor(np.asarray(pixels, np.float32), cv2.COLOR_RGB2HSV)  # hue 0..360, saturation 0..1
    hsv[..., 0] = (hsv[..., 0] + degrees) % 360
    return np.asarray(np.rint(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)), np.uint8)


class NoiseSheet:
    """Noise for many frames, drawn once: drawing it anew costs more than all else in a frame."""

    def __init__(self, size: tuple[int, int], sigma: float, seed: int | tuple[int, ...]) -> None:
        """Draw Gaussian noise of `sigma` grey levels for frames of `size` (height, width)."""
        _check(sigma >= 0, "noise of 0 grey levels or more", sigma)
        self._seed = seed if isinstance(seed, tuple) else (seed,)
        rng = np.random.default_rng([*self._seed, 1])
        self._sheet = np.empty((size[0] + _SHEET_MARGIN, size[1] + _SHEET_MARGIN, 3), np.int16)
        for top in range(0, len(self._sheet), _STRIP_ROWS):
            strip = self._sheet[top : top + _STRIP_ROWS]
            strip[:] = np.rint(np.clip(rng.standard_normal(strip.shape, np.float32) * sigma, -255, 255))

    def over(self, pixels: NDArray[np.uint8], index: int) -> NDArray[np.uint8]:
        """Return a frame with the noise that belongs to its index."""
        y, x = np.random.default_rng([*self._seed, index]).integers(0, _SHEET_MARGIN, 2)
        sheet = self._sheet[y : y + pixels.shape[0], x : x + pixels.shape[1]]
        return np.asarray(cv2.add(pixels, sheet, dtype=cv2.CV_8U), np.uint8)  # saturates


def _spread(kernel: NDArray[np.float32], x: float, y: float) -> None:
    """Add 1 to a kernel at a place between its cells."""
    left, top = math.floor(x), math.floor(y)
    for row, down in ((top, 1 - (y - top)), (top + 1, y - top)):
        for column, across in ((left, 1 - (x - left)), (left + 1, x - left)):
            if down * across > 0:
                kernel[row, column] += down * across


def _check(holds: bool, expected: str, found: object) -> None:
    if not holds:
        raise BadInput(f"expected {expected}, found {found}")
