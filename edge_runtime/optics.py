"""From the camera's pixels to the model's scale."""

from __future__ import annotations

from math import isclose

import cv2
import numpy as np
from numpy.typing import NDArray

from .area import mean_of_areas, odd_factor
from .errors import ScaleOutOfRange
from .records import Field, Frame
from .tiling import all_true, tile_edges

MAX_ENLARGEMENT = 1.25
"""A frame coarser than the model's scale by more than this lacks the detail that the model was trained on."""

HALVED_FROM = 8
"""A picture that shrinks by this or more is halved first: OpenCV takes the mean of 2x2 pixels ten times as fast as that
of any other area, so that 4056x3040 at 0.39 µm per px takes half the time. Areas then end at even pixels, which moves a
result by a grey level here and there."""


AT_SCALE = 0.005
"""By this share a picture that a camera reduced may miss the model's scale: whole pixels of it, a quarter of one in a
tile."""


def scaled_size(height: int, width: int, um_per_px: float, model_um_per_px: float, tile_px: int) -> tuple[int, int]:
    """Return (height, width) at the model's scale; refuses a frame too coarse, or smaller than a tile."""
    ratio = um_per_px / model_um_per_px
    if ratio > MAX_ENLARGEMENT:
        raise ScaleOutOfRange(
            f"expected at most {MAX_ENLARGEMENT * model_um_per_px:g} µm per px (the model's is {model_um_per_px:g}), "
            f"found {um_per_px:g}: the picture lacks the detail; check the scale, or use a stronger objective"
        )
    size = round(height * ratio), round(width * ratio)
    if min(size) < tile_px:
        raise ScaleOutOfRange(
            f"expected at least one tile of {tile_px * model_um_per_px:g} µm, found {width}x{height} px at "
            f"{um_per_px:g} µm per px ({width * um_per_px:.3g}x{height * um_per_px:.3g} µm); check the scale"
        )
    return size


def to_field(frame: Frame, model_um_per_px: float, tile_px: int) -> Field:
    """Resample a frame to the model's scale by area, and lay the grid of tiles over it.

    Area averaging is what a coarser sensor does: each new pixel is the mean of the old ones that it covers. A camera
    that did so itself is not asked to twice.
    """
    pixels = _reduced_by_camera(frame, model_um_per_px)
    height, width = pixels.shape[:2]
    um_per_px = frame.um_per_px if pixels is frame.pixels else model_um_per_px
    size = scaled_size(height, width, um_per_px, model_um_per_px, tile_px)
    tops, lefts = tile_edges(size[0], tile_px), tile_edges(size[1], tile_px)
    has_data = None
    if frame.has_data is not None:
        mask = resample(frame.has_data.astype(np.uint8) * 255, size) == 255
        has_data = all_true(mask, lefts, tops, tile_px)
    return Field(resample(pixels, size), lefts, tops, tile_px, has_data)


def _reduced_by_camera(frame: Frame, model_um_per_px: float) -> NDArray[np.uint8]:
    """Return the picture that a camera's own processor brought to the model's scale; the frame itself without one."""
    if frame.reduced is None:
        return frame.pixels
    pairs = zip(frame.pixels.shape[:2], frame.reduced.shape[:2], strict=True)
    at_scale = all(
        isclose(frame.um_per_px * fine / coarse, model_um_per_px, rel_tol=AT_SCALE) for fine, coarse in pairs
    )
    return frame.reduced if at_scale else frame.pixels


def tile_places(frame: Frame, field: Field) -> tuple[list[int], list[int]]:
    """Return the left edges (columns) and top edges (rows) of a field's tiles, px of the picture or slide."""
    height, width = frame.pixels.shape[:2]
    across, down = width / field.pixels.shape[1], height / field.pixels.shape[0]
    lefts = [round(left * across) + frame.origin_xy[0] for left in field.lefts.tolist()]
    return lefts, [round(top * down) + frame.origin_xy[1] for top in field.tops.tolist()]


def resample(pixels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return uint8 pixels (h, w[, c]) at `size` (height, width); the same array where nothing changes."""
    height, width = pixels.shape[:2]
    if (height, width) == size:
        return pixels
    if (factor := odd_factor((height, width), size)) is not None:
        return mean_of_areas(pixels, factor)
    if height % 2 == width % 2 == 0 and min(height / size[0], width / size[1]) >= HALVED_FROM:
        halved = cv2.resize(pixels, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        return resample(np.asarray(halved, np.uint8), size)
    shrinks = size[0] <= height and size[1] <= width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (size[1], size[0]), interpolation=method), np.uint8)
