"""Write a file whole or not at all: a reader, or a pulled plug, never meets half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import BadInput


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` as `path`, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        half = Path(name)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}; give a folder that can be written to") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.chmod(0o644)  # a temporary file is private; what it becomes is not
        half.replace(path)
    except BaseException:
        half.unlink()
        raise


def write_text(path: Path, text: str) -> None:
    """Write `text` as `path` (UTF-8), whole or not at all."""
    write_bytes(path, text.encode())
