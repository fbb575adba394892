"""Classify files: patches, IDC trees and pictures become rows, slide by slide, in the order of their names."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .context import Places
from .contract import StainNormalization
from .evidence import Evidence, without_reason
from .gates import Gatekeeper
from .judging import TileJudge
from .listing import batches
from .normalization import normalize_slide
from .prepare import Prepared, prepare

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


def classify(
    files: Iterable[Path], judge: TileJudge, keeper: Gatekeeper, um_per_px: float | None = None
) -> Iterator[list[Row]]:
    """Yield rows, some slides at a time; `um_per_px` is the scale of pictures that carry none of their own.

    The files of one patient are judged together, wherever they lie, in the order of the first file of each.
    """
    contract = judge.contract
    with ThreadPoolExecutor() as pool:  # decoding releases the interpreter lock: one batch is read while one is judged
        waiting: list[Future[Prepared]] = []
        for batch in batches(files):
            ready, waiting = (
                waiting,
                [pool.submit(prepare, path, contract, um_per_px, keeper.gates.focus) for path in batch],
            )
            if ready:
                yield _judge([future.result() for future in ready], judge, keeper)
        yield _judge([future.result() for future in waiting], judge, keeper)


def _judge(batch: list[Prepared], judge: TileJudge, keeper: Gatekeeper) -> list[Row]:
    cut_files = [file for file in batch if file.tiles is not None]
    judged: Iterator[tuple[float, str, str | None]] = iter(())
    if cut_files:
        evidence = _evidence(cut_files, judge, keeper)
        verdicts = judge.verdicts(evidence, _layout(cut_files, judge.contract.tile_px))
        labels = judge.labels(verdicts).tolist()
        judged = zip(verdicts.probabilities.tolist(), labels, verdicts.reasons.tolist(), strict=True)
    rows = []
    for file in batch:
        for x, y in file.places:
            probability, label, reason = (None, "", file.reason) if file.tiles is None else next(judged)
            if reason:
                probability, label = None, ""
            rows.append(Row(str(file.path), file.patient_id, x, y, probability, label, reason or ""))
    return rows


def _evidence(files: list[Prepared], judge: TileJudge, keeper: Gatekeeper) -> Evidence:
    """Run gates and network over the tiles of whole slides, each slide's stain normalized by all of its tiles."""
    tiles = np.concatenate([file.tiles for file in files if file.tiles is not None])
    calls = [slice(n, n + _TILES_A_CALL) for n in range(0, len(tiles), _TILES_A_CALL)]
    reasons = _reasons(files, keeper)
    _normalize(tiles, without_reason(reasons), files, judge.contract.stain_normalization)
    logits = [judge.evidence(tiles[call], reasons[call]).logits for call in calls]
    return Evidence(np.concatenate(logits), reasons)


def _reasons(files: list[Prepared], keeper: Gatekeeper) -> NDArray[np.object_]:
    """Return the reason of each tile, or None; a picture is looked at as a whole, patches one by one."""
    found = []
    for is_view, group in itertools.groupby(files, lambda file: file.is_view):
        if is_view:
            found += [keeper.look(file.tiles, True, file.focus).reasons for file in group if file.tiles is not None]
        else:
            patches = np.concatenate([file.tiles for file in group if file.tiles is not None])
            calls = range(0, len(patches), _TILES_A_CALL)
            found += [keeper.look(patches[n : n + _TILES_A_CALL]).reasons for n in calls]
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
