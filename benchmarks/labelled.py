"""Read the labelled tiles of patients kept aside, to score models on."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_runtime.errors import BadInput
from train.dense import Dense, dense_slides
from train.idc import read_archive
from train.split_files import read_splits
from train.splits import apply_splits
from train.tiles import TileSet, load_tiles


@dataclass(frozen=True)
class Labelled:
    """The tiles to score on."""

    tiles: TileSet
    """With label and patient."""
    slides: NDArray[np.intp]
    """intp (n,): which unit of the bootstrap a tile belongs to; sections of one specimen share one."""
    split: str
    """train, val or test."""
    splits_sha256: str
    """Of the file that says who is on which side."""
    dense: Dense
    """The tiles that have neighbours."""


def read_tiles(folder: Path, splits: Path, split: str, tile_px: int) -> Labelled:
    """Read one side of an IDC folder; refuses a side that the splits do not have."""
    sides = read_splits(splits)
    known = sorted({side.split for side in sides.values()})
    if split not in known:
        raise BadInput(f"{splits}: expected --split to be one of its sides ({', '.join(known)}), found {split!r}")
    with tqdm(desc="reading", unit="file", disable=not sys.stderr.isatty()) as bar:
        rows = apply_splits(read_archive(folder, tile_px, bar.update), sides)
    data = load_tiles(rows, split)
    groups = [sides[patient].group for patient in data.patients.tolist()]
    coverage = {patient: side.coverage for patient, side in sides.items()}
    _, slides = np.unique(groups, return_inverse=True)
    seal = hashlib.sha256(splits.read_bytes()).hexdigest()
    return Labelled(data, slides, split, seal, dense_slides(data, coverage))
