"""From the bytes of an ISP's buffer to RGB: rows with padding, and YUV by the matrix that the camera names."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import CameraFailed, GarbledPicture

_CHANNELS = {"BGR888": 3, "RGB888": 3, "XBGR8888": 4, "XRGB8888": 4}
"""Bytes a pixel. libcamera's names count from the high byte of a little-endian word: BGR888 is R, G, B in memory."""
_CONVERSIONS = {"RGB888": cv2.COLOR_BGR2RGB, "XBGR8888": cv2.COLOR_RGBA2RGB, "XRGB8888": cv2.COLOR_BGRA2RGB}
_LUMA = {"Rec601": (0.299, 0.114), "Rec709": (0.2126, 0.0722), "Rec2020": (0.2627, 0.0593)}
"""Weights of red and blue in luma: ITU-R BT.601, BT.709, BT.2020."""
FORMATS = (*_CHANNELS, "NV12", "YUV420")


@dataclass(frozen=True)
class Layout:
    """How the bytes of one picture lie, as the camera's configuration tells after `configure`."""

    format: str
    """libcamera's name."""
    size: tuple[int, int]
    """(height, width), px."""
    stride: int
    """Bytes from one row to the next, of the first plane."""
    encoding: str = "Rec601"
    """Which luma weights a YUV format uses."""
    full_range: bool = True
    """Whether luma goes from 0 to 255; else from 16 to 235, colour from 16 to 240."""


def check_layout(layout: Layout) -> Layout:
    """Return a layout that `to_rgb` can read, or raise CameraFailed."""
    if layout.format not in FORMATS:
        raise CameraFailed(
            f"expected one of the formats {', '.join(FORMATS)}, the camera gives {layout.format}; "
            "choose one with format=, or update libcamera"
        )
    if layout.format in ("NV12", "YUV420") and layout.encoding not in _LUMA:
        raise CameraFailed(
            f"expected a colour space with one of {', '.join(_LUMA)}, the camera gives {layout.encoding}; "
            "its colours are not known"
        )
    return layout


def to_rgb(buffer: NDArray[np.uint8], layout: Layout) -> NDArray[np.uint8]:
    """Return uint8 (h, w, 3), RGB, from a buffer's bytes, uint8 (n,); a view of them where they are RGB already.

    Raises GarbledPicture where there are too few.
    """
    plane = _rows(buffer, layout)
    if layout.format in _CHANNELS:
        return _from_rgb(plane, layout)
    luma, chroma = _luma_and_chroma(plane, layout)
    height, width = layout.size
    full = np.asarray(cv2.resize(chroma, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    return _from_yuv(luma, full, layout)


def to_half_rgb(buffer: NDArray[np.uint8], layout: Layout) -> NDArray[np.uint8]:
    """Return uint8 (h / 2, w / 2, 3), RGB: the mean of each 2x2 pixels of a buffer's bytes, uint8 (n,).

    YUV formats hold one colour for 2x2 pixels, so that here each pixel has its own: at the full size a tile's colours
    would be as coarse as 8 µm, and the network's AUC lower by 0.012 (3,286 validation tiles).
    """
    plane, half = _rows(buffer, layout), (layout.size[1] // 2, layout.size[0] // 2)
    if layout.format in _CHANNELS:
        return np.asarray(cv2.resize(_from_rgb(plane, layout), half, interpolation=cv2.INTER_AREA), np.uint8)
    luma, chroma = _luma_and_chroma(plane, layout)
    return _from_yuv(np.asarray(cv2.resize(luma, half, interpolation=cv2.INTER_AREA), np.uint8), chroma, layout)


def _rows(buffer: NDArray[np.uint8], layout: Layout) -> NDArray[np.uint8]:
    height, stride = layout.size[0], layout.stride
    rows = height if layout.format in _CHANNELS else height * 3 // 2
    if buffer.size < rows * stride:
        raise GarbledPicture(f"expected {rows * stride} bytes of {layout.format}, found {buffer.size}")
    return buffer[: rows * stride].reshape(rows, stride)


def _from_rgb(plane: NDArray[np.uint8], layout: Layout) -> NDArray[np.uint8]:
    depth = _CHANNELS[layout.format]
    pixels = plane[:, : layout.size[1] * depth].reshape(*layout.size, depth)
    conversion = _CONVERSIONS.get(layout.format)
    return pixels if conversion is None else np.asarray(cv2.cvtColor(pixels, conversion), np.uint8)


def _luma_and_chroma(plane: NDArray[np.uint8], layout: Layout) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return Y, uint8 (h, w), and U and V, uint8 (h / 2, w / 2, 2)."""
    height, width = layout.size
    luma, below = plane[:height, :width], plane[height:]
    if layout.format == "NV12":
        chroma = np.ascontiguousarray(below[:, :width]).reshape(height // 2, width // 2, 2)
    else:  # two planes, each with rows of half a stride
        planes = below.reshape(2, height // 2, layout.stride // 2)[:, :, : width // 2]
        chroma = np.ascontiguousarray(planes.transpose(1, 2, 0))
    return luma, chroma


def _from_yuv(luma: NDArray[np.uint8], chroma: NDArray[np.uint8], layout: Layout) -> NDArray[np.uint8]:
    """Return RGB from planes of one size."""
    yuv = np.empty((*luma.shape, 3), np.uint8)
    yuv[..., 0] = luma
    yuv[..., 1:] = chroma
    return np.asarray(cv2.transform(yuv, yuv_matrix(layout.encoding, layout.full_range)), np.uint8)


def yuv_matrix(encoding: str, full_range: bool) -> NDArray[np.float64]:
    """Return float64 (3, 4): R, G, B from (Y, U, V, 1), all as bytes; it follows from the luma weights (BT.601)."""
    red, blue = _LUMA[encoding]
    green = 1 - red - blue
    to_rgb_ = np.array(
        [
            [1, 0, 2 * (1 - red)],
            [1, -2 * blue * (1 - blue) / green, -2 * red * (1 - red) / green],
            [1, 2 * (1 - blue), 0],
        ]
    )
    scale = np.ones(3) if full_range else np.array([255 / 219, 255 / 224, 255 / 224])
    zero = np.array([0 if full_range else 16, 128, 128])
    matrix = to_rgb_ * scale
    return np.column_stack([matrix, -matrix @ zero])
