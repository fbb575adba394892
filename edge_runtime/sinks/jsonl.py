"""The sink `jsonl`: a line of JSON for each frame, written whole and at once: a killed run leaves whole lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

from edge_runtime.contract import Contract
from edge_runtime.errors import BadInput
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult

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


def open_sink(target: Path | TextIO, contract: Contract) -> JsonLines:
    """Write to an open stream, or to a file, which is begun anew; the contract adds nothing to a line."""
    if not isinstance(target, Path):
        return JsonLines(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        stream = target.open("w", encoding="utf-8", newline="\n", buffering=BUFFER_BYTES)
    except OSError as error:
        raise BadInput(f"cannot write {target}: {error.strerror}; give a place that can be written to") from error
    return JsonLines(stream, owns=True)
