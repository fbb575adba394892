"""Which way of finding how two views lie to each other holds: points of three kinds, and phase correlation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge_runtime.cameras.stage import Box
from edge_runtime.cameras.virtual_microscope import Flaws
from edge_runtime.export.features import match, points_of
from edge_runtime.export.overlap import alike
from edge_runtime.optics import to_field
from edge_runtime.patches import walk_files
from edge_runtime.procedural import UM_PER_PX, ProceduralSlide, make_slide
from edge_runtime.stitching import read_patches, stitch

from .export_sessions import CAMERA_UM_PER_PX, FRAME_PX, microscope_over

OVERLAPS = ((0.10, 0.15), (0.15, 0.25), (0.25, 0.40))
FLAWS = Flaws(noise=10, falloff=0.4, dirt=30)
PAIRS = 24
RIGHT_PX = 2.0
"""A shift is right when it is off by no more: 8 µm."""

Grey = np.ndarray
Way = Callable[[Grey, Grey], tuple[float, float] | None]


def measure_matching(seed: int, folders: list[Path]) -> list[dict[str, Any]]:
    """Return a row a slide, overlap and way: pairs found, found wrongly, the error, and the time."""
    slides = {"drawn": (make_slide(seed, (1400, 1800)), None)} | {folder.name: real_slide(folder) for folder in folders}
    rows = []
    for name, (slide, has_data) in slides.items():
        for overlap in OVERLAPS:
            pairs = list(_pairs(slide, has_data, overlap))
            rows += [{"slide": name, "overlap": overlap, "way": way, **_tried(WAYS[way], pairs)} for way in WAYS]
    return rows


def real_slide(folder: Path) -> tuple[ProceduralSlide, np.ndarray]:
    """Return the slide of one IDC patient, as a microscope takes it, and bool (h, w) where it has data."""
    mosaic = stitch(read_patches(list(walk_files(folder))))
    return ProceduralSlide(mosaic.rgb, np.zeros(mosaic.rgb.shape[:2], np.uint8), 0), mosaic.has_data


def _pairs(
    slide: ProceduralSlide, has_data: np.ndarray | None, overlap: tuple[float, float]
) -> Iterator[tuple[Grey, Grey, np.ndarray]]:
    """Yield two grey fields and how the second lies to the first, px."""
    rng = np.random.default_rng(7)
    step = UM_PER_PX / CAMERA_UM_PER_PX
    room = np.array(slide.rgb.shape[1::-1]) * step
    size = np.array(FRAME_PX[::-1])
    boxes: list[Box] = []
    while len(boxes) < 2 * PAIRS:
        along = rng.integers(2)
        move = rng.uniform(-0.05, 0.05, 2) * size
        move[along] = size[along] * (1 - rng.uniform(*overlap))
        corner = rng.uniform(0, 1, 2) * (room - size)
        other = corner + move
        if (other < 0).any() or (other + size > room).any():
            continue
        x0, y0 = (np.minimum(corner, other) / step).astype(int)
        x1, y1 = ((np.maximum(corner, other) + size) / step).astype(int)
        if has_data is None or has_data[y0:y1, x0:x1].mean() > _MOSTLY:
            boxes += [Box(int(x), int(y), *size.tolist()) for x, y in (corner, other)]
    fields = (to_field(frame, UM_PER_PX, 50).pixels for frame in microscope_over(slide, boxes, 0, FLAWS).frames())
    greys = [cv2.cvtColor(field, cv2.COLOR_RGB2GRAY) for field in fields]
    for n in range(0, len(boxes), 2):
        first, second = boxes[n], boxes[n + 1]
        yield greys[n], greys[n + 1], np.array([second.x - first.x, second.y - first.y]) / step


_MOSTLY = 0.9


def _tried(way: Way, pairs: list[tuple[Grey, Grey, np.ndarray]]) -> dict[str, Any]:
    errors = []
    began = time.perf_counter()
    found = [way(first, second) for first, second, _ in pairs]
    seconds = time.perf_counter() - began
    for shift, (_, _, truth) in zip(found, pairs, strict=True):
        if shift is not None:
            errors.append(float(np.hypot(*(np.array(shift) - truth))))
    right = [error for error in errors if error <= RIGHT_PX]
    return {
        "pairs": len(pairs),
        "right": len(right),
        "wrong": len(errors) - len(right),
        "off_px": float(np.median(right)) if right else None,
        "ms": seconds / len(pairs) * 1e3,
    }


def _ours(first: Grey, second: Grey) -> tuple[float, float] | None:
    found = match(points_of(first), points_of(second), first, second)
    return None if found is None else (found.x, found.y)


def _by(detector: Callable[[], Any], norm: int) -> Way:
    def way(first: Grey, second: Grey) -> tuple[float, float] | None:
        (points, looks), (points2, looks2) = (detector().detectAndCompute(grey, None) for grey in (first, second))
        if looks is None or looks2 is None or min(len(points), len(points2)) < 3:
            return None
        pairs = [p for p in cv2.BFMatcher(norm).knnMatch(looks, looks2, k=2) if len(p) == 2]
        clear = [best for best, other in pairs if best.distance < 0.8 * other.distance]
        if len(clear) < 3:
            return None
        here = np.array([points[best.queryIdx].pt for best in clear], np.float32)
        there = np.array([points2[best.trainIdx].pt for best in clear], np.float32)
        _, among = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=1.5)
        chosen = among.ravel().astype(bool)
        return tuple((here - there)[chosen].mean(0).tolist()) if chosen.sum() >= 6 else None

    return way


def _phase(first: Grey, second: Grey) -> tuple[float, float] | None:
    """Return phase correlation's shift; it is known but for whole sizes of the picture, and the likeliest is taken."""
    (x, y), _ = cv2.phaseCorrelate(first.astype(np.float32), second.astype(np.float32))
    height, width = first.shape
    shifts = [(-x + a * width, -y + b * height) for a in (-1, 0, 1) for b in (-1, 0, 1)]
    likely = [(found, shift) for shift in shifts if (found := alike(first, second, *shift)) is not None]
    return max(likely)[1] if likely else None


WAYS: dict[str, Way] = {
    "SIFT, checked": _ours,
    "ORB": _by(lambda: cv2.ORB.create(1500, fastThreshold=5), cv2.NORM_HAMMING),
    "phase correlation": _phase,
}
