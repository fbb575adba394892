"""Everything of an index that a report looks at: rows, and the usable tiles of every side with their measures."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_runtime.errors import BadInput

from ..formats import DataFormat, format_named
from ..patch_index import OK, IndexRow, read_index
from ..splits import SIDES
from ..tiles import TileSet, load_tiles
from .measures import Measures, measure


@dataclass(frozen=True)
class Collection:
    """A data set as its index tells it."""

    rows: Sequence[IndexRow]
    """All files."""
    sides: Mapping[str, TileSet]
    """The usable tiles by side: train, val, test."""
    measures: Mapping[str, Measures]
    """Of the same tiles."""
    format: DataFormat
    """What the labels mean."""

    @property
    def split_by(self) -> str:
        """How the sides were made."""
        return next(iter(self.sides.values())).split_by

    def torn(self) -> list[str]:
        """Return the groups that lie on more than one side."""
        seen: dict[str, set[str]] = defaultdict(set)
        for side, data in self.sides.items():
            for group in np.unique(data.groups).tolist():
                seen[group].add(side)
        return sorted(group for group, found in seen.items() if len(found) > 1)


def collect(index: Path, cache: Path | None) -> Collection:
    """Read an index, load its tiles, measure them."""
    rows = read_index(index)
    names = [side for side in SIDES if any(row.split == side and row.status == OK for row in rows)]
    if not names:
        raise BadInput(f"{index}: expected usable tiles on the sides {', '.join(SIDES)}, found none; index again")
    sides = {name: load_tiles(rows, name, cache) for name in names}
    total = sum(len(data) for data in sides.values())
    with tqdm(desc="measuring", total=total, unit="tile", disable=not sys.stderr.isatty()) as bar:
        measures = {name: measure(data.tiles, bar.update) for name, data in sides.items()}
    return Collection(rows, sides, measures, format_named(next(iter(sides.values())).format))


@dataclass(frozen=True)
class Patient:
    """One slide of a side."""

    name: str
    side: str
    tiles: int
    positives: int
    density: float
    """Median of its tiles' mean optical density."""
    balance: float
    """Median of its tiles' share of haematoxylin."""
    rgb: tuple[int, int, int]
    """Colour of its mean optical density."""


def patients_of(collection: Collection) -> list[Patient]:
    """Return every slide, side by side."""
    found: list[Patient] = []
    for side, data in collection.sides.items():
        measures = collection.measures[side]
        order = np.argsort(data.patients, kind="stable")
        names, first = np.unique(data.patients[order], return_index=True)
        for name, tiles in zip(names.tolist(), np.split(order, first[1:]), strict=True):
            found.append(_patient(name, side, data, measures, tiles))
    return found


def _patient(name: str, side: str, data: TileSet, measures: Measures, tiles: NDArray[np.intp]) -> Patient:
    red, green, blue = np.rint(255 * np.exp(-measures.density[tiles].mean(0))).astype(int).tolist()
    return Patient(
        name=name,
        side=side,
        tiles=len(tiles),
        positives=int(data.labels[tiles].sum()),
        density=float(np.median(measures.mean_density[tiles])),
        balance=float(np.median(measures.balance[tiles])),
        rgb=(red, green, blue),
    )
