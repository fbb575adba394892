"""Prepare one file for the network: decode it, know what it is, cut it into tiles, or say why there are none."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import gates
from .context import MAX_PLACE_PX
from .contract import Contract, FocusGate
from .errors import ScaleOutOfRange, UnreadablePicture
from .optics import tile_places, to_field
from .patches import IDC_UM_PER_PX, folder_label, parse_patch_name
from .pictures import read_picture
from .records import Frame
from .scale import same_scale
from .tiling import cut

log = logging.getLogger(__name__)

_NOWHERE = (-1, -1)


@dataclass(frozen=True)
class Prepared:
    """The tiles of one file, or the reason why it has none."""

    path: Path
    patient_id: str = ""
    tiles: NDArray[np.uint8] | None = None
    places: tuple[tuple[int | None, int | None], ...] = ((None, None),)
    """x and y of each row that it becomes."""
    cells: tuple[tuple[int, int], ...] = (_NOWHERE,)
    """Left and top of each tile on its slide, px at the model's scale: where its neighbours are looked for."""
    reason: str = ""
    is_view: bool = False
    """Whether the tiles are those of one picture, under one light."""
    focus: gates.Focus | None = None
    """What the picture's own pixels say of its sharpness; None: not measured."""


def prepare(path: Path, contract: Contract, um_per_px: float | None, focus: FocusGate | None = None) -> Prepared:
    """Decode a file and cut it into tiles; `focus` says how to measure the sharpness of a picture, None: not.

    An IDC patch is one tile at the archive's own scale; it is known by its name or, where no scale is given, by its
    class folder. Any other picture needs a scale, but for one of exactly a tile's size, which can only be a tile.
    """
    name = parse_patch_name(path)
    patient = name.patient_id if name else ""
    place = (name.x, name.y) if name else (0, 0)
    try:
        pixels = read_picture(path)
    except UnreadablePicture as error:
        log.warning("%s", error)
        return Prepared(path, patient, places=(place if name else (None, None),), reason=gates.UNREADABLE)
    if name is not None and not same_scale(IDC_UM_PER_PX, contract.um_per_px):
        log.warning("%s: an IDC patch is at %g µm per px, this model at %g", path, IDC_UM_PER_PX, contract.um_per_px)
        return Prepared(path, patient, places=(place,), reason=gates.BAD_SCALE)
    is_patch = name is not None or (um_per_px is None and folder_label(path) is not None)
    size = pixels.shape[:2]
    if size == (contract.tile_px, contract.tile_px) and (is_patch or um_per_px is None):
        on_slide = name is not None and max(place) < MAX_PLACE_PX
        return Prepared(path, patient, pixels[None], (place,), (place if on_slide else _NOWHERE,))
    if is_patch or min(size) < contract.tile_px:
        if name is None:
            log.warning("%s: expected at least %d px a side, found %dx%d", path, contract.tile_px, size[1], size[0])
        return Prepared(path, patient, places=(place,), reason=gates.EDGE)
    if um_per_px is None:
        log.warning("%s: its scale is not known; give --um-per-px (0.39 for a Pi HQ camera with a 4x objective)", path)
        return Prepared(path, places=(place,), reason=gates.UNKNOWN_SCALE)
    return _cut_picture(path, pixels, contract, um_per_px, focus)


def _cut_picture(
    path: Path, pixels: NDArray[np.uint8], contract: Contract, um_per_px: float, focus: FocusGate | None
) -> Prepared:
    frame = Frame(pixels, um_per_px, 0, str(path))
    try:
        field = to_field(frame, contract.um_per_px, contract.tile_px)
    except ScaleOutOfRange as error:
        log.warning("%s: %s", path, error)
        return Prepared(path, places=((0, 0),), reason=gates.BAD_SCALE)
    lefts, tops = tile_places(frame, field)
    tiles = cut(field.pixels, field.lefts, field.tops, field.tile_px)
    rows, columns = field.shape
    cells = tuple((x * field.tile_px, y * field.tile_px) for y in range(rows) for x in range(columns))
    sharp = None if focus is None else gates.measure_focus(pixels, um_per_px, field.shape, focus)
    places = tuple((x, y) for y in tops for x in lefts)
    return Prepared(path, "", tiles, places, cells, is_view=True, focus=sharp)
