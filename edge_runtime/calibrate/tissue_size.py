"""How large fat cells and nuclei are in a picture, in its own pixels: whatever the scale is said to be.

A picture is halved again and again, and in each octave what has the size of a few pixels there is looked for.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

LEAST_CELLS = 15
"""Fat cells that must lie packed in a picture."""
LEAST_FAT_SHARE = 0.05
"""Of the picture that their middles must cover: a few round gaps are no fat."""
_RADIUS_PX = 3.5, 7.0
"""Of the largest circle within a cell, in the octave where it is looked for."""
_CLEAR = 0.88
"""Share of the brightest light that comes through the middle of a fat cell."""
_MEMBRANE = 0.04
"""A membrane is darker than what lies on both sides of it, by this share of the brightest light."""
_ALIKE = 1.8
"""Neighbours in a lobule differ in size by less than this factor."""
_NEIGHBOURS = 3
_WIDEST_PX = 2100
"""Of the first octave: a Pi HQ camera's whole frame is halved once."""
_SMALLEST_PX = 64
"""A picture is halved while it is larger."""

_SIGMAS_PX = (1.13, 1.6, 2.26, 3.2, 4.53)
"""Half an octave apart; a spot is as large as the pair of neighbours whose difference it answers most to."""
_SPOT = 3.5
"""Width of a disc that answers most to a difference of two Gaussians, over the finer one's sigma."""
_NUCLEUS_ANSWER = 0.04
"""What it answers at least, optical density base e: a nucleus absorbs red light, its surroundings hardly."""
_STANDS_OUT = 1.5
"""A size is that of nuclei where they cover this factor more than spots twice and half as wide do."""
LEAST_NUCLEI = 150


@dataclass(frozen=True)
class Sizes:
    """Objects of one kind in a picture."""

    diameter_px: float
    """Median width, px of the picture."""
    number: int
    """How many it rests on."""


def fat_cells(picture: NDArray[np.uint8]) -> Sizes | None:
    """Return the size of packed fat cells in a picture uint8 (h, w, 3), RGB; None where too few are seen."""
    best: tuple[float, Sizes] | None = None
    for reduction, level in _octaves(picture[..., 1]):
        radius = _packed_radii(level)
        share = float((np.pi * radius**2).sum() / level.size)
        if len(radius) >= LEAST_CELLS and share >= LEAST_FAT_SHARE and (best is None or share > best[0]):
            best = share, Sizes(2 * float(np.median(radius)) * reduction, len(radius))
    return None if best is None else best[1]


def nuclei(picture: NDArray[np.uint8]) -> Sizes | None:
    """Return the size of nuclei in a picture uint8 (h, w, 3), RGB, in steps of half an octave.

    None where there are too few, or where they are as small as pixels: then their size is not in the picture.
    """
    widths: list[float] = []
    covers: list[float] = []
    counts: list[int] = []
    for reduction, level in _octaves(picture[..., 0]):
        density = -np.log(np.maximum(level, 8) / 255)
        for sigma, count in zip(_SIGMAS_PX[1:], _spots(density), strict=False):
            widths.append(_SPOT * sigma * reduction)
            counts.append(count)
            covers.append(count * (_SPOT * sigma) ** 2 / density.size)
    cover = np.asarray([0.0, 0.0, *covers, 0.0, 0.0])
    stands = (cover[2:-2] > _STANDS_OUT * cover[:-4]) & (cover[2:-2] > _STANDS_OUT * cover[4:])
    stands[:2] = False  # as small as pixels: what is smaller still was not looked for
    stands &= np.asarray(counts) >= LEAST_NUCLEI
    if not stands.any():
        return None
    peak = int(np.argmax(np.where(stands, covers, 0)))
    return Sizes(widths[peak], counts[peak])


def _octaves(plane: NDArray[np.uint8]) -> list[tuple[int, NDArray[np.float32]]]:
    """Return a plane of a picture at its own size, halved, halved again: each with by how much it is reduced."""
    found = []
    reduction = 1
    while plane.shape[1] // reduction > _WIDEST_PX:
        reduction *= 2
    level = _reduced(np.asarray(plane, np.float32), reduction)
    while min(level.shape) >= _SMALLEST_PX:
        found.append((reduction, level))
        level = _reduced(level, 2)
        reduction *= 2
    return found


def _reduced(plane: NDArray[np.float32], factor: int) -> NDArray[np.float32]:
    size = plane.shape[1] // factor, plane.shape[0] // factor
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32) if factor > 1 else plane


def _packed_radii(level: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the radii, px, of the clear, round places that lie packed with others like them."""
    brightest = float(np.percentile(level[::2, ::2], 99))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    valley = cv2.morphologyEx(level, cv2.MORPH_CLOSE, kernel) - level
    clear = ((level > _CLEAR * brightest) & (valley < _MEMBRANE * brightest)).astype(np.uint8)
    inside = cv2.distanceTransform(cv2.copyMakeBorder(clear, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)[
        1:-1, 1:-1
    ]
    peaks = (
        (inside >= cv2.dilate(inside, np.ones((7, 7), np.uint8))) & (inside >= _RADIUS_PX[0]) & (inside < _RADIUS_PX[1])
    )
    count, _, _, centres = cv2.connectedComponentsWithStats(peaks.astype(np.uint8), connectivity=8)
    if count - 1 < LEAST_CELLS:
        return np.zeros(0)
    xy = centres[1 : 1 + 4000]
    radius = inside[np.rint(xy[:, 1]).astype(int), np.rint(xy[:, 0]).astype(int)].astype(np.float64)
    radius = np.maximum(radius, _RADIUS_PX[0])
    away = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    near = (away > 0) & (away < 2.2 * (radius[:, None] + radius[None]))
    alike = np.maximum(radius[:, None], radius[None]) < _ALIKE * np.minimum(radius[:, None], radius[None])
    return np.asarray(radius[(near & alike).sum(1) >= _NEIGHBOURS])


def _spots(density: NDArray[np.float32]) -> list[int]:
    """Return how many dark, round spots of two widths, half an octave apart, a density (h, w) has."""
    blurred = [cv2.GaussianBlur(density, (0, 0), sigma) for sigma in _SIGMAS_PX]
    answers = [np.asarray(fine - coarse, np.float32) for fine, coarse in itertools.pairwise(blurred)]
    found = []
    for below, answer, above in zip(answers, answers[1:], answers[2:], strict=False):
        highest = cv2.dilate(answer, np.ones((3, 3), np.uint8))
        peaks = (answer >= highest) & (answer > below) & (answer > above) & (answer > _NUCLEUS_ANSWER)
        found.append(int(peaks.sum()))
    return found
