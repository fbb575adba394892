"""Nuclei: small dark dots, about two pixels wide, as crowded and as uneven as the tissue has them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from edge_runtime.procedural.noise import Flow, strips

_PITCH_PX = 2.5  # one candidate a 10x10 µm square: 10,000 a mm2, packed epithelium
_SMALL_PX, _LARGE_PX = 0.42, 0.68  # standard deviations of the two dots that a nucleus is mixed from
_SPLAT_ROWS = 512


Where = tuple[np.ndarray, np.ndarray]
"""Rows and columns of points, intp (n,)."""


@dataclass(frozen=True)
class Kind:
    """What nuclei are like at n points."""

    chance: np.ndarray
    """float32 (n,), 0..1: that a candidate is a nucleus."""
    largeness: np.ndarray
    """float32 (n,), 0..1."""
    spindle: np.ndarray
    """float32 (n,), 0..1: how much of a spindle along the fibres it is."""


def make_nuclei(kind_at: Callable[[Where], Kind], flow: Flow, rng: np.random.Generator) -> np.ndarray:
    """Return the hematoxylin of nuclei, float32 (h, w), about 1 at the middle of a dark one.

    `kind_at` says what they are like anywhere.
    """
    x, y = _candidates(kind_at, flow.across.shape, rng)
    column, row = x.astype(np.intp), y.astype(np.intp)
    kind = kind_at((row, column))
    share = np.clip(kind.largeness + rng.normal(0, 0.2, x.size), 0, 1)
    dark = rng.lognormal(-0.1, 0.35, x.size)
    reach_px = 1.5 * np.clip(kind.spindle + rng.normal(0, 0.15, x.size), 0, 1)
    step_x, step_y = flow.direction(column, row)
    small, large = np.zeros(flow.across.shape, np.float32), np.zeros(flow.across.shape, np.float32)
    for offset in (-1, 0, 1):
        at_x, at_y = x + offset * reach_px * step_x, y + offset * reach_px * step_y
        weight = dark / (3 - 0.9 * reach_px)
        _splat(small, at_x, at_y, weight * (1 - share) * 2.2)
        _splat(large, at_x, at_y, weight * share * 3.6)
    nuclei: np.ndarray = cv2.GaussianBlur(small, (0, 0), _SMALL_PX)
    nuclei += cv2.GaussianBlur(large, (0, 0), _LARGE_PX, dst=small)
    return nuclei


def _candidates(
    kind_at: Callable[[Where], Kind], size: tuple[int, ...], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return points (x, y), px, about `_PITCH_PX` apart, kept by chance."""
    height, width = size
    rows, columns = math.ceil(height / _PITCH_PX), math.ceil(width / _PITCH_PX)
    jitter = rng.random((2, rows, columns), dtype=np.float32) * np.float32(_PITCH_PX)
    y = jitter[0] + np.arange(rows, dtype=np.float32)[:, None] * _PITCH_PX
    x = jitter[1] + np.arange(columns, dtype=np.float32) * _PITCH_PX
    x, y = np.minimum(x, np.float32(width - 1)).ravel(), np.minimum(y, np.float32(height - 1)).ravel()
    kept = rng.random(x.size, dtype=np.float32) < kind_at((y.astype(np.intp), x.astype(np.intp))).chance
    return x[kept], y[kept]


def _splat(canvas: np.ndarray, x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
    """Add `weight` at each point, shared bilinearly by the four pixels around it; what falls outside is dropped."""
    width = canvas.shape[1]
    column, row = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    right, below = x - column, y - row
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1)):
        part = weight * (below if down else 1 - below) * (right if across else 1 - right)
        at_row, at_column = row + down, column + across
        for rows in strips(len(canvas), _SPLAT_ROWS):
            inside = (at_row >= rows.start) & (at_row < rows.stop) & (at_column >= 0) & (at_column < width)
            flat = (at_row[inside] - rows.start) * width + at_column[inside]
            strip = canvas[rows]
            strip += np.bincount(flat, part[inside], strip.size).reshape(strip.shape).astype(np.float32)
