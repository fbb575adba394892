"""Load the tiles of an index into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput
from edge_runtime.pictures import read_picture

from .patch_index import OK, IndexRow


@dataclass(frozen=True)
class TileSet:
    """The usable tiles of some patients."""

    tiles: NDArray[np.uint8]
    """uint8 (n, 50, 50, 3), RGB."""
    labels: NDArray[np.uint8]
    """uint8 (n,): 0 no IDC annotated, 1 IDC."""
    patients: NDArray[np.str_]
    """str (n,): the slide of each tile."""
    paths: tuple[str, ...]
    """Where each tile came from."""

    def __len__(self) -> int:
        return len(self.labels)

    def digest(self) -> str:
        """Return the SHA-256 of pixels and labels: which data a run saw."""
        digest = hashlib.sha256(self.tiles.tobytes())
        digest.update(self.labels.tobytes())
        return digest.hexdigest()

    def slide_weights(self) -> NDArray[np.float32]:
        """Return a weight a tile, 1/sqrt(tiles of its slide), mean 1: a large slide counts more, not in proportion."""
        _, inverse, counts = np.unique(self.patients, return_inverse=True, return_counts=True)
        weights = 1.0 / np.sqrt(counts[inverse])
        return (weights / weights.mean()).astype(np.float32)


def load_tiles(rows: Sequence[IndexRow], split: str) -> TileSet:
    """Decode the usable tiles of one side of an index; refuses a side with no tile or one class only."""
    chosen = [row for row in rows if row.split == split and row.status == OK]
    labels = np.array([row.label for row in chosen], np.uint8)
    if len(set(labels.tolist())) < 2:
        found = f"{len(chosen)} tiles of class {labels[0]}" if len(chosen) else "no tile"
        raise BadInput(f"expected tiles of both classes in the split {split!r}, found {found}; check the index")
    with ThreadPoolExecutor() as pool:
        tiles = np.stack(list(pool.map(lambda row: read_picture(Path(row.path)), chosen)))
    patients = np.array([row.patient_id for row in chosen])
    return TileSet(tiles, labels, patients, tuple(row.path for row in chosen))
