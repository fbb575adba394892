"""The camera `slide:`: one large picture, or the folder of one IDC patient stitched back, under a virtual stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from edge_runtime.cameras.options import UM_PER_PX, Asked, check_keys, existing_path, read_size
from edge_runtime.cameras.stage import Slide, VirtualStage
from edge_runtime.errors import BadInput, ScaleOutOfRange
from edge_runtime.patches import IDC_UM_PER_PX, PATCH_PX, is_picture_name, parse_patch_name, walk_files
from edge_runtime.pictures import read_picture
from edge_runtime.scale import agreed_um_per_px, check_um_per_px, patches_um_per_px
from edge_runtime.stitching import read_patches, stitch

FIELD = "field"
FIELD_UM = (1200.0, 1600.0)
"""(height, width) of a field, µm: what a Pi HQ camera sees through a 4x objective, 8x6 tiles."""
TILE_UM = PATCH_PX * IDC_UM_PER_PX
"""Tissue that a tile covers, µm; no field is smaller."""
SMALLEST_TILE_PX = 8
"""Coarser pictures are refused: a field would be a few px, and there would be millions."""


def open_camera(path: str, options: Mapping[str, str], asked: Asked) -> VirtualStage:
    """Open a picture or an IDC patient; option `field=WIDTHxHEIGHT` is the size of a field in px of the slide."""
    check_keys("slide", options, {FIELD, UM_PER_PX})
    given = agreed_um_per_px(asked.um_per_px, options.get(UM_PER_PX))
    root = existing_path("slide", path)
    patches = [file for file in ([root] if root.is_file() else _pictures_below(root)) if parse_patch_name(file)]
    if patches:
        return _stage_over_patches(root, patches, options, patches_um_per_px(given))
    if root.is_dir():
        raise BadInput(
            f"{path}: expected the IDC patches of one patient, found pictures of other names, or none; "
            f"for pictures write folder:{path}, for one large picture slide:{path}/NAME"
        )
    return _stage_over_picture(root, options, check_um_per_px(given))


def _pictures_below(root: Path) -> list[Path]:
    return [file for file in walk_files(root) if is_picture_name(file)]


def _stage_over_picture(file: Path, options: Mapping[str, str], um_per_px: float) -> VirtualStage:
    tile_px = round(TILE_UM / um_per_px)
    if tile_px < SMALLEST_TILE_PX:
        raise ScaleOutOfRange(
            f"expected at most {TILE_UM / SMALLEST_TILE_PX:g} µm per px, found {um_per_px:g}: no cell could be seen; "
            "check the scale"
        )
    field = _field(options, um_per_px)
    if min(field) < tile_px:
        raise BadInput(
            f"{FIELD}: expected at least one tile ({TILE_UM:g} µm, here {tile_px} px) a side, found "
            f"{options[FIELD]}; write a larger one, or leave it out"
        )
    return VirtualStage(Slide(read_picture(file), um_per_px, file.name), field, smallest=tile_px)


def _stage_over_patches(
    root: Path, files: Sequence[Path], options: Mapping[str, str], um_per_px: float
) -> VirtualStage:
    _check_one_patient(root, files)
    field = _field(options, um_per_px)
    if field[0] % PATCH_PX or field[1] % PATCH_PX:
        raise BadInput(
            f"{FIELD}: expected whole patches, multiples of {PATCH_PX} px, found {options[FIELD]}; "
            f"write {FIELD}={_whole(field[1])}x{_whole(field[0])}"
        )
    patches = read_patches(files)
    if not patches:
        raise BadInput(f"{root}: none of its {len(files)} patches can be read; copy them again from their source")
    mosaic = stitch(patches)
    name = root.name or str(root)
    return VirtualStage(Slide(mosaic.rgb, um_per_px, name, mosaic.origin_xy, mosaic.has_data), field)


def _check_one_patient(root: Path, files: Sequence[Path]) -> None:
    patients = sorted({name.patient_id for file in files if (name := parse_patch_name(file))})
    if len(patients) > 1:
        some = ", ".join(patients[:3]) + (", ..." if len(patients) > 3 else "")
        raise BadInput(
            f"{root}: expected the patches of one patient, found {len(patients)} patients ({some}); "
            f"choose one of them, as in {root / patients[0]}"
        )


def _field(options: Mapping[str, str], um_per_px: float) -> tuple[int, int]:
    default = max(1, round(FIELD_UM[0] / um_per_px)), max(1, round(FIELD_UM[1] / um_per_px))
    return read_size(options, FIELD, default) if FIELD in options else default


def _whole(length: int) -> int:
    return max(1, round(length / PATCH_PX)) * PATCH_PX
