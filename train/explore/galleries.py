"""The sections of a data set's report that show tissue: samples, slides, look-alikes, odd patches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import UnreadablePicture
from edge_runtime.pictures import read_picture

from ..patch_index import EDGE
from ..report.blocks import Block, Gallery, Note, Picture, Row, Section, Stack, Table
from ..report.pictures import png_uri
from ..report.words import count, number, percent
from ..slide_maps import NEGATIVE, POSITIVE, dense, swatches, tissue, truth_map
from ..tiles import TileSet
from .collection import Collection, Patient
from .measures import joined
from .odd import find_odd
from .plots import size_plot, twin_plot
from .twins import NEAR, Pair, near_counts

SAMPLES, SLIDES, PAIRS, ODD, EDGES = 32, 4, 15, 8, 8
"""Pictures shown of each kind."""
_MOST_READ = 2000
"""Edge pictures that are read for their size."""
_GAP_PX = 4
_MOST_STRIPES = 400
"""Of more slides, every so many is shown."""


def samples(collection: Collection, seed: int = 0) -> Section:
    """Return tiles of each class, of as many slides as can be, drawn from the train patients alone."""
    side = next(iter(collection.sides))
    data, draw = collection.sides[side], np.random.default_rng(seed)
    galleries = [
        Gallery(
            [_picture(data, n) for n in spread_over_slides(data, label, SAMPLES, draw)],
            f"{name}: one tile of each slide, as far as they go.",
        )
        for label, name in enumerate(collection.format.labels)
    ]
    return Section("Samples", galleries, f"Tiles of either class at random, from {side}.")


def spread_over_slides(data: TileSet, label: int, most: int, draw: np.random.Generator) -> list[int]:
    """Return the positions of random tiles of one class: one of each slide before a second of any."""
    shuffled = draw.permutation(np.flatnonzero(data.labels == label))
    turn: Counter[str] = Counter()
    turns = []
    for patient in data.patients[shuffled].tolist():
        turns.append(turn[patient])
        turn[patient] += 1
    return [int(n) for n in shuffled[np.argsort(turns, kind="stable")][:most]]


def slides(collection: Collection) -> Section:
    """Return the densest slides of train and val, stitched, beside their truth."""
    names = collection.format.labels
    found = [(data, tiles) for side, data in collection.sides.items() if side != "test" for tiles in dense(data)]
    found = sorted(found, key=lambda one: -len(one[1]))[:SLIDES]
    if not found:
        return Section("Slides", [Note("No slide here has its tiles side by side, or no place of a tile is known.")])
    panels = [panel for data, tiles in found for panel in (tissue(data, tiles), truth_map(data, tiles, names[1]))]
    legend = swatches([(NEGATIVE, names[0]), (POSITIVE, names[1])])
    return Section(
        "Slides",
        [Note(legend), Row(panels, columns=4, on_phone=2)],
        "Tiles put back where they were cut from, the largest slides of the train and validation patients.",
    )


def stain_strips(patients: Sequence[Patient]) -> Stack:
    """Return a stripe a slide in its mean colour, from eosin to haematoxylin, a strip a side."""
    strips = []
    for side in dict.fromkeys(patient.side for patient in patients):
        of_side = sorted((p for p in patients if p.side == side), key=lambda p: p.balance)
        chosen = of_side[:: max(1, len(of_side) // _MOST_STRIPES)]
        strip = np.array([p.rgb for p in chosen], np.uint8)[None].repeat(max(1, len(chosen) // 7), 0)
        words = f"{side}: the mean colours of {count(len(of_side))} slides, by stain balance"
        strips.append(Picture(png_uri(strip), words, coarse=True))
    return Stack(strips)


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
        f"{side} {collection.sides[side].patients[at]}  {_place(collection.sides[side], at)}"
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
            _picture(collection.sides[places[n][0]], places[n][1], number(float(kind.values[n]), 3))
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


def _picture(data: TileSet, n: int, words: str = "") -> Picture:
    return Picture(png_uri(data.tiles[n]), "\n".join(filter(None, [str(data.patients[n]), _place(data, n), words])))


def _place(data: TileSet, n: int) -> str:
    return f"{data.xs[n]}, {data.ys[n]}" if data.xs[n] >= 0 else ""
