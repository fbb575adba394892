"""Whether the stage moved while a frame was taken: by the frame before, or by a smear along one axis."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import MotionGate
from edge_runtime.records import Frame

from .reasons import MOVING

GREY_UM_PER_PX = 16.0
"""Scale of the small grey pictures that are compared."""
_SMALLEST_PX = 8
"""Smaller pictures say nothing of a shift."""
_STILL = 0.6
"""Mean difference between two small grey pictures, grey levels, below which nothing moved: noise makes less."""


@dataclass(frozen=True)
class Motion:
    """What two frames tell."""

    shift_um: tuple[float, float]
    """(x, y): how far the tissue moved from the first to the second, µm."""
    per_interval_um: float
    """How far it went within one interval of the sensor, µm."""
    match: float
    """How well both correlate where they overlap after the shift, -1..1: how sure it is."""
    reason: str | None
    """`moving`, or None."""


def small_grey(field: NDArray[np.uint8], um_per_px: float) -> NDArray[np.uint8]:
    """Return a field, uint8 (h, w, 3), RGB, as a small grey picture at 16 µm per px, uint8 (h', w'); green alone."""
    height, width = field.shape[:2]
    size = max(1, round(width * um_per_px / GREY_UM_PER_PX)), max(1, round(height * um_per_px / GREY_UM_PER_PX))
    return np.asarray(cv2.resize(cv2.extractChannel(field, 1), size, interpolation=cv2.INTER_AREA), np.uint8)


def motion_between(
    before: NDArray[np.uint8], now: NDArray[np.uint8], elapsed_s: float, gate: MotionGate, interval_s: float | None
) -> Motion:
    """Say how tissue moved between two small grey pictures, uint8 (h, w), of equal size, taken `elapsed_s` apart.

    `interval_s` is the sensor's, None: not known. By phase correlation (Kuglin and Hines 1975): of views that do not
    overlap, and of a light that changes, nothing is said.
    """
    if float(cv2.norm(before, now, cv2.NORM_L1)) < _STILL * now.size or min(now.shape) < _SMALLEST_PX:
        return Motion((0.0, 0.0), 0.0, 1.0, None)
    window = cv2.createHanningWindow((now.shape[1], now.shape[0]), cv2.CV_32F)
    (x, y), _ = cv2.phaseCorrelate(before.astype(np.float32), now.astype(np.float32), window)
    match = _match(before, now, round(x), round(y))
    interval = min(elapsed_s, interval_s or gate.default_interval_s)
    passed_um = float(np.hypot(x, y)) * GREY_UM_PER_PX * interval / elapsed_s if elapsed_s > 0 else 0.0
    moving = match >= gate.min_match and passed_um > gate.max_shift_um
    return Motion((x * GREY_UM_PER_PX, y * GREY_UM_PER_PX), passed_um, match, MOVING if moving else None)


def _match(before: NDArray[np.uint8], now: NDArray[np.uint8], x: int, y: int) -> float:
    """Return the correlation of two pictures where they overlap after a shift, px; 0 below a quarter of the view."""
    height, width = now.shape
    if 2 * abs(x) > width or 2 * abs(y) > height:
        return 0.0
    ahead = now[max(0, y) : height + min(0, y), max(0, x) : width + min(0, x)]
    behind = before[max(0, -y) : height + min(0, -y), max(0, -x) : width + min(0, -x)]
    one, other = (part - part.mean(dtype=np.float32) for part in (ahead, behind))
    power = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / power if power else 0.0


class MotionWatch:
    """Holds the frame before against each frame of a live source; pictures, which have no clock, never move."""

    def __init__(self, gate: MotionGate) -> None:
        """Begin without a frame."""
        self._gate = gate
        self._before: tuple[int, NDArray[np.uint8]] | None = None

    def look(self, frame: Frame, field: NDArray[np.uint8], um_per_px: float) -> Motion | None:
        """Return how the stage moved since the frame before; None where there is none to compare.

        `field` is uint8 (h, w, 3), RGB, the frame at the model's scale.
        """
        if frame.timestamp_ns is None:
            return None
        before, self._before = self._before, (frame.timestamp_ns, small_grey(field, um_per_px))
        if before is None or before[1].shape != self._before[1].shape:
            return None
        elapsed_s = (frame.timestamp_ns - before[0]) / 1e9
        if not 0 < elapsed_s <= self._gate.max_gap_s:
            return None
        interval_s = None if frame.interval_ns is None else frame.interval_ns / 1e9
        return motion_between(before[1], self._before[1], elapsed_s, self._gate, interval_s)
