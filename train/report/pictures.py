"""Arrays as pictures inside a page."""

from __future__ import annotations

import base64

import cv2
import numpy as np
from numpy.typing import NDArray

JPEG_QUALITY = 85
NO_TILE = (255, 255, 255)
"""RGB of a place that no tile covers."""


def png_uri(rgb: NDArray[np.uint8]) -> str:
    """Return uint8 (h, w, 3), RGB, as the data URI of a PNG: every pixel as it is."""
    return _uri("png", rgb, [])


def jpeg_uri(rgb: NDArray[np.uint8], longest_px: int) -> str:
    """Return uint8 (h, w, 3), RGB, as the data URI of a JPEG, reduced by area where a side is longer."""
    scale = longest_px / max(rgb.shape[:2])
    if scale < 1:
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    return _uri("jpeg", rgb, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])


def _uri(kind: str, rgb: NDArray[np.uint8], options: list[int]) -> str:
    _, data = cv2.imencode(f".{kind}", np.ascontiguousarray(rgb[..., ::-1]), options)
    return f"data:image/{kind};base64,{base64.b64encode(data.tobytes()).decode()}"


def grid_picture(
    xs: NDArray[np.integer], ys: NDArray[np.integer], colours: NDArray[np.uint8], step_px: int
) -> NDArray[np.uint8]:
    """Return uint8 (rows, columns, 3), RGB: a pixel a tile of one slide, `colours` (n, 3) at its place."""
    rows, columns = (ys - ys.min()) // step_px, (xs - xs.min()) // step_px
    grid = np.full((int(rows.max()) + 1, int(columns.max()) + 1, 3), NO_TILE, np.uint8)
    grid[rows, columns] = colours
    return grid
