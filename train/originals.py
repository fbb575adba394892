"""Read the pictures that an index lists: their bytes, stamps and tiles; one that is gone or changed is named."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput, UnreadablePicture

from .cache_files import stamp_of
from .formats import DataFormat
from .recipe import TILE_PX


def decode_tiles(paths: Sequence[str], kind: DataFormat) -> NDArray[np.uint8]:
    """Return pictures as tiles in memory, uint8 (n, 50, 50, 3), RGB; refuses one that can no longer be read."""
    tiles = np.empty((len(paths), TILE_PX, TILE_PX, 3), np.uint8)

    def decode(place: int) -> None:
        tiles[place] = decode_tile(paths[place], kind)[0]

    with ThreadPoolExecutor() as pool:  # decoding releases the interpreter lock
        for _ in pool.map(decode, range(len(paths))):
            pass  # an error in a thread shows when its result is taken
    return tiles


def decode_tile(path: str, kind: DataFormat) -> tuple[NDArray[np.uint8], str]:
    """Return a picture as a tile, uint8 (50, 50, 3), RGB, and the SHA-256 of its bytes."""
    data = _read(path)
    try:
        return kind.decode(data), hashlib.sha256(data).hexdigest()
    except UnreadablePicture as error:
        raise BadInput(f"{path} changed since it was indexed: {error}; run python -m train index again") from error


def picture_sha256(path: str) -> str:
    """Return the SHA-256 of a picture's bytes."""
    return hashlib.sha256(_read(path)).hexdigest()


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _gone(path, error) from error


def picture_stamps(paths: Sequence[str], now_ns: int) -> NDArray[np.int64]:
    """Return the stamps of pictures' files, int64 (n, 3)."""
    stamps = np.empty((len(paths), 3), np.int64)
    for place, path in enumerate(paths):
        try:
            stamps[place] = stamp_of(path, now_ns)
        except OSError as error:
            raise _gone(path, error) from error
    return stamps


def _gone(path: str, error: OSError) -> BadInput:
    return BadInput(f"expected a picture of the index at {path} ({error.strerror}); run python -m train index again")
