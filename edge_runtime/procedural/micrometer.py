"""A drawn stage micrometer, as a camera would see it: for trying the calibration without one."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_LINE_SHARE = 0.2
"""Width of a line in pitches: 2 µm of 10 µm, as on common micrometers."""


@dataclass(frozen=True)
class Micrometer:
    """A stage micrometer under a camera."""

    um_per_px: float
    """Scale of the picture."""
    pitch_um: float = 10.0
    """From line to line."""
    divisions: int = 100
    """How many pitches the graduation has; one line more."""
    angle: float = 0.0
    """By how many degrees the graduation is turned, counter-clockwise in the picture."""
    length_um: float = 80.0
    """Of a short line; every fifth is 1.5 times, every tenth twice as long."""
    distortion: float = 0.0
    """Of the lens: how much larger the scale is in the corners, as a share."""
    vignette: float = 0.25
    """How much darker the corners are, as a share of the centre."""
    blur_px: float = 0.7
    """Standard deviation of the defocus, px."""
    noise: float = 1.5
    """Standard deviation of the sensor's noise, grey levels."""
    specks: int = 0
    """How many specks of dirt lie in view."""
    contrast: float = 0.7
    """How dark a line is: 1 is black."""
    bright: bool = False
    """True: bright lines on a dark ground."""
    centre_um: tuple[float, float] = (0.0, 0.0)
    """Where the middle of the graduation lies, from the middle of the picture, along and across it."""
    line_um: float | None = None
    """Width of a line; None: a fifth of the pitch."""

    def draw(self, size: tuple[int, int], seed: int = 0) -> NDArray[np.uint8]:
        """Return a picture uint8 (h, w, 3), RGB, of `size` (height, width) px."""
        rng = np.random.default_rng(seed)
        x, y = self._places(size)
        ink = self._lines(x, y) * np.float32(self.contrast)
        ink = np.maximum(ink, _dirt(size, self.specks, rng))
        light = np.float32(1) - ink if not self.bright else np.float32(0.15) + np.float32(0.8) * ink
        light = cv2.GaussianBlur(light, (0, 0), self.blur_px) if self.blur_px else light
        light = light * (1 - np.float32(self.vignette) * _corner(size))
        colour = 235.0 * light[..., None] * np.asarray([1.0, 0.98, 0.94], np.float32)
        colour += rng.standard_normal((*size, 3), np.float32) * np.float32(self.noise)
        return np.asarray(np.clip(np.rint(colour), 0, 255), np.uint8)

    def _places(self, size: tuple[int, int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return where each pixel lies on the micrometer, µm, along the graduation and across it."""
        y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32)
        x, y = x - (size[1] - 1) / 2, y - (size[0] - 1) / 2
        bend = 1 / (1 + np.float32(self.distortion) * _corner(size)) * np.float32(self.um_per_px)
        turn = np.radians(self.angle)
        along = (x * np.cos(turn) - y * np.sin(turn)) * bend - self.centre_um[0]
        across = (x * np.sin(turn) + y * np.cos(turn)) * bend - self.centre_um[1]
        return along.astype(np.float32), across.astype(np.float32)

    def _lines(self, along: NDArray[np.floating], across: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the share of each pixel that a line covers."""
        number = np.rint(along / self.pitch_um)
        half = (self.line_um or _LINE_SHARE * self.pitch_um) / 2
        width = np.clip((half - np.abs(along - number * self.pitch_um)) / self.um_per_px + 0.5, 0, 1)
        width = width * min(1.0, 2 * half / self.um_per_px)  # a line thinner than a pixel only shades it
        count = np.rint(number + self.divisions / 2)
        reach = np.where(count % 10 == 0, 2.0, np.where(count % 5 == 0, 1.5, 1.0)) * self.length_um
        below = self.length_um / 2 - across  # the lines stand on a common base
        inside = (count >= 0) & (count <= self.divisions) & (below >= 0)
        return np.asarray(width * inside * np.clip((reach - below) / self.um_per_px, 0, 1), np.float32)


def _corner(size: tuple[int, int]) -> NDArray[np.float32]:
    """Return float32 (h, w): the squared distance from the middle, 1 in the corners."""
    y, x = (np.linspace(-1, 1, length, dtype=np.float32) for length in size)
    return np.asarray((y[:, None] ** 2 + x**2) / 2, np.float32)


def _dirt(size: tuple[int, int], specks: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return float32 (h, w): how dark dirt makes each pixel; specks and short fibres."""
    canvas = np.zeros(size, np.uint8)
    for n in range(specks):
        x, y = int(rng.integers(size[1])), int(rng.integers(size[0]))
        reach = int(rng.integers(2, max(3, min(size) // 60)))
        if n % 3:
            cv2.circle(canvas, (x, y), reach, int(rng.integers(80, 220)), -1, cv2.LINE_AA)
        else:
            angle = rng.uniform(0, np.pi)
            end = int(x + 8 * reach * np.cos(angle)), int(y + 8 * reach * np.sin(angle))
            cv2.line(canvas, (x, y), end, 170, 2, cv2.LINE_AA)
    return np.asarray(canvas / np.float32(255), np.float32)
