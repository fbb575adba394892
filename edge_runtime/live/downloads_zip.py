"""A session's folder as a zip, made while it is sent: nothing of it is written to the disk."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from edge_runtime.session.folder import DATABASE
from edge_runtime.session.lock import lock_folder

from .instrument import NotNow

_CHUNK = 1 << 18


def zipped(session: Path) -> Iterator[bytes]:
    """Yield a session's folder as a zip, read as it is sent; raises NotNow at once where somebody writes it."""
    lock = lock_folder(session, shared=True)
    if lock is None:
        raise NotNow("expected a session that has ended, found one that is being recorded; end it first")
    parts = _zipped(session, lock.release)
    next(parts)  # begun, it lets the session go however it ends
    return parts


def _zipped(session: Path, release: Callable[[], object]) -> Iterator[bytes]:
    out = _Out()
    try:
        yield b""
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, strict_timestamps=False) as archive:  # type: ignore[call-overload]
            for path in sorted(session.iterdir()):
                if path.is_symlink() or not path.is_file() or not path.name.startswith((DATABASE, "pictures-")):
                    continue
                entry = zipfile.ZipInfo.from_file(path, f"{session.name}/{path.name}", strict_timestamps=False)
                with path.open("rb") as file, archive.open(entry, "w", force_zip64=True) as target:
                    while data := file.read(_CHUNK):
                        target.write(data)
                        yield out.taken()
                yield out.taken()
        yield out.taken()
    finally:
        release()


class _Out:
    """A file that is only written to, and handed on as it grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Hold nothing back."""

    def taken(self) -> bytes:
        """Return what was written since."""
        data, self._parts = b"".join(self._parts), []
        return data
