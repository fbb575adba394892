"""What the page asks of one recorded session: its marks, its tiles in sum, its worst fields."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput
from edge_runtime.session.reading import Session, read_session
from edge_runtime.session.stored import StoredFrame


@dataclass(frozen=True)
class Mark:
    """A frame that somebody marked."""

    frame: int
    """Its number."""
    note: str
    """What they wrote."""


@dataclass(frozen=True)
class Field:
    """A field of a session, in short."""

    frame: int
    """Number of the frame."""
    probability: float
    """The highest of its tiles."""
    positive: int
    """Tiles that are positive by the operating point."""
    judged: int
    """Tiles that were judged."""
    tiles: int
    """All."""
    origin_xy: tuple[int, int]
    """Where it lies on the slide, px of the source; (0, 0) of a camera."""
    marked: bool
    """Whether somebody marked it."""
    note: str
    """What they wrote."""
    has_thumbnail: bool
    """Whether there is a picture of it."""


def marks_of(session: Session) -> list[Mark]:
    """Return the marked frames; raises BadInput."""
    return [Mark(*row) for row in _asked(session, "SELECT frame, note FROM frames WHERE marked ORDER BY frame")]


def tile_counts(session: Session) -> dict[str, int]:
    """Return how many tiles have each label or reason, each look at a field counted; raises BadInput."""
    query = "SELECT coalesce(label, reason) AS said, count(*) FROM tiles GROUP BY said ORDER BY 2 DESC"
    return {str(said): int(count) for said, count in _asked(session, query)}


_FIELDS = """
SELECT f.frame, coalesce(json_extract(f.record, '$.looks'), 1),
  (SELECT max(t.probability) FROM tiles t WHERE t.frame = f.frame) AS highest,
  (SELECT count(*) FROM tiles t WHERE t.frame = f.frame AND t.probability > 0.5) AS many
FROM frames f WHERE f.repeats_frame IS NULL AND f.reason IS NULL ORDER BY f.frame
"""


def worst_fields(session: Session, limit: int) -> list[Field]:
    """Return the fields with the highest probability, worst first, each by its last look; raises BadInput."""
    rows = _asked(session, _FIELDS)
    last = [row for row, after in zip(rows, [*rows[1:], None], strict=True) if not after or after[1] != row[1] + 1]
    ranked = sorted((row for row in last if row[2] is not None), key=lambda row: (-row[2], -row[3], row[0]))
    (positive,) = _asked(session, "SELECT json_extract(contract, '$.labels') FROM models LIMIT 1") or [("",)]
    label = str(positive[0]).strip("[]").split(",")[-1].strip('"')
    found: list[Field] = []
    for row in ranked:
        if len(found) == limit:
            break
        frame = frame_of(session, row[0])
        if frame is not None:
            found.append(_field(frame, label))
    return found


def frame_of(session: Session, number: int) -> StoredFrame | None:
    """Return a frame as it was written; None where it is not, or is not there; raises BadInput."""
    found = next(session.frames(after=number - 1), None)
    return found if found is not None and found.index == number else None


def _field(frame: StoredFrame, label: str) -> Field:
    results = [tile.result for tile in frame.tiles]
    probabilities = [each.probability for each in results if each.probability is not None]
    x, y = frame.record.get("origin_xy") or (0, 0)
    return Field(
        frame.index,
        max(probabilities, default=0.0),
        sum(each.label == label for each in results),
        len(probabilities),
        len(results),
        (int(x), int(y)),
        frame.marked,
        frame.note,
        "thumbnail" in frame.pictures,
    )


def _asked(session: Session, query: str) -> list[tuple[Any, ...]]:
    try:
        return session.connection.execute(query).fetchall()
    except sqlite3.Error as error:
        raise BadInput(
            f"{session.folder.name}: expected a whole session, found one that cannot be read ({error}); mend it: "
            "cancernet sessions DIR --mend"
        ) from error


def open_session(folder: Path) -> Session:
    """Open a session for reading; raises BadInput, in words without paths of this computer."""
    try:
        return read_session(folder)
    except BadInput as error:
        raise type(error)(str(error).replace(f"{folder.parent}/", "")) from error
