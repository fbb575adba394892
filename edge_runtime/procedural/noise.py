"""Noise from which tissue is woven: smooth fields, and fibres that follow a common flow."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

_TEXTURE_PX = 1024


def strips(height: int, rows: int = 64) -> Iterator[slice]:
    """Yield the rows of a slide some at a time: what is made of a strip takes little memory, and stays in a cache."""
    return (slice(top, min(top + rows, height)) for top in range(0, height, rows))


def smooth_noise(size: tuple[int, int], scale_px: float, rng: np.random.Generator, octaves: int = 1) -> np.ndarray:
    """Return noise of about unit variance, features of about `scale_px` and half of it an octave: float32 (h, w)."""
    step_px = max(scale_px / 2 ** (octaves - 1), 1.0)
    rows, columns = (math.ceil(length / step_px) + 2 ** (octaves - 1) for length in size)
    total: np.ndarray = np.zeros((1, 1), np.float32)
    # From the coarsest grid to the finest, and only then to pixels: one large interpolation, not one an octave.
    for octave in range(octaves):
        grid = (-(-rows >> (octaves - 1 - octave)), -(-columns >> (octaves - 1 - octave)))
        total = cv2.resize(total, grid[::-1], interpolation=cv2.INTER_CUBIC)
        total = np.add(total, rng.standard_normal(grid, dtype=np.float32) * np.float32(0.5**octave))
    fine = cv2.resize(total, None, fx=step_px, fy=step_px, interpolation=cv2.INTER_CUBIC)
    top, left = (fine.shape[0] - size[0]) // 2, (fine.shape[1] - size[1]) // 2
    # Cubic interpolation between the nodes leaves about three quarters of the standard deviation.
    spread = 0.75 * math.sqrt(sum(0.25**octave for octave in range(octaves)))
    noise: np.ndarray = fine[top : top + size[0], left : left + size[1]]
    noise *= np.float32(1 / spread)
    return noise


@dataclass(frozen=True)
class Flow:
    """Coordinates that follow the fibres of a section."""

    angle: float
    """The main direction of the fibres, radians."""
    across: np.ndarray
    """float32 (h, w): pixels travelled across them; its level sets are the fibres."""

    def along(self, rows: slice) -> np.ndarray:
        """Return the pixels travelled along the fibres in some rows, float32 (rows, w)."""
        y, x = _axes(self.across.shape[1], rows)
        return x * np.float32(math.cos(self.angle)) + y * np.float32(math.sin(self.angle))

    def direction(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the unit vector (x, y) along the fibres at integer points."""
        height, width = self.across.shape
        right, left = self.across[y, np.minimum(x + 1, width - 1)], self.across[y, np.maximum(x - 1, 0)]
        below, above = self.across[np.minimum(y + 1, height - 1), x], self.across[np.maximum(y - 1, 0), x]
        dx, dy = below - above, left - right
        length = np.maximum(np.hypot(dx, dy), 1e-6)
        return dx / length, dy / length


def make_flow(size: tuple[int, int], bend_px: float, rng: np.random.Generator) -> Flow:
    """Lay fibres in one main direction that bends over `bend_px` and is crimped as collagen is."""
    angle = rng.uniform(0, math.pi)
    across = smooth_noise(size, bend_px, rng, octaves=2)
    crimp = smooth_noise(size, 9.0, rng)
    for rows in strips(size[0]):
        y, x = _axes(size[1], rows)
        straight = y * np.float32(math.cos(angle)) - x * np.float32(math.sin(angle))
        bend = across[rows] * np.float32(0.15 * bend_px)
        across[rows] = straight + bend + crimp[rows] * np.float32(1.5)
    return Flow(angle, across)


def _axes(width: int, rows: slice) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(rows.start, rows.stop, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)


def fibres(flow: Flow, pitch_px: float, stretch: float, rng: np.random.Generator) -> np.ndarray:
    """Return noise of about unit variance, float32 (h, w): `pitch_px` across fibres, `stretch` times that along."""
    texture = rng.standard_normal((_TEXTURE_PX, _TEXTURE_PX), dtype=np.float32)
    # An offset keeps the coordinates positive and the textures of one flow from sharing their grain.
    shift_x, shift_y = rng.uniform(0, _TEXTURE_PX, 2).astype(np.float32)
    woven = np.empty(flow.across.shape, np.float32)
    for rows in strips(len(woven)):
        u = flow.along(rows) * np.float32(1 / (pitch_px * stretch)) + shift_x
        v = flow.across[rows] * np.float32(1 / pitch_px) + shift_y
        cv2.remap(texture, u, v, cv2.INTER_LINEAR, woven[rows], cv2.BORDER_WRAP)
    woven *= np.float32(1.5)
    return woven
