"""Decode a picture file to 8-bit RGB, by its content and not by its name, or say why not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .errors import UnreadablePicture
from .picture_header import check_header


def read_picture(path: Path) -> NDArray[np.uint8]:
    """Return a file's picture as uint8 (h, w, 3), RGB. Grey fills all channels, alpha is laid over white.

    x and y count stored pixels: an EXIF orientation is not applied.
    Raises UnreadablePicture for an empty, truncated, 16-bit, CMYK, oversized or foreign file.
    """
    try:
        return decode_picture(path.read_bytes())
    except OSError as error:
        raise UnreadablePicture(f"{path}: cannot be read ({error.strerror})") from error
    except UnreadablePicture as error:
        raise UnreadablePicture(f"{path}: {error}") from error


def decode_picture(data: bytes) -> NDArray[np.uint8]:
    """Return encoded bytes as uint8 (h, w, 3), RGB; raises UnreadablePicture as read_picture does."""
    check_header(data)
    try:
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:
        raise UnreadablePicture(f"damaged picture: it cannot be decoded ({error.err})") from error
    if decoded is None:
        raise UnreadablePicture("damaged picture: it cannot be decoded; copy it again from its source")
    if decoded.dtype != np.uint8:
        raise UnreadablePicture(f"expected 8 bits a channel, found {decoded.dtype.name}; convert it to 8-bit RGB")
    return to_rgb(np.asarray(decoded, np.uint8))


def to_rgb(decoded: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return OpenCV's grey (h, w), BGR or BGRA uint8 picture as RGB; one of BGR is changed in place."""
    if decoded.ndim == 2:
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_GRAY2RGB), np.uint8)
    if decoded.shape[2] == 3:
        return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB, dst=decoded), np.uint8)  # in place: 37 MB less
    if decoded.shape[2] == 4:
        return _over_white(decoded)
    raise UnreadablePicture(f"expected 1, 3 or 4 channels, found {decoded.shape[2]}; convert it to 8-bit RGB")


def _over_white(bgra: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rgb = np.asarray(cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGB), np.uint8)
    alpha = bgra[..., 3:].astype(np.uint16)
    if alpha.min() == 255:
        return rgb
    return ((rgb * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
