"""The sections of a data set's report that show what to look at twice: look-alikes across the split, odd patches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import UnreadablePicture
from edge_runtime.pictures import read_picture

from ..patch_index import EDGE
from ..report.blocks import Block, Gallery, Note, Picture, Row, Section, Table
from ..report.pictures import png_uri
from ..report.words import count, number, percent
from .collection import Collection
from .measures import joined
from .odd import find_odd
from .plots import size_plot, twin_plot
from .tile_pictures import place_words, tile_picture
from .twins import NEAR, Pair, near_counts

PAIRS, ODD, EDGES = 15, 8, 8
"""Pictures shown of each kind."""
_MOST_READ = 2000
"""Edge pictures that are read for their size."""
_GAP_PX = 4


def twins(collection: Collection, equal: Sequence[Sequence[tuple[str, int]]], pairs: Sequence[Pair]) -> Section:
    """Return equal and almost equal tiles across the split."""
    near = near_counts(pairs)
    rows = [
        (f"{asking} in {asked}", count(looked), count(found), percent(found / looked, 2))
        for (asking, asked), (looked, found) in near.items()
    ]
    blocks: list[Block] = [
        Note(_equal_words(equal)),
        Row(
            [
                twin_plot(pairs),
                Table(
                    ("looked for", "tiles", "near-duplicates", "share"),
                    rows,
                    f"Near-duplicates: a correlation of the fine detail of at least {NEAR:g}. The nearest is found by "
                    "thumbnail, as the tiles lie: turned or mirrored copies are not found.",
                ),
            ]
        ),
        Gallery([_pair(collection, pair) for pair in pairs[:PAIRS]], "The closest pairs.", least_px=170),
    ]
    return Section("Duplicates across the split", blocks, "A tile that lies on two sides is trained on and judged on.")


def _equal_words(equal: Sequence[Sequence[tuple[str, int]]]) -> str:
    if not equal:
        return "No tile is pixel for pixel the same as one on another side; blank ones are left out."
    tiles = sum(len(group) for group in equal)
    return f"{count(tiles)} tiles in {count(len(equal))} groups are pixel for pixel the same on two sides or more."


def _pair(collection: Collection, pair: Pair) -> Picture:
    (one, other), (n, m) = pair.sides, pair.tiles
    tiles = [collection.sides[side].tiles[at] for side, at in ((one, n), (other, m))]
    gap = np.full((tiles[0].shape[0], _GAP_PX, 3), 255, np.uint8)
    words = "\n".join(
        f"{side} {collection.sides[side].patients[at]}  {place_words(collection.sides[side], at)}"
        for side, at in ((one, n), (other, m))
    )
    return Picture(png_uri(np.hstack([tiles[0], gap, tiles[1]])), f"{words}\nr = {number(pair.correlation)}")


def odd(collection: Collection) -> Section:
    """Return what looks like no other, and pictures of a wrong size."""
    places = [(side, n) for side, data in collection.sides.items() for n in range(len(data))]
    train = np.flatnonzero([side == "train" for side, _ in places])
    blocks: list[Block] = []
    for kind in find_odd(joined(list(collection.measures.values())), train):
        words = f"{kind.name}. {kind.how}" + ("" if kind.count is None else f" There are {count(kind.count)}.")
        shown = [
            tile_picture(collection.sides[places[n][0]], places[n][1], number(float(kind.values[n]), 3))
            for n in kind.order[:ODD]
        ]
        blocks.append(Gallery(shown, words))
    return Section(
        "Odd patches",
        [*blocks, *_edges(collection)],
        "The extremes of every kind, whatever their label. Some are rightly there; pen, folds, blur and glass are not.",
    )


def _edges(collection: Collection) -> list[Block]:
    """Return the pictures of a wrong size."""
    paths = [Path(row.path) for row in collection.rows if row.status == EDGE]
    pictures = [(path, rgb) for path in paths[:_MOST_READ] if (rgb := _read(path)) is not None]
    if not pictures:
        return [Note("No picture has a wrong size.")]
    sizes = Counter((int(rgb.shape[0]), int(rgb.shape[1])) for _, rgb in pictures)
    rows = [(f"{width} x {height}", count(files)) for (height, width), files in sizes.most_common(8)]
    words = f"{count(len(paths))} pictures are not {collection.format.picture_px} px a side."
    if len(paths) > _MOST_READ:
        words += f" Measured: the first {count(_MOST_READ)}."
    some = [
        Picture(png_uri(rgb), f"{path.stem[:24]}\n{rgb.shape[1]} x {rgb.shape[0]}") for path, rgb in pictures[:EDGES]
    ]
    table = Table(("width x height, px", "files"), rows, "The commonest.")
    return [Note(words), Row([size_plot(sizes, collection.format.picture_px), table]), Gallery(some)]


def _read(path: Path) -> NDArray[np.uint8] | None:
    try:
        return read_picture(path)
    except UnreadablePicture:
        return None
