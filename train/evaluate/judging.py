"""Let a subject read the tiles of one side of an index, with thresholds from validation patients."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import Contract, TissueGate
from edge_runtime.errors import BadInput

from ..bootstrap import Resampling
from ..decide import decide
from ..decide_context import decide_context
from ..patch_index import OK, read_index
from ..recipe import TILE_PX
from ..tiles import TileSet, load_tiles
from .reading import Reading, read_in_context, read_tile_by_tile
from .subject import Subject, refuse_other_data

log = logging.getLogger(__name__)
VAL = "val"


@dataclass(frozen=True)
class Scoring:
    """What a person asked to be scored on, and how."""

    index: Path
    """The index of the tiles."""
    cache: Path | None
    """Folder of the mapped tiles; None: decode them."""
    split: str
    """Side of the index to score on."""
    resampling: Resampling
    """Draws of slides."""
    threads: int
    """Of the interpreter."""


@dataclass(frozen=True)
class Sides:
    """The tiles that are scored, and those that thresholds are chosen on."""

    scored: TileSet
    val: TileSet | None
    """None where the index has no validation patients."""
    how: Scoring


@dataclass(frozen=True)
class Judged:
    """A subject with thresholds, and what it says."""

    subject: Subject
    contract: Contract
    """With thresholds and calibration, its own or those that validation patients gave."""
    logits: NDArray[np.float32]
    """float32 (n,) of the tiles that are scored, tile by tile."""
    readings: Sequence[Reading]
    """Of the tiles that are scored, a mode each, tile mode first."""
    val_readings: Sequence[Reading]
    """Of the validation patients, in the same modes; none where there are none."""


def read_sides(how: Scoring) -> Sides:
    """Load what is asked for; refuses a side that the index does not have."""
    rows = read_index(how.index)
    known = sorted({row.split for row in rows if row.status == OK and row.split})
    if how.split not in known:
        raise BadInput(
            f"{how.index}: expected --split to be one of its sides ({', '.join(known)}), found {how.split!r}"
        )
    scored = load_tiles(rows, how.split, how.cache)
    if VAL not in known:
        log.warning("%s has no split %r: no threshold can be chosen on it", how.index, VAL)
        return Sides(scored, None, how)
    return Sides(scored, scored if how.split == VAL else load_tiles(rows, VAL, how.cache), how)


def judge(subject: Subject, sides: Sides) -> Judged:
    """Let a subject read both sides; the thresholds of a run are chosen here and now, on validation patients."""
    refuse_other_data(subject, sides.scored)
    val = None if sides.val is None else subject.logits(sides.val)
    contract = subject.contract or _decided(subject, sides, val)
    scored = val if val is not None and sides.val is sides.scored else subject.logits(sides.scored)
    return Judged(
        subject,
        contract,
        scored,
        _readings(contract, scored, sides.scored),
        [] if sides.val is None or val is None else _readings(contract, val, sides.val),
    )


def _readings(contract: Contract, logits: NDArray[np.float32], data: TileSet) -> list[Reading]:
    readings = [read_tile_by_tile(contract, logits)]
    if contract.context is not None and data.xs.max() >= 0:
        readings.append(read_in_context(contract, logits, data))
    return readings


def _decided(subject: Subject, sides: Sides, logits: NDArray[np.float32] | None) -> Contract:
    """Return what validation patients decide for a run: thresholds and calibration, as when it is converted."""
    if sides.val is None or logits is None:
        raise BadInput(
            f"{sides.how.index}: expected validation patients (split {VAL!r}) to choose the thresholds of "
            f"{subject.where} on, found none; give an index that has them, or a packed model, which has thresholds"
        )
    val = sides.val
    tile = decide(val.labels, logits, val.patients)
    context = None if subject.kernel is None else decide_context(val, logits, subject.kernel, tile)
    return Contract(
        name=subject.name,
        version="run",
        task=subject.format.task,
        tile_px=TILE_PX,
        um_per_px=subject.format.um_per_px,
        labels=subject.format.labels,
        tile=tile,
        context=context,
        tissue_gate=TissueGate(0.0, 0.0, 0.0),  # tiles are scored with gates off
        graph_dtype="float32",
    )
