"""The files of a tile cache: pixels as one `.npy`, and a manifest that says which pictures they are and binds them."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.atomic import write_bytes

MANIFEST, LOCK = "manifest-1.npz", ".lock"
"""The number is that of the manifest's layout: another's is not met."""
_SEAL_BYTES = 32
BLOCK = 1024
"""Tiles in a block, 7.7 MB: what is decoded, written and checked at once."""

SETTLED_NS = 2_000_000_000
"""A file that was changed less than this ago could change again without its times telling (FAT counts in 2 s)."""

Stamp = tuple[int, int, int]
"""Size, bytes; time of the content, ns; time of the file's record, ns, which no copying tool can set back."""

_UNSETTLED: Stamp = (-1, -1, -1)
HEXADECIMAL = "S64"
"""dtype of a SHA-256."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Manifest:
    """What the `.npy` holds; written last, so that what it names is whole. Arrays, since a start waits for it."""

    made_by: str
    """Everything but the files that the pixels depend on; another maker's cache is made again."""
    tiles: str
    """Name of the `.npy`: uint8 (n, 50, 50, 3), RGB, in the order of the paths."""
    blocks: NDArray[np.str_]
    """SHA-256 of each block of tiles, hexadecimal."""
    paths: NDArray[np.uint8]
    """Of the n pictures, as joined_paths gives them."""
    stamps: NDArray[np.int64]
    """int64 (n, 3): the stamp of each picture's file."""
    hashes: NDArray[np.bytes_]
    """S64 (n,): the SHA-256 of each picture's bytes, which decides where the stamp differs."""

    def path_list(self) -> list[str]:
        """Return the paths one by one."""
        return os.fsdecode(self.paths.tobytes()).split("\0")


def joined_paths(paths: Sequence[str]) -> NDArray[np.uint8]:
    """Return paths as one array of bytes, a zero between two: compared, read and written at once."""
    return np.frombuffer(os.fsencode("\0".join(paths)), np.uint8)


def stamp_of(path: str, now_ns: int) -> Stamp:
    """Return a file's stamp; one that is like no other, where the file is too young for its times to be believed."""
    found = os.stat(path)  # noqa: PTH116 - three times as fast as Path.stat, and this is what a start waits for
    if max(found.st_mtime_ns, found.st_ctime_ns) > now_ns - SETTLED_NS:
        return _UNSETTLED
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def same(stamps: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return bool (n,): which of two int64 (n, 3) of stamps show that a file is unchanged."""
    return np.asarray((stamps == others).all(axis=1) & (stamps[:, 0] != _UNSETTLED[0]))


def read_manifest(folder: Path) -> Manifest | None:
    """Return the manifest of a cache, or None, with a warning where it is damaged."""
    path = folder / MANIFEST
    if not path.exists():
        return None
    data = path.read_bytes()
    body, seal = data[:-_SEAL_BYTES], data[-_SEAL_BYTES:]
    if hashlib.sha256(body).digest() != seal:
        log.warning("%s is damaged: the cache is made again", path)
        return None
    with np.load(io.BytesIO(body), allow_pickle=False) as parts:
        arrays = [parts[name] for name in ("blocks", "paths", "stamps", "hashes")]
        return Manifest(str(parts["made_by"]), str(parts["tiles"]), *arrays)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, whole or not at all, with the SHA-256 of all that stands before it at its end."""
    body = io.BytesIO()
    np.savez(body, **vars(manifest))
    write_bytes(folder / MANIFEST, body.getvalue() + hashlib.sha256(body.getvalue()).digest())


def map_tiles(folder: Path, manifest: Manifest, wanted: slice) -> NDArray[np.uint8]:
    """Return the wanted tiles of the `.npy`, mapped, read-only; raises ValueError or OSError where it is damaged."""
    tiles = np.asarray(np.load(folder / manifest.tiles, mmap_mode="r", allow_pickle=False))
    if tiles.dtype != np.uint8 or tiles.ndim != 4 or len(tiles) != len(manifest.hashes):
        raise ValueError(f"expected {len(manifest.hashes)} tiles, found {tiles.dtype} {tiles.shape}")
    numbers = range(wanted.start // BLOCK, -(-wanted.stop // BLOCK))
    with ThreadPoolExecutor() as pool:  # hashing releases the interpreter lock
        found = pool.map(lambda n: block_sha256(tiles[n * BLOCK : (n + 1) * BLOCK]), numbers)
        for number, sha in zip(numbers, found, strict=True):
            if sha != manifest.blocks[number]:
                raise ValueError(f"the tiles from {number * BLOCK} on are not those that were written")
    return tiles[wanted]


def block_sha256(tiles: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of a block's pixels."""
    return hashlib.sha256(np.ascontiguousarray(tiles).data).hexdigest()


def write_tiles(folder: Path, shape: tuple[int, ...], blocks: Iterable[NDArray[np.uint8]]) -> tuple[str, list[str]]:
    """Write blocks as one `.npy` of `shape` under a name of its content; return the name and the blocks' hashes.

    By plain writes, not through a map: a full disk is then an error and not a crash.
    """
    handle, name = tempfile.mkstemp(dir=folder, prefix=".tiles-", suffix=".npy")
    half = Path(name)
    try:
        hashes = []
        with os.fdopen(handle, "wb") as file:
            header = {"descr": np.dtype(np.uint8).str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for block in blocks:
                file.write(np.ascontiguousarray(block).data)
                hashes.append(block_sha256(block))
            file.flush()
            os.fsync(file.fileno())
        whole = folder / f"tiles-{hashlib.sha256(''.join(hashes).encode()).hexdigest()[:16]}.npy"
        half.chmod(0o644)
        half.replace(whole)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    return whole.name, hashes


def sweep(folder: Path, keep: str) -> None:
    """Delete pixels that no manifest names any more, and halves that a killed process left; nothing else."""
    for pattern in ("tiles-*.npy", ".tiles-*.npy"):
        for path in folder.glob(pattern):
            if path.name != keep:
                with suppress(OSError):  # where a process still maps it, some systems keep it: swept next time
                    path.unlink()
