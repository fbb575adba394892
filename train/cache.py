"""Keep decoded tiles in a memory-mapped array, so that a second start decodes nothing; never stale, never half-written.

Pictures are known by path, size and times; where these differ, the hash of their bytes tells whether they changed, and
only what changed is decoded again. Tiles lie ordered by split, so that a split is one piece of the map.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .cache_files import LOCK, joined_paths, read_manifest, same
from .cache_fill import fill, maker, map_or_none
from .formats import DataFormat
from .originals import decode_tiles, picture_stamps

log = logging.getLogger(__name__)


def cache_beside(index: Path) -> Path:
    """Return the folder where the tiles of an index are kept: beside it, with `.cache` behind its name."""
    return index.with_name(f"{index.name}.cache")


def cache_option(given: str | None, index: Path) -> Path | None:
    """Return the folder that `--cache DIR|none` means; not given, the one beside the index."""
    if given is None:
        return cache_beside(index)
    return None if given == "none" else Path(given)


def cached_tiles(
    folder: Path,
    sides: Mapping[str, Sequence[str]],
    split: str,
    kind: DataFormat,
    clock: Callable[[], int] = time.time_ns,
) -> NDArray[np.uint8]:
    """Return the tiles of one of `sides` (paths by split), uint8 (n, 50, 50, 3), RGB, mapped from `folder`, read-only.

    What the folder lacks is decoded into it first; one process does so while others wait. Where nothing can be
    written there, a warning says so and the tiles are decoded into memory.
    """
    order = [path for side in sorted(sides) for path in sides[side]]
    if len(set(order)) < len(order):
        raise BadInput("expected each picture once in an index, found one twice; make it again: python -m train index")
    start = sum(len(sides[side]) for side in sides if side < split)
    wanted = slice(start, start + len(sides[split]))
    try:
        tiles = _open(folder, order, wanted, kind, clock())
        if tiles is None:
            folder.mkdir(parents=True, exist_ok=True)
            with _alone(folder):
                tiles = _open(folder, order, wanted, kind, clock())  # another process may have filled it meanwhile
                if tiles is None:
                    tiles = fill(folder, order, kind, clock())[wanted]
    except (OSError, NotImplementedError) as error:  # full, read-only, or a file system without locks
        reason = getattr(error, "strerror", None) or error
        log.warning("no cache in %s (%s): decoding into memory; --cache DIR keeps it elsewhere", folder, reason)
        tiles = decode_tiles(sides[split], kind)
    return tiles


def _open(folder: Path, order: Sequence[str], wanted: slice, kind: DataFormat, now_ns: int) -> NDArray[np.uint8] | None:
    """Return the wanted tiles where the cache holds just these pictures, unchanged and undamaged; else None."""
    manifest = read_manifest(folder)
    if manifest is None or manifest.made_by != maker(kind) or not np.array_equal(manifest.paths, joined_paths(order)):
        return None
    if not same(picture_stamps(order[wanted], now_ns), manifest.stamps[wanted]).all():
        return None
    return map_or_none(folder, manifest, wanted)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system takes back from a process that dies."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("another process fills %s: waiting for it", folder)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
