"""Write a file whole or not at all: a reader, or a pulled plug, never meets half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .errors import BadInput


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the path of an empty file to write to; it becomes `path` when the block ends well, and is gone otherwise."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        half = Path(name)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}; give a folder that can be written to") from error
    try:
        with os.fdopen(handle, "r+b") as file:
            yield half
            os.fsync(file.fileno())
        half.chmod(0o644)  # a temporary file is private; what it becomes is not
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` as `path`, whole or not at all."""
    with whole_file(path) as half:
        half.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` as `path` (UTF-8), whole or not at all."""
    write_bytes(path, text.encode())
