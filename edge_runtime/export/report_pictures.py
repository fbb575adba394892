"""Pictures inside a report: read from the session, never larger than they are shown."""

from __future__ import annotations

import base64

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import UnreadablePicture
from edge_runtime.pictures import decode_picture
from edge_runtime.session.keep import FIELD, FRAME, THUMBNAIL
from edge_runtime.session.reading import Session
from edge_runtime.session.stored import StoredFrame

LONGEST_PX = 900
"""Of a field's picture: 250 a inch where it is printed over half a page."""
_QUALITY = 82


def best_picture(session: Session, *frames: StoredFrame, longest_px: int = LONGEST_PX) -> NDArray[np.uint8] | None:
    """Return the finest picture that was kept of one field, uint8 (h, w, 3), RGB; None where there is none.

    `frames` are looks at that field, the one that is preferred first.
    """
    for kind in (FRAME, FIELD, THUMBNAIL):
        for frame in frames:
            pixels = _decoded(session.picture(frame, kind))
            if pixels is not None:
                return _shrunk(pixels, longest_px)
    return None


def _decoded(encoded: bytes | None) -> NDArray[np.uint8] | None:
    try:
        return None if encoded is None else decode_picture(encoded)
    except UnreadablePicture:
        return None


def _shrunk(rgb: NDArray[np.uint8], longest_px: int) -> NDArray[np.uint8]:
    """Return uint8 (h, w, 3) with no side longer than that, averaged by area."""
    factor = longest_px / max(rgb.shape[:2])
    if factor >= 1:
        return rgb
    size = max(1, round(rgb.shape[1] * factor)), max(1, round(rgb.shape[0] * factor))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def data_uri(rgb: NDArray[np.uint8]) -> str:
    """Return uint8 (h, w, 3), RGB, as the data URI of a JPEG."""
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"
