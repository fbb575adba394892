"""Which pictures of a frame a session keeps, and how each is encoded."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.records import Frame
from edge_runtime.results import FrameResult

from .options import FIELDS, FRAMES, NONE
from .picture_file import Picture

THUMBNAIL, FIELD, FRAME, REDUCED, HOLES = "thumbnail", "field", "frame", "reduced", "holes"
"""Kinds of pictures: at most 320 px; at the model's scale; as the camera gave it, as its own processor reduced it, and
where it has data (white)."""
THUMBNAIL_PX = 320
_JPEG = [cv2.IMWRITE_JPEG_QUALITY, 80]
_PNG = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_HUFFMAN_ONLY]
"""Lossless; a third quicker than with the search for repetitions, which grain does not have, and as small."""


def pictures_of(frame: Frame | None, result: FrameResult, keep: str) -> tuple[Picture, ...]:
    """Return the pictures of a frame that are kept; none where it was not judged itself, so that it has no look."""
    if frame is None or result.seen is None or keep == NONE:
        return ()
    pixels = result.seen.field.pixels
    found = [Picture(THUMBNAIL, "jpeg", thumbnail(pixels))] if result.looks == 1 else []
    if keep in (FIELDS, FRAMES):
        found.append(Picture(FIELD, "png", lossless(pixels)))
    if keep == FRAMES:
        found.append(Picture(FRAME, "png", lossless(frame.pixels)))
        if frame.reduced is not None:
            found.append(Picture(REDUCED, "png", lossless(frame.reduced)))
        if frame.has_data is not None:
            found.append(Picture(HOLES, "png", lossless(frame.has_data.astype(np.uint8) * 255)))
    return tuple(found)


def thumbnail(pixels: NDArray[np.uint8]) -> bytes:
    """Return uint8 pixels (h, w, 3), RGB, as a JPEG of at most 320 px a side."""
    height, width = pixels.shape[:2]
    smaller = min(1.0, THUMBNAIL_PX / max(height, width))
    size = max(1, round(width * smaller)), max(1, round(height * smaller))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), _JPEG)[1].tobytes()


def lossless(pixels: NDArray[np.uint8]) -> bytes:
    """Return uint8 pixels, RGB (h, w, 3) or grey (h, w), as a PNG."""
    stored = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR) if pixels.ndim == 3 else pixels
    return cv2.imencode(".png", stored, _PNG)[1].tobytes()
