"""Adipocytes: cells packed like soap bubbles, white within and pink between."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge_runtime.procedural.noise import smooth_noise, strips

_SPACING_PX = 14.0  # adipocytes in the train slides are 40-80 µm wide
_ROUNDING_PX = 4


@dataclass(frozen=True)
class Fat:
    """Where a slide holds fat cells."""

    cells: np.ndarray
    """bool (h, w): the fat cells with their membranes."""
    holes: np.ndarray
    """float32 (h, w), 0..1: the share of a pixel that lies inside a cell and is as clear as glass."""


def make_fat(field: np.ndarray, free: np.ndarray, rng: np.random.Generator) -> Fat:
    """Pack cells where `field`, float32 (h, w), is above 0; some stray singly into the tissue around, where it is free.

    `free` is bool (h, w).
    """
    height, width = field.shape
    x, y = _seeds((height, width), rng)
    is_fat = np.where(free[y, x], field[y, x], np.float32(-9)) + rng.normal(0, 0.16, x.size) > 0
    background = np.full((height, width), 255, np.uint8)
    background[y, x] = 0
    labels = cv2.distanceTransformWithLabels(background, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)[1]
    fat_of_label = np.zeros(labels.max() + 1, bool)
    fat_of_label[labels[y, x]] = is_fat
    cells = fat_of_label[labels]
    return Fat(cells, _holes(labels, cells, rng))


def _seeds(size: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the centres (x, y), int, of cells on a loose hexagonal grid; gaps make some cells large."""
    height, width = size
    row_px = _SPACING_PX * 0.866
    rows, columns = int(height / row_px) + 1, int(width / _SPACING_PX) + 1
    row, column = np.mgrid[0:rows, 0:columns].reshape(2, -1)
    row, column = row[(keep := rng.random(row.size) > 0.15)], column[keep]
    x = (column + 0.5 * (row % 2) + 0.25) * _SPACING_PX + rng.normal(0, 0.22 * _SPACING_PX, row.size)
    y = (row + 0.5) * row_px + rng.normal(0, 0.22 * _SPACING_PX, row.size)
    return np.clip(x, 0, width - 1).astype(np.intp), np.clip(y, 0, height - 1).astype(np.intp)


def _holes(labels: np.ndarray, cells: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    inside = cells.astype(np.uint8)
    inside[:, 1:][labels[:, 1:] != labels[:, :-1]] = 0
    inside[1:][labels[1:] != labels[:-1]] = 0
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5)
    core = inside
    thickness = smooth_noise(labels.shape, 50.0, rng, octaves=3)
    for rows in strips(len(core)):
        wall_px = 2.2 * np.maximum(thickness[rows] - 0.8, 0)
        # Opening with a disc rounds the corners, where membranes meet.
        core[rows] = depth[rows] <= wall_px + _ROUNDING_PX
    holes: np.ndarray = cv2.distanceTransform(core, cv2.DIST_L2, 5, dst=depth)
    np.subtract(_ROUNDING_PX + 0.8, holes, out=holes)
    return np.clip(holes, 0, 1, out=holes)
