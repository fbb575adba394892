"""The pictures of views, as a session kept them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import UnreadablePicture
from edge_runtime.patches import PATCH_PX
from edge_runtime.pictures import decode_picture
from edge_runtime.session.keep import FIELD, FRAME, THUMBNAIL, THUMBNAIL_PX
from edge_runtime.session.reading import Session

from .views import View


def common_kind(views: Sequence[View]) -> str | None:
    """Return the kind of picture that shows most, of those that half of the views have; None: there is none."""
    for kind in (FIELD, THUMBNAIL):
        if 2 * sum(kind in view.pictures for view in views) >= len(views):
            return kind
    return None


def picture_of(session: Session, view: View, kind: str) -> NDArray[np.uint8] | None:
    """Return a picture of a view, uint8 (h, w, 3), RGB; None where it was not kept, removed, or is damaged."""
    if kind not in view.pictures:
        return None
    number = view.thumbnail_of if kind == THUMBNAIL else view.frame
    frame = next(session.frames(after=number - 1), None)
    if frame is None or frame.index != number:
        return None
    encoded = session.picture(frame, kind)
    try:
        return None if encoded is None else decode_picture(encoded)
    except UnreadablePicture:
        return None


def best_picture(session: Session, view: View, um_per_px: float) -> NDArray[np.uint8] | None:
    """Return a picture that shows a view at `um_per_px`, or else the finest there is; None where there is none."""
    for kind in _by_fitness(view, um_per_px):
        if (found := picture_of(session, view, kind)) is not None:
            return found
    return None


def finest_um_per_px(view: View) -> float | None:
    """Return µm per px of the finest picture of a view; None where it has none."""
    scales = {kind: scale for kind, scale in _scales(view).items() if kind in view.pictures}
    return min(scales.values()) if scales else None


def _by_fitness(view: View, um_per_px: float) -> list[str]:
    """Return the kinds of pictures: the coarsest that is fine enough first, then finer ones, then coarser ones."""
    scales = _scales(view)
    enough = um_per_px * _ENOUGH
    return sorted(scales, key=lambda kind: (scales[kind] > enough, abs(enough - scales[kind])))


def _scales(view: View) -> dict[str, float]:
    """Return the µm per px of each kind of picture that a view may have."""
    longer = max(view.size_um)
    thumbnail = max(longer / THUMBNAIL_PX, field := view.tile_um / PATCH_PX)
    return {FRAME: view.um_per_px, FIELD: field, THUMBNAIL: thumbnail}


_ENOUGH = 1.05
"""A picture that is coarser by less is not worth a larger one."""


def grey_of(session: Session, view: View, kind: str) -> NDArray[np.uint8] | None:
    """Return a picture of a view as uint8 (h, w); None where there is none."""
    found = picture_of(session, view, kind)
    return None if found is None else np.asarray(cv2.cvtColor(found, cv2.COLOR_RGB2GRAY), np.uint8)
