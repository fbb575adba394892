"""Find where views lie to each other by what their pictures share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .graph import Edge, pieces_of
from .registration_search import Grey, Search

NEXT = 3
"""Each view is tried against so many before it: who moves a stage by hand goes step by step."""


@dataclass(frozen=True)
class Registered:
    """What was found."""

    pieces: list[list[int]]
    """Numbers of views that hang together, the largest piece first."""
    places: dict[int, tuple[float, float]]
    """Number of a view -> x, y in its piece, px."""
    dropped: list[Edge] = field(default_factory=list)
    """Matches that were found and not believed, since others contradict them."""


def register(count: int, picture: Callable[[int], Grey | None]) -> Registered:
    """Return where `count` views lie to each other; `picture` gives uint8 (h, w), or None where there is none.

    All pictures are of one scale. Only tissue can be told from tissue: what overlaps by glass alone stays apart.
    """
    search = Search(count, picture)
    search.try_all((b, a) for a in range(count) for b in range(max(0, a - NEXT), a))
    search.try_neighbours()
    search.try_pieces()
    search.try_neighbours()
    search.leave_contradicted()
    pieces = pieces_of(count, search.edges)
    places: dict[int, tuple[float, float]] = {}
    for piece, found in search.solved(pieces):
        places |= {view: (float(x), float(y)) for view, (x, y) in zip(piece, found, strict=True)}
    return Registered(pieces, places, search.dropped)
