"""Fields of real slides as an instrument's camera would see them: enlarged to its scale, under its lamp."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.cameras.degrade import falloff_map
from edge_runtime.cameras.stage import serpentine
from edge_runtime.errors import BadInput
from edge_runtime.patches import IDC_UM_PER_PX
from edge_runtime.stitching import Mosaic, read_patches, stitch

FIELD_PX = 300, 400
"""(height, width) of a field on the slide, px at 4 µm: what a Pi HQ camera sees through a 4x objective."""
LEAST_DATA = 0.6
"""Share of a field that the archive must hold."""
CAMERA_WHITE = 0.93 * np.asarray([1.0, 0.97, 0.94], np.float32)
"""Of bare glass, as the camera sees it, over that of the training slides: its white balance is not quite right."""

Light = NDArray[np.float32]
"""float32 (h, w, 3): the lamp's share of full light, in R, G, B."""
SlideField = tuple[NDArray[np.uint8], NDArray[np.bool_]]
"""Pixels, uint8 (h, w, 3), RGB, and which of them have data, bool (h, w), at 4 µm per px."""


def read_slide(idc: Path, slide: str) -> Mosaic:
    """Return a slide of the IDC archive as one picture; raises BadInput where it is not there."""
    patches = read_patches(sorted((idc / slide).rglob("*.png")))
    if not patches:
        raise BadInput(f"expected the patches of slide {slide} in {idc}, found none; give the IDC archive's folder")
    return stitch(patches)


def fields_of(mosaic: Mosaic) -> list[SlideField]:
    """Return the fields of a slide that hold data enough, along a stage's path; pixels and has_data, at 4 µm per px."""
    boxes = serpentine(mosaic.rgb.shape[:2], (FIELD_PX[0] // 2, FIELD_PX[1] // 2), smallest=FIELD_PX)
    found = []
    for box in boxes:
        part = slice(box.y, box.y + FIELD_PX[0]), slice(box.x, box.x + FIELD_PX[1])
        if mosaic.has_data[part].shape == FIELD_PX and mosaic.has_data[part].mean() >= LEAST_DATA:
            found.append((_filled(mosaic.rgb[part], mosaic.has_data[part]), mosaic.has_data[part]))
    return found


def _filled(pixels: NDArray[np.uint8], has_data: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return a field whose holes are noise, which is neither glass nor smooth."""
    noise = np.random.default_rng(0).integers(60, 200, pixels.shape, np.uint8)
    return np.where(has_data[..., None], pixels, noise)


def size_px(um_per_px: float) -> tuple[int, int]:
    """Return (height, width) of a field as the camera sees it, px."""
    return round(FIELD_PX[0] * IDC_UM_PER_PX / um_per_px), round(FIELD_PX[1] * IDC_UM_PER_PX / um_per_px)


def light_of(um_per_px: float) -> Light:
    """Return the light of a lamp with a falloff, and of a camera that is not quite white."""
    return np.asarray(falloff_map(size_px(um_per_px), 0.25)[..., None] * CAMERA_WHITE, np.float32)


def enlarged(pixels: NDArray[np.uint8], um_per_px: float) -> NDArray[np.uint8]:
    """Return a field, uint8 (h, w, 3), at the camera's scale."""
    return np.asarray(cv2.resize(pixels, size_px(um_per_px)[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
