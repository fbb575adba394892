"""Find pictures that are pixel for pixel the same: on two sides of a split they would be trained on and judged on."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput, UnreadablePicture
from edge_runtime.pictures import read_picture

from .patch_index import DUPLICATE, EDGE, OK, UNREADABLE, IndexRow

_BLANK_RANGE = 8
"""Grey levels: a picture whose channels each span no more shows nothing but a compressor's noise, and blank glass of
two slides may well be alike. The 24,181 tiles of the 226 slides at hand hold no blank one, and no two alike."""
_NAMED = 5
_KEPT_FIRST = ("test", "val", "train")
"""What was held out stays whole; what could have been trained on goes."""
log = logging.getLogger(__name__)


def look_at(path: Path, side_px: int) -> tuple[str, str]:
    """Return a picture's status (ok, edge or unreadable) and the hash of its pixels; no hash for a blank one."""
    try:
        pixels = read_picture(path)
    except UnreadablePicture:
        return UNREADABLE, ""
    status = OK if pixels.shape[:2] == (side_px, side_px) else EDGE
    return status, content_hash(pixels)


def content_hash(pixels: NDArray[np.uint8]) -> str:
    """Return 32 hexadecimal digits of uint8 pixels (h, w, 3): equal for equal pictures; empty for a blank one."""
    if np.ptp(pixels, axis=(0, 1)).max() <= _BLANK_RANGE:
        return ""
    return hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=16).hexdigest()


def settle_copies(rows: Sequence[IndexRow], drop: bool) -> list[IndexRow]:
    """Refuse copies on two sides, or with `drop` keep one of each and call the rest `duplicate`.

    The copy that is kept is the test side's, then val's: what is held out stays whole. Copies that disagree in their
    label are all dropped. Without `drop`, copies on one side stay, where they only count twice, and are told.
    """
    sets = [copies for copies in _copies(rows) if len(copies) > 1]
    if drop:
        dropped = {row.path for copies in sets for row in _surplus(copies)}
        if dropped:
            log.warning("%d copies of other pictures are left out as duplicates", len(dropped))
        return [dataclasses.replace(row, status=DUPLICATE) if row.path in dropped else row for row in rows]
    across = [copies for copies in sets if len({row.split for row in copies}) > 1]
    if across:
        raise BadInput(
            f"expected every picture on one side of the split, found {len(across)} that lie pixel for pixel on two: "
            f"{_name(across)}; slides that share pictures belong into one group, or --drop-duplicates keeps one of each"
        )
    if sets:
        log.warning("%d pictures lie in the folder more than once, on one side: %s", len(sets), _name(sets))
    torn = [copies for copies in sets if _disagree(copies)]
    if torn:
        log.warning("%d of them carry both labels: %s; --drop-duplicates leaves them out", len(torn), _name(torn))
    return list(rows)


def _copies(rows: Sequence[IndexRow]) -> list[list[IndexRow]]:
    by_content: dict[str, list[IndexRow]] = defaultdict(list)
    for row in rows:
        if row.status == OK and row.content:
            by_content[row.content].append(row)
    return list(by_content.values())


def _surplus(copies: list[IndexRow]) -> list[IndexRow]:
    if _disagree(copies):
        return copies
    return sorted(copies, key=lambda row: (_KEPT_FIRST.index(row.split), row.path))[1:]


def _disagree(copies: list[IndexRow]) -> bool:
    return len({row.label for row in copies}) > 1


def _name(sets: list[list[IndexRow]]) -> str:
    return "; ".join(" = ".join(f"{row.path} ({row.split})" for row in copies[:3]) for copies in sets[:_NAMED])
