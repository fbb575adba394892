"""Places from pairs: views are nodes, matches are edges; least squares, and what does not agree is not believed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]


@dataclass(frozen=True)
class Edge:
    """How view `second` lies to view `first`."""

    first: int
    """Number of a view."""
    second: int
    """Likewise."""
    x: float
    """Of the second's left edge from the first's."""
    y: float
    """Of its top edge."""
    weight: float
    """How much it is believed, above 0."""


def pieces_of(count: int, edges: Iterable[Edge], without: Edge | None = None) -> list[list[int]]:
    """Return the connected views, the largest piece first, each in order."""
    links = _links(edge for edge in edges if edge is not without)
    seen: set[int] = set()
    found = []
    for start in range(count):
        if start not in seen:
            piece = _reached(start, links)
            seen |= piece
            found.append(sorted(piece))
    return sorted(found, key=lambda piece: (-len(piece), piece[0]))


def solve(piece: Sequence[int], edges: Sequence[Edge]) -> NDArray[np.float64]:
    """Return float64 (n, 2): x, y of a connected piece's views, the first at 0, 0, with the least squared error."""
    row_of = {view: row for row, view in enumerate(piece)}
    size = len(piece)
    system, right = np.zeros((size, size)), np.zeros((size, 2))
    for edge in edges:
        one, other = row_of[edge.first], row_of[edge.second]
        shift = np.array([edge.x, edge.y]) * edge.weight
        system[[one, other], [one, other]] += edge.weight
        system[[one, other], [other, one]] -= edge.weight
        right[one] -= shift
        right[other] += shift
    places = np.zeros((size, 2))
    if size > 1:
        places[1:] = np.linalg.solve(system[1:, 1:], right[1:])
    return places


def errors(places: NDArray[np.float64], piece: Sequence[int], edges: Sequence[Edge]) -> NDArray[np.float64]:
    """Return float64 (n,): how far each edge is from what the places say of it."""
    row_of = {view: row for row, view in enumerate(piece)}
    first, second = ([row_of[getattr(edge, end)] for edge in edges] for end in ("first", "second"))
    shifts = np.array([(edge.x, edge.y) for edge in edges]).reshape(-1, 2)
    return np.asarray(np.hypot(*(places[second] - places[first] - shifts).T))


def consistent(count: int, edges: Sequence[Edge], tolerance: float) -> tuple[list[Edge], list[Edge]]:
    """Return (edges that agree around every loop within `tolerance`, those that were dropped for it).

    The edge that disagrees most goes, one by one.
    """
    kept, dropped = list(edges), []
    for piece in pieces_of(count, kept):
        inside = set(piece)
        own = [edge for edge in kept if edge.first in inside]
        while len(own) >= len(piece) and len(piece) > 2:
            worst, error = _worst(piece, own, tolerance)
            if error <= tolerance:
                break
            own.remove(worst)
            kept.remove(worst)
            dropped.append(worst)
            if len(pieces_of(count, kept)) > len(pieces_of(count, [*kept, worst])):
                more_kept, more = consistent(count, kept, tolerance)  # the piece fell apart
                return more_kept, [*dropped, *more]
    return kept, dropped


def between(edges: Sequence[Edge], pair: Pair) -> list[Edge]:
    """Return the edges without which nothing connects two views: bridges; none where two ways lead there."""
    path = _path(edges, pair)
    return [edge for edge in path if pair[1] not in _reached(pair[0], _links(e for e in edges if e is not edge))]


def _worst(piece: Sequence[int], edges: Sequence[Edge], tolerance: float) -> tuple[Edge, float]:
    """Return the edge that disagrees most with the least sum of distances, which one wrong edge hardly moves.

    That sum is found by least squares, again and again, with weights of one over the distance; all count alike, however
    many points they rest on.
    """
    found = errors(solve(piece, edges), piece, edges)
    if found.max() > tolerance:
        for _ in range(_ROUNDS):
            factors = 1 / np.maximum(found, tolerance / 50)
            even = [Edge(e.first, e.second, e.x, e.y, factor) for e, factor in zip(edges, factors, strict=True)]
            found = errors(solve(piece, even), piece, edges)
    at = int(found.argmax())
    return edges[at], float(found[at])


_ROUNDS = 30


def _links(edges: Iterable[Edge]) -> dict[int, list[tuple[int, Edge]]]:
    links: dict[int, list[tuple[int, Edge]]] = defaultdict(list)
    for edge in edges:
        links[edge.first].append((edge.second, edge))
        links[edge.second].append((edge.first, edge))
    return links


def _reached(start: int, links: dict[int, list[tuple[int, Edge]]]) -> set[int]:
    reached, waiting = {start}, [start]
    while waiting:
        for other, _ in links.get(waiting.pop(), ()):
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached


def _path(edges: Sequence[Edge], pair: Pair) -> list[Edge]:
    """Return the edges of a shortest way between two views; none where there is no way."""
    links = _links(edges)
    came: dict[int, tuple[int, Edge] | None] = {pair[0]: None}
    waiting = [pair[0]]
    for view in waiting:
        for other, edge in links.get(view, ()):
            if other not in came:
                came[other] = view, edge
                waiting.append(other)
    path, at = [], pair[1]
    while (step := came.get(at)) is not None:
        path.append(step[1])
        at = step[0]
    return path
