"""Judge a recipe on every slide of train and val, each by a network that never saw it: folds over groups of slides."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from edge_runtime.errors import BadInput

from .patch_index import BY_PATIENT, BY_TILE
from .tiles import TileSet

OUT_OF_FOLD = "out_of_fold.npz"


@dataclass(frozen=True)
class OutOfFold:
    """What was said of n tiles by networks that never saw their slides."""

    logits: NDArray[np.float32]
    """float32 (n,), of single float networks, tile by tile."""
    labels: NDArray[np.uint8]
    """uint8 (n,)."""
    patients: NDArray[np.str_]
    """str (n,): the slide of each tile."""
    groups: NDArray[np.str_]
    """str (n,): what a bootstrap draws."""
    xs: NDArray[np.int32]
    """int32 (n,): left edge, px of the slide."""
    ys: NDArray[np.int32]
    """int32 (n,): top edge."""
    folds: NDArray[np.int64]
    """int64 (n,): which network spoke."""

    def save(self, folder: Path) -> None:
        """Write it to a run's folder, whole or not at all."""
        half = folder / f".{OUT_OF_FOLD}"
        with half.open("wb") as handle:
            np.savez_compressed(handle, **dataclasses.asdict(self))
        half.replace(folder / OUT_OF_FOLD)


def read_out_of_fold(folder: Path) -> OutOfFold:
    """Read what a cross-validation left in its folder."""
    try:
        with np.load(folder / OUT_OF_FOLD, allow_pickle=False) as arrays:
            return OutOfFold(**{name: arrays[name] for name in arrays.files})
    except (OSError, TypeError, ValueError) as error:
        raise BadInput(
            f"expected a finished cross-validation in {folder} ({error}); make one: python -m train cross-validate"
        ) from error


def joined(train: TileSet, val: TileSet) -> TileSet:
    """Return the tiles of both sides as one set, in memory."""
    parts: dict[str, Any] = {
        name: np.concatenate([getattr(train, name), getattr(val, name)])
        for name in ("tiles", "labels", "patients", "groups", "xs", "ys")
    }
    return dataclasses.replace(train, paths=train.paths + val.paths, **parts)


def part_of(data: TileSet, chosen: NDArray[np.intp]) -> TileSet:
    """Return the chosen tiles of a set."""
    names = ("tiles", "labels", "patients", "groups", "xs", "ys")
    parts: dict[str, Any] = {name: getattr(data, name)[chosen] for name in names}
    return dataclasses.replace(data, paths=tuple(data.paths[n] for n in chosen), **parts)


def folds_of(data: TileSet, count: int, seed: int, split_by: str = BY_PATIENT) -> NDArray[np.int64]:
    """Return int64 (n,): the fold of each tile; groups stay whole, classes are spread alike.

    `split_by` tile deals tile by tile, whatever group they are of: only to show how much that flatters.
    """
    groups = len(set(data.groups.tolist()))
    if not 2 <= count <= groups:
        raise BadInput(f"expected between 2 folds and one for each of {groups} groups of slides, found {count}")
    folds = np.zeros(len(data), np.int64)
    torn = split_by == BY_TILE
    splitter = (StratifiedKFold if torn else StratifiedGroupKFold)(count, shuffle=True, random_state=seed)
    for number, (_, held_out) in enumerate(splitter.split(data.labels, data.labels, None if torn else data.groups)):
        folds[held_out] = number
    return folds


def sides(data: TileSet, folds: NDArray[np.int64]) -> Iterator[tuple[int, TileSet, TileSet]]:
    """Yield (number, tiles to train on, tiles held out) of each fold."""
    for number in range(int(folds.max()) + 1):
        yield number, part_of(data, np.flatnonzero(folds != number)), part_of(data, np.flatnonzero(folds == number))
