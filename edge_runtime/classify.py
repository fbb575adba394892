"""Classify files: patches, IDC trees and pictures become rows, slide by slide, in the order of their names."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .context import Places
from .contract import StainNormalization
from .errors import BadInput
from .evidence import Evidence, without_reason
from .normalization import normalize_slide
from .patches import is_nested_duplicate, is_picture_name, parse_patch_name, walk_files
from .pipeline import Pipeline
from .prepare import Prepared, prepare

log = logging.getLogger(__name__)

_FILES_A_BATCH = 256
"""A batch holds whole slides, so that tiles meet their neighbours, and at least this many files."""
_TILES_A_CALL = 256


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
        waiting: list[Future[Prepared]] = []
        for batch in _batches(files):
            ready, waiting = (
                waiting,
                [pool.submit(prepare, path, contract, um_per_px, pipeline.active_gates.focus) for path in batch],
            )
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


def _judge(batch: list[Prepared], pipeline: Pipeline) -> list[Row]:
    cut_files = [file for file in batch if file.tiles is not None]
    judged: Iterator[tuple[float, str, str | None]] = iter(())
    if cut_files:
        evidence = _evidence(cut_files, pipeline)
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


def _evidence(files: list[Prepared], pipeline: Pipeline) -> Evidence:
    """Run gates and network over the tiles of whole slides, each slide's stain normalized by all of its tiles."""
    tiles = np.concatenate([file.tiles for file in files if file.tiles is not None])
    calls = [slice(n, n + _TILES_A_CALL) for n in range(0, len(tiles), _TILES_A_CALL)]
    reasons = _reasons(files, pipeline)
    _normalize(tiles, without_reason(reasons), files, pipeline.contract.stain_normalization)
    logits = [pipeline.evidence(tiles[call], reasons[call]).logits for call in calls]
    return Evidence(np.concatenate(logits), reasons)


def _reasons(files: list[Prepared], pipeline: Pipeline) -> NDArray[np.object_]:
    """Return the reason of each tile, or None; a picture is looked at as a whole, patches one by one."""
    found = []
    for is_view, group in itertools.groupby(files, lambda file: file.is_view):
        if is_view:
            found += [pipeline.refusals(file.tiles, True, file.focus) for file in group if file.tiles is not None]
        else:
            patches = np.concatenate([file.tiles for file in group if file.tiles is not None])
            found += [pipeline.refusals(patches[n : n + _TILES_A_CALL]) for n in range(0, len(patches), _TILES_A_CALL)]
    return np.concatenate(found)


def _normalize(
    tiles: NDArray[np.uint8], judged: NDArray[np.bool_], files: list[Prepared], towards: StainNormalization | None
) -> None:
    """Normalize tiles in place: patches as a whole slide, by patient; a picture as one field of it, by itself."""
    if towards is None:
        return
    slides, patients = _slides(files)
    order = np.argsort(slides, kind="stable")
    for slide in np.split(order, np.flatnonzero(np.diff(slides[order])) + 1):
        shown = slide[judged[slide]]
        prior = towards.slide_prior_tiles if patients[slides[slide[0]]] else towards.session_prior_tiles
        tiles[shown] = normalize_slide(tiles[shown], towards, prior)


def _layout(files: list[Prepared], tile_px: int) -> Places:
    """Return where the tiles of some files lie: those of one patient on one slide, those of a picture on its own."""
    xs, ys = np.array([cell for file in files for cell in file.cells], np.int64).T
    return Places(_slides(files)[0], xs, ys, tile_px)


def _slides(files: list[Prepared]) -> tuple[NDArray[np.int64], list[str]]:
    """Return the number of each tile's slide, int64 (n,), and the patient of each slide; "" for a picture."""
    numbers: dict[str | Path, int] = {}
    slides = [numbers.setdefault(file.patient_id or file.path, len(numbers)) for file in files for _ in file.cells]
    return np.array(slides, np.int64), [key if isinstance(key, str) else "" for key in numbers]
