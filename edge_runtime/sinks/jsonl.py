"""The sink `jsonl`: a line of JSON for each frame, written whole and at once: a killed run leaves whole lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

from edge_runtime.errors import BadInput
from edge_runtime.records import Frame, FrameResult

FILE_NAME = "results.jsonl"
BUFFER_BYTES = 1 << 22
"""Larger than any line, so that a flush hands the line to the system in one piece."""


class JsonLines:
    """Writes results as JSON Lines to an open stream; closes it only where it was opened for this."""

    def __init__(self, stream: TextIO, owns: bool = False) -> None:
        """Take a text stream; `owns` says that closing the sink closes it."""
        self._stream = stream
        self._owns = owns

    def write(self, frame: Frame | None, result: FrameResult) -> None:
        """Write one line; raises ValueError for NaN, which JSON does not have."""
        self._stream.write(json.dumps(result.to_json(), allow_nan=False) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Close the file; a stream that was handed in stays open."""
        if self._owns:
            self._stream.close()


def open_sink(folder: Path, threshold: float | None = None) -> JsonLines:
    """Begin `results.jsonl` in a folder, anew."""
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stream = path.open("w", encoding="utf-8", newline="\n", buffering=BUFFER_BYTES)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}; give a folder that can be written to") from error
    return JsonLines(stream, owns=True)
