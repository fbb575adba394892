"""The views of a session: what was seen once, by the last look at it; light enough to hold thousands of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.gates import MOVING, NO_DATA
from edge_runtime.session.keep import THUMBNAIL
from edge_runtime.session.reading import Session
from edge_runtime.session.stored import StoredFrame


@dataclass(frozen=True)
class View:
    """A field that was seen, perhaps by several looks."""

    frame: int
    """Number of the frame of the last look."""
    origin_xy: tuple[int, int]
    """As Frame.origin_xy."""
    um_per_px: float
    """Of the frame."""
    size_px: tuple[int, int]
    """(height, width) of the frame."""
    tile_um: float
    """Side of a tile, µm."""
    corners_um: NDArray[np.float32]
    """float32 (n, 2): x, y of the tiles' top-left corners, µm from the view's."""
    probability: NDArray[np.float32]
    """float32 (n,), NaN where it was not judged."""
    positive: NDArray[np.bool_]
    """bool (n,), where the label is the contract's last: carcinoma."""
    has_data: NDArray[np.bool_]
    """bool (n,), False where a tile lies over a hole of the source."""
    grid: tuple[int, int]
    """(rows, columns) of the tiles."""
    looks: int
    """How many looks it rests on."""
    thumbnail_of: int
    """Number of the frame of the first look, which has the thumbnail."""
    pictures: frozenset[str]
    """Kinds of pictures that were kept."""

    @property
    def size_um(self) -> tuple[float, float]:
        """(width, height), µm."""
        return self.size_px[1] * self.um_per_px, self.size_px[0] * self.um_per_px

    @property
    def judged(self) -> bool:
        """Whether any of its tiles was."""
        return bool(np.isfinite(self.probability).any())


@dataclass(frozen=True)
class Views:
    """All views of a session."""

    views: tuple[View, ...]
    """In the order in which they were recorded."""
    stands_for: Mapping[int, int]
    """Number of a frame -> that of the view which shows what it shows."""
    moving: int
    """Frames taken while the stage moved, which are no views."""


def read_views(session: Session) -> Views:
    """Return the views of a session; frames that were lost, not looked at, or taken while moving are none."""
    label = session.model().contract.labels[-1]
    views: list[View] = []
    stands_for: dict[int, int] = {}
    looks: dict[int, list[int]] = {}
    moving = 0
    for frame in session.frames():
        record = frame.record
        if not frame.tiles or record["um_per_px"] is None:
            continue
        if (repeated := record["repeats_frame"]) is not None:
            stands_for[frame.index] = stands_for.get(repeated, repeated)
        elif all(tile.result.reason == MOVING for tile in frame.tiles):
            moving += 1
        elif record["looks"] > 1 and views and record["looks"] == views[-1].looks + 1:
            first = views[-1].thumbnail_of
            looks[first].append(frame.index)
            views[-1] = _view(frame, first, label)
        else:
            looks[frame.index] = [frame.index]
            views.append(_view(frame, frame.index, label))
    last = {view.thumbnail_of: view.frame for view in views}
    stands_for |= {index: last[first] for first, all_looks in looks.items() for index in all_looks}
    return Views(tuple(views), {index: stands_for.get(view, view) for index, view in stands_for.items()}, moving)


def _view(frame: StoredFrame, first: int, label: str) -> View:
    record = frame.record
    um_per_px, (x0, y0) = record["um_per_px"], record["origin_xy"]
    corners = [(tile.result.x - x0, tile.result.y - y0) for tile in frame.tiles]
    said = [np.nan if tile.result.probability is None else tile.result.probability for tile in frame.tiles]
    height, width = record["size_px"]
    return View(
        frame.index,
        (x0, y0),
        um_per_px,
        (height, width),
        record["tile_size_px"] * um_per_px,
        np.array(corners, np.float32) * np.float32(um_per_px),
        np.array(said, np.float32),
        np.array([tile.result.label == label for tile in frame.tiles], bool),
        np.array([tile.result.reason != NO_DATA for tile in frame.tiles], bool),
        tuple(record["grid"]),
        record["looks"],
        first,
        frozenset(frame.pictures) | ({THUMBNAIL} if first != frame.index else frozenset()),
    )
