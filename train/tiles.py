"""Load the tiles of an index: mapped from the cache beside it, or decoded into memory."""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .cache import cached_tiles
from .formats import IDC, format_named
from .originals import decode_tiles
from .patch_index import BY_PATIENT, DOUBTS, OK, IndexRow

_HASHED = 2048
"""Tiles hashed at once where they do not lie in one piece, 15 MB."""


@dataclass(frozen=True)
class TileSet:
    """The usable tiles of one side of an index."""

    tiles: NDArray[np.uint8]
    """uint8 (n, 50, 50, 3), RGB; read-only where it is mapped from the cache."""
    labels: NDArray[np.uint8]
    """uint8 (n,): 0 or 1, as the format's labels name them."""
    patients: NDArray[np.str_]
    """str (n,): the slide of each tile."""
    paths: tuple[str, ...]
    """Where each tile came from."""
    groups: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, str))
    """str (n,): what must stay on one side of a split, and what a bootstrap draws. Not given: the patients."""
    xs: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    """int32 (n,): left edge of each tile, px of its slide; -1 where the place is not known. Not given: -1."""
    ys: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    """int32 (n,): top edge, as xs."""
    format: str = IDC.name
    """Name in train.formats.FORMATS: what the labels mean, and the scale."""
    split_by: str = BY_PATIENT
    """patient, picture (no patient is known: tiles of one may lie on two sides) or tile (they do)."""

    def __post_init__(self) -> None:
        unknown = np.full(len(self), -1, np.int32)
        for name, default in (("groups", self.patients), ("xs", unknown), ("ys", unknown)):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, default)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def leaky(self) -> bool:
        """Whether tiles of one patient may lie on both sides of the split, which flatters every figure."""
        return self.split_by != BY_PATIENT

    def digest(self) -> str:
        """Return the SHA-256 of pixels and labels: which data a run saw."""
        digest = hashlib.sha256()
        for start in range(0, len(self), _HASHED):
            digest.update(np.ascontiguousarray(self.tiles[start : start + _HASHED]).data)
        digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()


def load_tiles(rows: Sequence[IndexRow], split: str, cache: Path | None = None) -> TileSet:
    """Return the usable tiles of one side of an index, in its order; refuses a side with no tile or one class only.

    With `cache`, a folder, pixels are mapped from there, read-only, and the folder is made or brought up to date
    first; `train.cache.cache_beside(index)` is its usual place. Without, they are decoded into memory.
    """
    chosen = [row for row in rows if row.split == split and row.status == OK]
    labels = np.array([row.label for row in chosen], np.uint8)
    if len(set(labels.tolist())) < 2:
        found = f"{len(chosen)} tiles of class {labels[0]}" if len(chosen) else "no tile"
        raise BadInput(
            f"expected tiles of both classes in the split {split!r}, found {found}; "
            "list patients for it (--splits) and index again"
        )
    kind = format_named(chosen[0].format)
    paths = tuple(row.path for row in chosen)
    if cache is None:
        tiles = decode_tiles(paths, kind)
    else:
        sides: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            if row.status == OK:
                sides[row.split].append(row.path)
        tiles = cached_tiles(cache, sides, split, kind)
    if chosen[0].split_by in DOUBTS:
        logging.getLogger(__name__).warning("%s: %s", split, DOUBTS[chosen[0].split_by])
    return TileSet(
        tiles,
        labels,
        np.array([row.patient_id for row in chosen]),
        paths,
        np.array([row.group for row in chosen]),
        np.array([row.x for row in chosen], np.int32),
        np.array([row.y for row in chosen], np.int32),
        kind.name,
        chosen[0].split_by,
    )
