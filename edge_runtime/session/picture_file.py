"""Pictures of a session, one behind the other in `pictures-0001.bin`; the database says which lies where.

Beside the database and not in it: SQLite in WAL mode would write each twice, a database of gigabytes is slow to check,
and only a file of its own gives its room back at once when it is deleted, with a disk that is full, too. One file and
not one a picture: that would take two more waits for the disk a frame (docs/sessions.md has the figures).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .folder import sync_folder

LARGEST_BYTES = 1 << 30
"""From this size on the next file is begun; FAT ends at 4 GiB."""


@dataclass(frozen=True)
class Picture:
    """One picture, encoded."""

    kind: str
    """thumbnail, field, frame, reduced or holes."""
    format: str
    """png or jpeg."""
    data: bytes
    """The file's content."""


@dataclass(frozen=True)
class Place:
    """Where a picture lies."""

    file: int
    """Number of the file, from 1."""
    place: int
    """Its first byte there."""


def picture_path(folder: Path, number: int) -> Path:
    """Return the path of a file of pictures."""
    return folder / f"pictures-{number:04d}.bin"


def picture_files(folder: Path) -> list[Path]:
    """Return a session's files of pictures."""
    return sorted(folder.glob("pictures-*.bin"))


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class PictureFile:
    """Appends pictures. What was not `settled` after it was added is written over by the next."""

    def __init__(self, folder: Path, number: int = 1, end: int = 0) -> None:
        """Take the session's folder, and where its last picture ends."""
        self._folder, self._number, self._end = folder, number, end
        self._descriptor: int | None = None
        self._ahead = 0

    def add(self, pictures: Sequence[Picture]) -> list[Place]:
        """Write pictures and wait until they are on the disk; raises OSError."""
        if not pictures:
            return []
        if self._end >= LARGEST_BYTES:
            self.close()
            self._number, self._end = self._number + 1, 0
        descriptor = self._open()
        places, end = [], self._end
        for picture in pictures:
            places.append(Place(self._number, end))
            _write_all(descriptor, picture.data, end)
            end += len(picture.data)
        (os.fdatasync if hasattr(os, "fdatasync") else os.fsync)(descriptor)
        self._ahead = end
        return places

    def settle(self) -> None:
        """Keep what was added: the database names it now."""
        self._end = max(self._end, self._ahead)

    def close(self) -> None:
        """Close the file, without what was not settled; calling it again does nothing."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)
        self._ahead = 0

    def _open(self) -> int:
        if self._descriptor is None:
            path = picture_path(self._folder, self._number)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
            sync_folder(self._folder)
        return self._descriptor


def _write_all(descriptor: int, data: bytes, place: int) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, place)
        rest, place = rest[written:], place + written


def read_picture_bytes(folder: Path, place: Place, size: int, digest: str) -> bytes | None:
    """Return a picture's bytes; None where its file was removed, or they are not those that were written."""
    try:
        with picture_path(folder, place.file).open("rb") as file:
            file.seek(place.place)
            data = file.read(size)
    except OSError:
        return None
    return data if sha256(data) == digest else None
