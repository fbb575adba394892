"""Put the patches of one IDC slide back where they were cut from."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .errors import BadInput, UnreadablePicture
from .patches import PATCH_PX, parse_patch_name
from .picture_header import MAX_PIXELS
from .pictures import read_picture

log = logging.getLogger(__name__)

HOLE_GREY = 255
"""What a hole is filled with: white, as glass, so that no seam looks like tissue."""


@dataclass(frozen=True)
class Patch:
    """A patch and its place."""

    x: int
    """Left edge, px of the slide."""
    y: int
    """Top edge, px of the slide."""
    rgb: NDArray[np.uint8]
    """uint8 (h, w, 3), RGB; smaller than PATCH_PX where the slide ended."""


@dataclass(frozen=True)
class Mosaic:
    """A slide as far as its patches show it."""

    rgb: NDArray[np.uint8]
    """uint8 (h, w, 3), RGB; h and w are whole patches where the patches lie on one grid. White in holes."""
    has_data: NDArray[np.bool_]
    """bool (h, w), True where a patch has a pixel."""
    origin_xy: tuple[int, int]
    """Where its top-left pixel lies on the slide, px."""


def stitch(patches: Sequence[Patch]) -> Mosaic:
    """Return the patches on one canvas, each as it is; where two overlap, the later one is seen."""
    if not patches:
        raise BadInput("expected at least one patch to stitch, found none")
    left, top = min(patch.x for patch in patches), min(patch.y for patch in patches)
    width = max(patch.x + max(PATCH_PX, patch.rgb.shape[1]) for patch in patches) - left
    height = max(patch.y + max(PATCH_PX, patch.rgb.shape[0]) for patch in patches) - top
    if width * height > MAX_PIXELS:
        raise BadInput(
            f"patches from ({left}, {top}) on span {width}x{height} px, over the limit of {MAX_PIXELS:,} px; "
            "check the X and Y of their names, or give a part of the slide"
        )
    rgb = np.full((height, width, 3), HOLE_GREY, np.uint8)
    has_data = np.zeros((height, width), bool)
    for patch in patches:
        rows = slice(patch.y - top, patch.y - top + patch.rgb.shape[0])
        columns = slice(patch.x - left, patch.x - left + patch.rgb.shape[1])
        rgb[rows, columns] = patch.rgb
        has_data[rows, columns] = True
    return Mosaic(rgb, has_data, (left, top))


def read_patches(paths: Iterable[Path]) -> list[Patch]:
    """Return the IDC patches among some files; those that cannot be decoded stay holes, and one warning counts them."""
    patches, broken = [], []
    for path in paths:
        name = parse_patch_name(path)
        if name is None:
            continue
        try:
            patches.append(Patch(name.x, name.y, read_picture(path)))
        except UnreadablePicture as error:
            broken.append(str(error))
    if broken:
        log.warning("%d of %d patches stay holes; %s", len(broken), len(broken) + len(patches), broken[0])
    return patches
