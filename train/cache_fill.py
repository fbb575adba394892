"""Bring a tile cache up to date: copy what it holds, decode what is new or changed, replace it as a whole."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .cache_files import (
    BLOCK,
    HEXADECIMAL,
    Manifest,
    joined_paths,
    map_tiles,
    read_manifest,
    same,
    sweep,
    write_manifest,
    write_tiles,
)
from .formats import DataFormat
from .originals import decode_tile, picture_sha256, picture_stamps
from .recipe import TILE_PX

_VERSION = 1
"""Of how pictures become tiles and lie in the cache."""

log = logging.getLogger(__name__)


def maker(kind: DataFormat) -> str:
    """Return all but the pictures that the tiles depend on."""
    return f"cache {_VERSION}, {kind.name} at {TILE_PX} px, OpenCV {cv2.__version__}"


def map_or_none(folder: Path, manifest: Manifest, wanted: slice) -> NDArray[np.uint8] | None:
    """Return the wanted tiles of a cache, mapped; None, with a warning, where it is damaged."""
    try:
        return map_tiles(folder, manifest, wanted)
    except (OSError, ValueError, EOFError) as error:
        log.warning("the tile cache in %s is damaged (%s): it is made again", folder, error)
        return None


def fill(folder: Path, order: Sequence[str], kind: DataFormat, now_ns: int) -> NDArray[np.uint8]:
    """Bring the cache up to date and return all its tiles; what it holds already is copied, not decoded."""
    old, held = read_manifest(folder), None
    if old is not None and old.made_by == maker(kind):
        held = map_or_none(folder, old, slice(0, len(old.hashes)))
    stamps, paths = picture_stamps(order, now_ns), joined_paths(order)
    places = _unchanged(order, stamps, old) if old is not None and held is not None else {}
    hashes: dict[str, str | bytes] = {}
    if old is not None:
        hashes.update({path: old.hashes[place] for path, place in places.items()})

    def tile(path: str) -> NDArray[np.uint8]:
        if held is not None and path in places:
            return held[places[path]]
        pixels, hashes[path] = decode_tile(path, kind)
        return pixels

    if old is not None and len(places) == len(order) and np.array_equal(old.paths, paths):  # touched, not changed
        name, blocks = old.tiles, old.blocks
    else:
        log.info("%s: decoding %d of %d pictures", folder, len(order) - len(places), len(order))
        name, written = write_tiles(folder, (len(order), TILE_PX, TILE_PX, 3), _blocks(order, tile))
        blocks = np.array(written)
    manifest = Manifest(
        maker(kind), name, blocks, paths, stamps, np.array([hashes[path] for path in order], HEXADECIMAL)
    )
    write_manifest(folder, manifest)
    sweep(folder, keep=name)
    return map_tiles(folder, manifest, slice(0, len(order)))


def _unchanged(order: Sequence[str], stamps: NDArray[np.int64], old: Manifest) -> dict[str, int]:
    """Return where pictures lie in the old cache whose stamp, or else whose bytes, are still the same."""
    known = {path: place for place, path in enumerate(old.path_list())}
    shared = [place for place, path in enumerate(order) if path in known]
    places = np.array([known[order[place]] for place in shared], np.intp)
    unchanged = same(stamps[shared], old.stamps[places])
    doubtful = np.flatnonzero(~unchanged)
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(picture_sha256, [order[shared[n]] for n in doubtful]))
    unchanged[doubtful] = np.array(found, HEXADECIMAL) == old.hashes[places[doubtful]]
    return {order[shared[n]]: int(places[n]) for n in np.flatnonzero(unchanged)}


def _blocks(order: Sequence[str], tile: Callable[[str], NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    watched = sys.stderr.isatty()
    with ThreadPoolExecutor() as pool, tqdm(total=len(order), desc="caching", unit="tile", disable=not watched) as bar:
        for start in range(0, len(order), BLOCK):
            yield np.stack(list(pool.map(tile, order[start : start + BLOCK])))
            bar.update(min(BLOCK, len(order) - start))
