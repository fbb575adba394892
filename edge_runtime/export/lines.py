"""The kind `jsonl`: a line a frame, as `cancernet run` gives it, with what a person marked."""

from __future__ import annotations

import json
from typing import IO

from edge_runtime.session.reading import Session


def write_lines(session: Session, file: IO[bytes]) -> None:
    """Write each frame's record with `recorded_at`, `marked` and `note`, UTF-8."""
    for frame in session.frames():
        marks = {"recorded_at": frame.recorded_at, "marked": frame.marked, "note": frame.note}
        line = json.dumps({**frame.record, **marks}, ensure_ascii=False, allow_nan=False)
        file.write(line.encode() + b"\n")
