"""Nuclei: small dark dots, about two pixels wide, as crowded and as uneven as the tissue has them."""

from __future__ import annotations

import math

import cv2
import numpy as np

from edge_runtime.procedural.noise import Flow

_PITCH_PX = 2.5  # one candidate a 10x10 µm square: 10,000 a mm2, packed epithelium
_SMALL_PX, _LARGE_PX = 0.42, 0.68  # standard deviations of the two dots that a nucleus is mixed from


def make_nuclei(
    chance: np.ndarray, largeness: np.ndarray, spindle: np.ndarray, flow: Flow, rng: np.random.Generator
) -> np.ndarray:
    """Return the hematoxylin of nuclei, float32 (h, w), about 1 at the middle of a dark one.

    All maps are float32 (h, w), 0..1: `chance` that a candidate is a nucleus, its `largeness`, and how much of a
    `spindle` along the fibres it is.
    """
    x, y = _candidates(chance, rng)
    column, row = x.astype(np.intp), y.astype(np.intp)
    share = np.clip(largeness[row, column] + rng.normal(0, 0.2, x.size), 0, 1)
    dark = rng.lognormal(-0.1, 0.35, x.size)
    reach_px = 1.5 * np.clip(spindle[row, column] + rng.normal(0, 0.15, x.size), 0, 1)
    step_x, step_y = flow.direction(column, row)
    small, large = np.zeros(chance.shape, np.float32), np.zeros(chance.shape, np.float32)
    for offset in (-1, 0, 1):
        at_x, at_y = x + offset * reach_px * step_x, y + offset * reach_px * step_y
        weight = dark / (3 - 0.9 * reach_px)
        _splat(small, at_x, at_y, weight * (1 - share) * 2.2)
        _splat(large, at_x, at_y, weight * share * 3.6)
    return cv2.GaussianBlur(small, (0, 0), _SMALL_PX) + cv2.GaussianBlur(large, (0, 0), _LARGE_PX)


def _candidates(chance: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return points (x, y), px, about `_PITCH_PX` apart, kept by `chance`."""
    height, width = chance.shape
    rows, columns = math.ceil(height / _PITCH_PX), math.ceil(width / _PITCH_PX)
    jitter = rng.random((2, rows, columns), dtype=np.float32) * np.float32(_PITCH_PX)
    y = jitter[0] + np.arange(rows, dtype=np.float32)[:, None] * _PITCH_PX
    x = jitter[1] + np.arange(columns, dtype=np.float32) * _PITCH_PX
    x, y = np.minimum(x, np.float32(width - 1)).ravel(), np.minimum(y, np.float32(height - 1)).ravel()
    kept = rng.random(x.size, dtype=np.float32) < chance[y.astype(np.intp), x.astype(np.intp)]
    return x[kept], y[kept]


def _splat(canvas: np.ndarray, x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> None:
    """Add `weight` at each point, shared bilinearly by the four pixels around it; what falls outside is dropped."""
    height, width = canvas.shape
    column, row = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    right, below = x - column, y - row
    for down, across in ((0, 0), (0, 1), (1, 0), (1, 1)):
        part = weight * (below if down else 1 - below) * (right if across else 1 - right)
        at_row, at_column = row + down, column + across
        inside = (at_row >= 0) & (at_row < height) & (at_column >= 0) & (at_column < width)
        flat = at_row[inside] * width + at_column[inside]
        canvas += np.bincount(flat, part[inside], height * width).reshape(height, width).astype(np.float32)
