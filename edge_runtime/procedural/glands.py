"""Ducts and lobules: rings of epithelium around a lumen, in a sleeve of loose stroma."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

_SHIFT = 4  # bits of subpixel position in what is drawn
_WALL_PX = 4.2  # two layers of cells, about 17 µm, as seen in the train slides
_SMALLEST_PX = 12.0  # what a gland needs around its centre
_EASY_PX = 45.0  # what any gland fits into
_COARSE = 4  # places are sought at a quarter of the scale
_AREA_A_GLAND_PX = 18_000  # of the free tissue


@dataclass(frozen=True)
class Glands:
    """The benign glands of a slide; maps are uint8 (h, w), 255 = wholly so."""

    mask: np.ndarray
    """All that counts as duct: wall, lumen, and the oval of a lobule."""
    epithelium: np.ndarray
    """The walls of ducts and acini."""
    lumen: np.ndarray
    """The clear space within."""
    secretion: np.ndarray
    """What fills some of the lumina, pink."""
    sleeve: np.ndarray
    """The loose stroma around ducts and between acini."""


def make_glands(free: np.ndarray, rng: np.random.Generator) -> Glands:
    """Scatter ducts and lobules over `free`, bool (h, w), without overlap; at least one wherever there is room."""
    glands = Glands(*(np.zeros(free.shape, np.uint8) for _ in range(5)))
    room = free[::_COARSE, ::_COARSE].astype(np.uint8)
    for index in range(max(3, int(free.sum()) // _AREA_A_GLAND_PX)):
        reach_px = cv2.distanceTransform(room, cv2.DIST_L2, 5).ravel() * _COARSE
        if reach_px.max() < _SMALLEST_PX:
            break
        place = int(rng.choice(np.flatnonzero(reach_px >= min(_EASY_PX, 0.7 * reach_px.max()))))
        row, column = divmod(place, room.shape[1])
        draw = _draw_duct if index % 3 == 0 else _draw_lobule
        reach = draw(glands, np.array([column, row], float) * _COARSE, float(reach_px[place]), rng)
        cv2.circle(room, (column, row), int(1.6 * reach / _COARSE) + 1, [0], -1)
    sleeve = cv2.GaussianBlur(cv2.dilate(glands.sleeve, np.ones((5, 5), np.uint8)), (0, 0), 3)
    return Glands(glands.mask, glands.epithelium, glands.lumen, glands.secretion, sleeve)


def _draw_duct(glands: Glands, centre: np.ndarray, reach_px: float, rng: np.random.Generator) -> float:
    """Draw a duct cut across or along, round to slit-like, within `reach_px`; return how far it reaches, px."""
    stretch = rng.uniform(1, 2.6)
    radius_px = min(9 * math.exp(rng.uniform(0, 1.5)), reach_px / stretch)
    outer = _ring(centre, radius_px, stretch, 0.11, rng)
    _fill(glands.sleeve, centre + (outer - centre) * (1 + 9 / radius_px), 255)
    _draw_tube(glands, outer, rng.random() < 0.4)
    _fill(glands.mask, outer, 255)
    return radius_px * stretch


def _draw_lobule(glands: Glands, centre: np.ndarray, reach_px: float, rng: np.random.Generator) -> float:
    """Draw a cluster of acini in their own loose stroma within `reach_px`; return how far it reaches, px."""
    radius_px = min(rng.uniform(20, 42), reach_px / 1.2)
    oval = _ring(centre, radius_px, rng.uniform(1, 1.4), 0.06, rng)
    _fill(glands.mask, oval, 255)
    _fill(glands.sleeve, oval, 255)
    acinus_px = rng.uniform(3.6, 5.4)
    count = int(0.36 * (radius_px / acinus_px) ** 2)
    turn = rng.uniform(0, 2 * math.pi)
    for index in range(count):
        # A sunflower packs a disc evenly; the jitter hides it.
        distance = radius_px * 0.86 * math.sqrt((index + 0.5) / count)
        angle = turn + index * 2.39996
        offset = distance * np.array([math.cos(angle), math.sin(angle)]) + rng.normal(0, 1.6, 2)
        acinus = _ring(centre + offset, acinus_px * rng.uniform(0.8, 1.2), rng.uniform(1, 1.5), 0.05, rng)
        _draw_tube(glands, acinus, rng.random() < 0.6)
    return radius_px * 1.2


def _draw_tube(glands: Glands, outer: np.ndarray, is_filled: bool) -> None:
    """Draw one wall of epithelium within `outer`, (n, 2) px, and the lumen within that wall."""
    centre = outer.mean(axis=0)
    spokes = outer - centre
    lengths = np.hypot(spokes[:, 0], spokes[:, 1])
    wall_px = min(_WALL_PX, 0.8 * lengths.min())
    inner = centre + spokes * (1 - wall_px / lengths)[:, None]
    _fill(glands.epithelium, outer, 255)
    _fill(glands.epithelium, inner, 0)
    _fill(glands.secretion if is_filled else glands.lumen, inner, 255)


def _ring(centre: np.ndarray, radius_px: float, stretch: float, wobble: float, rng: np.random.Generator) -> np.ndarray:
    """Return an ellipse with a wavy outline, turned at random: (n, 2) px, x then y."""
    count = max(16, int(3 * radius_px))
    angle = np.linspace(0, 2 * math.pi, count, endpoint=False)
    radius = np.full(count, radius_px)
    for harmonic in (2, 3, 5, 8):
        radius += (
            radius_px * wobble * rng.normal() / math.sqrt(harmonic / 2) * np.cos(harmonic * angle + rng.uniform(0, 7))
        )
    along, across, turn = radius * np.cos(angle) * stretch, radius * np.sin(angle), rng.uniform(0, math.pi)
    x = along * math.cos(turn) - across * math.sin(turn)
    y = along * math.sin(turn) + across * math.cos(turn)
    return centre + np.stack([x, y], axis=1)


def _fill(canvas: np.ndarray, outline: np.ndarray, value: int) -> None:
    points = np.round(outline * (1 << _SHIFT)).astype(np.int32)
    cv2.fillPoly(canvas, [points], [value], cv2.LINE_AA, _SHIFT)
