"""What a session holds, as those who read it get it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge_runtime.results import TileResult

from .picture_file import Place


@dataclass(frozen=True)
class StoredTile:
    """What was said of one tile, with what it was said by; numbers as they were, not rounded."""

    row: int
    """In the grid of its frame."""
    column: int
    """Likewise."""
    result: TileResult
    """Place, and probability with label, or reason."""
    logit: float | None
    """The network's, before its neighbours; None where it was not judged."""
    sharpness: float | None
    """What the focus gate measured; None where it did not."""
    contrast: float | None
    """Likewise."""
    has_data: bool | None
    """Whether it lies over no hole; None where the frame has none."""


@dataclass(frozen=True)
class StoredPicture:
    """Which picture was kept, and where."""

    kind: str
    """thumbnail, field, frame, reduced or holes."""
    format: str
    """png or jpeg."""
    size: int
    """Bytes."""
    sha256: str
    """Of these."""
    place: Place
    """Where it lies."""


@dataclass(frozen=True)
class StoredFrame:
    """One frame, as it was recorded."""

    index: int
    """Number of the frame in its run."""
    recorded_at: str
    """By the computer's clock, ISO 8601, UTC."""
    record: Mapping[str, Any]
    """Its line of frames.jsonl."""
    tiles: tuple[StoredTile, ...]
    """Row by row; where it repeats another frame, the tiles of that."""
    pictures: Mapping[str, StoredPicture]
    """By their kind; where it repeats another frame, none."""
    measured: Mapping[str, Any] | None
    """What was measured at the camera's scale and is not of one tile; None where it was not judged itself."""
    marked: bool
    """Whether somebody marked it."""
    note: str
    """What they wrote of it."""


@dataclass(frozen=True)
class SessionInfo:
    """What is known of a session beside its frames."""

    id: str
    """Its name, and that of its folder as it was made."""
    made_at: str
    """ISO 8601, UTC, by the computer's clock; a Pi without network or battery may be wrong about it."""
    ended_at: str | None
    """None: it goes on, or the plug was pulled and nobody mended it yet."""
    ended_by: str | None
    """source_ended, frames_done, asked, power, interrupted, or the reason of an error."""
    operator: str
    """Who was at the instrument."""
    slide: str
    """The label on the slide."""
    camera: str
    """kind:name."""
    source: str
    """As a person gave it."""
    software: str
    """What made it."""
    session_version: int
    """Of its layout."""
    settings: Mapping[str, Any]
    """How frames were judged."""
    model_sha256: str
    """Which model judged."""
    calibration_sha256: str | None
    """Which calibration of the instrument; None: none."""
    said: tuple[str, ...]
    """What is to be known of it, as what was lost when it was mended."""
