"""Find pictures on two sides of a split: equal ones by their pixels, alike ones by thumbnail, then by detail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from ..copies import content_hash
from ..tiles import TileSet
from .measures import THUMB_PX, Measures, grey_of

NEAR = 0.7
"""Correlation of fine detail from which two tiles are near-duplicates. Of tiles saved anew as JPEG (quality 50), with
other colours, or moved by a quarter px, 95 % lie above (0.74, 1.00, 0.91); of the 12,833 nearest tiles of different
slides at hand none does (0.65 at the most)."""
MOST_QUERIES = 20_000
"""Tiles of one side whose like is looked for on another; of more, a random sample."""
_CANDIDATES = 3
"""Nearest thumbnails that are held against a tile pixel by pixel."""


@dataclass(frozen=True)
class Pair:
    """A tile and its nearest on another side."""

    sides: tuple[str, str]
    """Where each lies."""
    tiles: tuple[int, int]
    """Positions there."""
    correlation: float
    """Of their fine detail, -1..1."""


def equal_across(sides: Mapping[str, TileSet]) -> list[list[tuple[str, int]]]:
    """Return the groups of equal tiles that lie on more than one side, as (side, position); blank ones are left out."""
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for side, data in sides.items():
        for n, tile in enumerate(data.tiles):
            places[content_hash(tile)].append((side, n))
    return [group for key, group in places.items() if key and len({side for side, _ in group}) > 1]


def nearest_across(sides: Mapping[str, TileSet], measures: Mapping[str, Measures], seed: int = 0) -> list[Pair]:
    """Return for the tiles of the smaller of any two sides the nearest on the other, the most alike first.

    Tiles are compared as they lie: turned or mirrored copies are not found.
    """
    pairs: list[Pair] = []
    for one, other in combinations(sides, 2):
        asking, asked = (one, other) if len(sides[one]) <= len(sides[other]) else (other, one)
        pairs += _nearest(asking, asked, sides, measures, np.random.default_rng(seed))
    return sorted(pairs, key=lambda pair: -pair.correlation)


def _nearest(
    asking: str,
    asked: str,
    sides: Mapping[str, TileSet],
    measures: Mapping[str, Measures],
    draw: np.random.Generator,
) -> list[Pair]:
    thumbnails = measures[asking].thumbnails
    chosen = np.arange(len(thumbnails))
    if len(chosen) > MOST_QUERIES:
        chosen = np.sort(draw.choice(chosen, MOST_QUERIES, replace=False))
    search = NearestNeighbors(n_neighbors=min(_CANDIDATES, len(sides[asked])), algorithm="brute")
    found = search.fit(measures[asked].thumbnails).kneighbors(thumbnails[chosen], return_distance=False)
    alike = np.stack(
        [correlations(sides[asking].tiles, chosen, sides[asked].tiles, candidates) for candidates in found.T], axis=1
    )
    best = alike.argmax(1)
    return [
        Pair((asking, asked), (int(chosen[n]), int(found[n, at])), float(alike[n, at])) for n, at in enumerate(best)
    ]


def correlations(
    first: NDArray[np.uint8],
    these: NDArray[np.intp],
    second: NDArray[np.uint8],
    those: NDArray[np.intp],
    at_once: int = 1024,
) -> NDArray[np.float32]:
    """Return float32 (n,): the correlation of the fine detail of pairs of tiles; 0 where one has none.

    Shapes alone would not do: any two tiles with an edge of tissue in the same place are alike in shape.
    """
    parts = [np.zeros(0, np.float32)]
    for start in range(0, len(these), at_once):
        one, other = (_detail(tiles, at[start : start + at_once]) for tiles, at in ((first, these), (second, those)))
        parts.append((one * other).sum(1))
    return np.concatenate(parts)


def _detail(tiles: NDArray[np.uint8], at: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return float32 (n, pixels): grey levels of the tiles at some positions less their thumbnail, length 1."""
    grey = grey_of(tiles[at])
    n, tall, wide = len(grey), grey.shape[1] // THUMB_PX, grey.shape[2] // THUMB_PX
    blocks = grey[:, : tall * THUMB_PX, : wide * THUMB_PX].reshape(n, THUMB_PX, tall, THUMB_PX, wide)
    detail = (blocks - blocks.mean((2, 4), keepdims=True)).reshape(n, -1)
    length = np.linalg.norm(detail, axis=1, keepdims=True)
    return np.divide(detail, length, out=np.zeros_like(detail), where=length > 1e-3)


def near_counts(pairs: Sequence[Pair]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return for every two sides how many tiles were looked at, and how many have a near-duplicate."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for pair in pairs:
        looked, near = counts.get(pair.sides, (0, 0))
        counts[pair.sides] = looked + 1, near + (pair.correlation >= NEAR)
    return counts
