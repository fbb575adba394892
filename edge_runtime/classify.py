"""Classify files: patches, IDC trees and pictures become rows, slide by slide, in the order of their names."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import gates
from .context import MAX_PLACE_PX, Places
from .contract import Contract
from .errors import BadInput, ScaleOutOfRange, UnreadablePicture
from .optics import tile_places, to_field
from .patches import IDC_UM_PER_PX, folder_label, is_nested_duplicate, is_picture_name, parse_patch_name, walk_files
from .pictures import read_picture
from .pipeline import Evidence, Pipeline
from .records import Frame
from .scale import same_scale
from .tiling import cut

log = logging.getLogger(__name__)

_FILES_A_BATCH = 256
"""A batch holds whole slides, so that tiles meet their neighbours, and at least this many files."""
_TILES_A_CALL = 256
_NOWHERE = (-1, -1)


@dataclass(frozen=True)
class Row:
    """One line of the CSV: exactly one of probability and reason is filled."""

    path: str
    patient_id: str
    x: int | None
    y: int | None
    probability: float | None
    label: str
    reason: str


@dataclass(frozen=True)
class _Prepared:
    """The tiles of one file, or the reason why it has none."""

    path: Path
    patient_id: str = ""
    tiles: NDArray[np.uint8] | None = None
    places: tuple[tuple[int | None, int | None], ...] = ((None, None),)
    """x and y of each row that it becomes."""
    cells: tuple[tuple[int, int], ...] = (_NOWHERE,)
    """Left and top of each tile on its slide, px at the model's scale: where its neighbours are looked for."""
    reason: str = ""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files to judge: those named, and the pictures below the folders named; refuses what does not exist."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = list(walk_files(path))
            pictures = [file for file in below if is_picture_name(file) and not file.name.startswith(".")]
            if len(below) > len(pictures):
                log.info("%s: %d files that are no pictures were left out", path, len(below) - len(pictures))
            copies = sum(is_nested_duplicate(file, path) for file in pictures)
            if copies:
                log.warning("%s: %d pictures lie in the archive's second copy of itself; each gets a row", path, copies)
            if not pictures:
                raise BadInput(f"expected pictures (PNG, JPEG, TIFF, BMP) below {path}, found none")
            files += pictures
        elif path.exists():
            files.append(path)
        else:
            raise BadInput(f"expected a file or folder at {path}, found nothing there; check the path")
    return files


def classify(files: Iterable[Path], pipeline: Pipeline, um_per_px: float | None = None) -> Iterator[list[Row]]:
    """Yield rows, some slides at a time; `um_per_px` is the scale of pictures that carry none of their own.

    The files of one patient are judged together, wherever they lie, in the order of the first file of each.
    """
    contract = pipeline.contract
    with ThreadPoolExecutor() as pool:  # decoding releases the interpreter lock: one batch is read while one is judged
        waiting: list[Future[_Prepared]] = []
        for batch in _batches(files):
            ready, waiting = waiting, [pool.submit(_prepare, path, contract, um_per_px) for path in batch]
            if ready:
                yield _judge([future.result() for future in ready], pipeline)
        yield _judge([future.result() for future in waiting], pipeline)


def _batches(files: Iterable[Path]) -> Iterator[list[Path]]:
    """Yield files in batches of whole slides; a file without a patient is a slide of its own."""
    slides: dict[str | Path, list[Path]] = {}
    for file in files:
        name = parse_patch_name(file)
        slides.setdefault(name.patient_id if name else file, []).append(file)
    batch: list[Path] = []
    for slide in slides.values():
        batch += slide
        if len(batch) >= _FILES_A_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _prepare(path: Path, contract: Contract, um_per_px: float | None) -> _Prepared:
    """Decode a file and cut it into tiles.

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
        return _Prepared(path, patient, places=(place if name else (None, None),), reason=gates.UNREADABLE)
    if name is not None and not same_scale(IDC_UM_PER_PX, contract.um_per_px):
        log.warning("%s: an IDC patch is at %g µm per px, this model at %g", path, IDC_UM_PER_PX, contract.um_per_px)
        return _Prepared(path, patient, places=(place,), reason=gates.BAD_SCALE)
    is_patch = name is not None or (um_per_px is None and folder_label(path) is not None)
    size = pixels.shape[:2]
    if size == (contract.tile_px, contract.tile_px) and (is_patch or um_per_px is None):
        on_slide = name is not None and max(place) < MAX_PLACE_PX
        return _Prepared(path, patient, pixels[None], (place,), (place if on_slide else _NOWHERE,))
    if is_patch or min(size) < contract.tile_px:
        if name is None:
            log.warning("%s: expected at least %d px a side, found %dx%d", path, contract.tile_px, size[1], size[0])
        return _Prepared(path, patient, places=(place,), reason=gates.EDGE)
    if um_per_px is None:
        log.warning("%s: its scale is not known; give --um-per-px (0.39 for a Pi HQ camera with a 4x objective)", path)
        return _Prepared(path, places=(place,), reason=gates.UNKNOWN_SCALE)
    return _cut_picture(path, pixels, contract, um_per_px)


def _cut_picture(path: Path, pixels: NDArray[np.uint8], contract: Contract, um_per_px: float) -> _Prepared:
    frame = Frame(pixels, um_per_px, 0, str(path))
    try:
        field = to_field(frame, contract.um_per_px, contract.tile_px)
    except ScaleOutOfRange as error:
        log.warning("%s: %s", path, error)
        return _Prepared(path, places=((0, 0),), reason=gates.BAD_SCALE)
    lefts, tops = tile_places(frame, field)
    tiles = cut(field.pixels, field.lefts, field.tops, field.tile_px)
    rows, columns = field.shape
    cells = tuple((x * field.tile_px, y * field.tile_px) for y in range(rows) for x in range(columns))
    return _Prepared(path, "", tiles, tuple((x, y) for y in tops for x in lefts), cells)


def _judge(batch: list[_Prepared], pipeline: Pipeline) -> list[Row]:
    cut_files = [file for file in batch if file.tiles is not None]
    judged: Iterator[tuple[float, str, str | None]] = iter(())
    if cut_files:
        evidence = _evidence(np.concatenate([file.tiles for file in cut_files if file.tiles is not None]), pipeline)
        verdicts = pipeline.verdicts(evidence, _layout(cut_files, pipeline.contract.tile_px))
        labels = pipeline.labels(verdicts).tolist()
        judged = zip(verdicts.probabilities.tolist(), labels, verdicts.reasons.tolist(), strict=True)
    rows = []
    for file in batch:
        for x, y in file.places:
            probability, label, reason = (None, "", file.reason) if file.tiles is None else next(judged)
            if reason:
                probability, label = None, ""
            rows.append(Row(str(file.path), file.patient_id, x, y, probability, label, reason or ""))
    return rows


def _evidence(tiles: NDArray[np.uint8], pipeline: Pipeline) -> Evidence:
    parts = [pipeline.evidence(tiles[n : n + _TILES_A_CALL]) for n in range(0, len(tiles), _TILES_A_CALL)]
    return Evidence(np.concatenate([part.logits for part in parts]), np.concatenate([part.reasons for part in parts]))


def _layout(files: list[_Prepared], tile_px: int) -> Places:
    """Return where the tiles of some files lie: those of one patient on one slide, those of a picture on its own."""
    numbers: dict[str | Path, int] = {}
    slides = [numbers.setdefault(file.patient_id or file.path, len(numbers)) for file in files for _ in file.cells]
    xs, ys = np.array([cell for file in files for cell in file.cells], np.int64).T
    return Places(np.array(slides, np.int64), xs, ys, tile_px)
