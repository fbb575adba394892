"""The search for pairs of views that overlap: which are tried, and which are believed."""

from __future__ import annotations

import functools
import itertools
import logging
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from .features import Points, match, points_of, worth_trying
from .graph import Edge, Pair, between, consistent, pieces_of, solve
from .overlap import alike

log = logging.getLogger(__name__)

NEIGHBOURS = 0.08
"""Views that would overlap by this share of a side or more, by the places so far, are tried."""
MOST_TRIES = 20_000
"""Pairs of separate pieces that are tried at most. That is all of 200 views; of more, those that were recorded near to
each other come first."""
TOLERANCE_PX = 5.0
"""A loop of matches may be off by a tenth of a tile: lenses distort."""
OTHER = 0.15
"""Two views that correlate by less where they are said to overlap show other places."""
USEFUL = 20
"""Views with fewer points are glass, and are not searched for everywhere."""
IN_MEMORY = 160
"""Pictures held while they are tried."""

Grey = NDArray[np.uint8]


class Search:
    """Pairs tried so far, and the edges that came of it."""

    def __init__(self, count: int, picture: Callable[[int], Grey | None]) -> None:
        """Take the number of views, and what gives their pictures, uint8 (h, w), all of one scale."""
        self.count = count
        self.edges: list[Edge] = []
        self.dropped: list[Edge] = []
        self._tried: set[Pair] = set()
        self.picture = functools.lru_cache(IN_MEMORY)(picture)
        self._points: dict[int, Points | None] = {}

    def points(self, view: int) -> Points | None:
        """Return the points of a view, found once; None where it has no picture."""
        if view not in self._points:
            grey = self.picture(view)
            self._points[view] = None if grey is None else points_of(grey)
        return self._points[view]

    def try_all(self, pairs: Iterable[Pair]) -> int:
        """Try pairs that were not tried yet; return how many matched."""
        before = len(self.edges)
        for pair in pairs:
            if pair not in self._tried:
                self._tried.add(pair)
                self._try(*pair)
        return len(self.edges) - before

    def _try(self, first: int, second: int) -> bool:
        one, other = self.points(first), self.points(second)
        grey, grey2 = self.picture(first), self.picture(second)
        if one is None or other is None or grey is None or grey2 is None:
            return False
        found = match(one, other, grey, grey2)
        if found is not None:
            self.edges.append(Edge(first, second, found.x, found.y, found.points * found.alike))
        return found is not None

    def believe(self) -> None:
        """Leave the edges that disagree with others."""
        self.edges, dropped = consistent(self.count, self.edges, TOLERANCE_PX)
        self.dropped += dropped

    def solved(self, pieces: list[list[int]]) -> Iterable[tuple[list[int], NDArray[np.float64]]]:
        """Yield each piece with the places of its views."""
        own: dict[int, list[Edge]] = {view: [] for piece in pieces for view in piece[:1]}
        head = {view: piece[0] for piece in pieces for view in piece}
        for edge in self.edges:
            own[head[edge.first]].append(edge)
        for piece in pieces:
            yield piece, solve(piece, own[piece[0]])

    def near(self) -> Iterable[tuple[Pair, tuple[float, float]]]:
        """Yield the pairs that overlap by the places so far, with how the second lies to the first."""
        for piece, places in self.solved(pieces_of(self.count, self.edges)):
            grey = None if len(piece) == 1 else self.picture(piece[0])
            if grey is None:
                continue
            room = np.array(grey.shape[::-1]) * (1 - NEIGHBOURS)
            for row, view in enumerate(piece):
                apart = places[row + 1 :] - places[row]
                for other in np.flatnonzero((np.abs(apart) < room).all(1)).tolist():
                    yield (view, piece[row + 1 + other]), (float(apart[other, 0]), float(apart[other, 1]))

    def try_neighbours(self) -> None:
        """Try the pairs that should overlap, until there is none left."""
        self.believe()
        while self.try_all([pair for pair, _ in self.near()]):
            self.believe()

    def try_pieces(self) -> None:
        """Try to put separate pieces together; the nearest in time first."""
        head = {view: piece[0] for piece in pieces_of(self.count, self.edges) for view in piece}
        points = {view: self.points(view) for view in range(self.count)}
        useful = {view: found for view, found in points.items() if found is not None and len(found.places) >= USEFUL}
        left = MOST_TRIES
        pairs = sorted(itertools.combinations(useful, 2), key=lambda pair: (pair[1] - pair[0], pair[0]))
        for pair in pairs:
            if left == 0:
                log.info("not all pairs of separate pieces were tried: there are too many")
                return
            if head[pair[0]] == head[pair[1]] or pair in self._tried:
                continue
            left -= 1
            if worth_trying(useful[pair[0]], useful[pair[1]]) and self.try_all([pair]):
                old, new = head[pair[1]], head[pair[0]]
                head = {view: new if piece == old else piece for view, piece in head.items()}

    def leave_contradicted(self) -> None:
        """Leave an edge that alone connects views which should overlap by it, and show other tissue there."""
        while True:
            known = {frozenset((edge.first, edge.second)) for edge in self.edges}
            for pair, (x, y) in self.near():
                if frozenset(pair) in known or not self._shows_other(pair, x, y):
                    continue
                bridges = between(self.edges, pair)
                if bridges:
                    weakest = min(bridges, key=lambda edge: edge.weight)
                    self.edges.remove(weakest)
                    self.dropped.append(weakest)
                    break
            else:
                return

    def _shows_other(self, pair: Pair, x: float, y: float) -> bool:
        grey, grey2 = self.picture(pair[0]), self.picture(pair[1])
        if grey is None or grey2 is None:
            return False
        found = alike(grey, grey2, x, y)
        return found is not None and found < OTHER
