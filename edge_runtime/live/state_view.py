"""What the page shows of one frame, as plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TileState:
    """A tile of the view."""

    row: int
    """In the grid."""
    column: int
    """Likewise."""
    x: float
    """Left edge, as a share of the picture's width."""
    y: float
    """Top edge, as a share of its height."""
    probability: float | None = None
    """0..1; None where it was not judged."""
    label: str | None = None
    """By the operating point."""
    reason: str | None = None
    """Why it was not judged."""
    measure: str | None = None
    """What the reason goes by."""
    value: float | None = None
    """What was measured."""


@dataclass(frozen=True)
class ViewState:
    """What was said of one frame; its picture is `/api/v1/frames/{number}/picture`."""

    number: int
    """Counts views since the instrument was started; never falls."""
    frame: int
    """Number of the frame in its run; what a mark names."""
    source: str
    """What a person would call it."""
    width: int
    """Of the picture, px."""
    height: int
    """Likewise."""
    um_per_px: float | None
    """Of the picture that is shown; None where nobody knows."""
    tile_width: float
    """Of a tile, as a share of the picture's width."""
    tile_height: float
    """As a share of its height."""
    grid: tuple[int, int]
    """(rows, columns)."""
    tiles: tuple[TileState, ...]
    """Row by row."""
    looks: int = 1
    """How many looks at this field they rest on."""
    repeats: bool = False
    """Whether the view stands still, so that nothing was judged anew."""
    reason: str | None = None
    """Why the whole frame was not judged."""
    message: str | None = None
    """The sentence beside it."""
