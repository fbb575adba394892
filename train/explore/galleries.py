"""The sections of a data set's report that show tissue: samples, slides, the colours of slides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..report.blocks import Gallery, Note, Picture, Row, Section, Stack
from ..report.pictures import png_uri
from ..report.words import count
from ..slide_maps import NEGATIVE, POSITIVE, dense, swatches, tissue, truth_map
from ..tiles import TileSet
from .collection import Collection, Patient
from .tile_pictures import tile_picture

_STRIP_SHAPE = 7
"""Width of a strip over its height."""
SAMPLES, SLIDES = 32, 4
"""Pictures shown of each kind."""
_MOST_STRIPES = 400
"""Of more slides, every so many is shown."""


def samples(collection: Collection, seed: int = 0) -> Section:
    """Return tiles of each class, of as many slides as can be, drawn from the train patients alone."""
    side = next(iter(collection.sides))
    data, draw = collection.sides[side], np.random.default_rng(seed)
    galleries = [
        Gallery(
            [tile_picture(data, n) for n in spread_over_slides(data, label, SAMPLES, draw)],
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


def _stripes(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return colours (n, 3) as a picture of n stripes, about seven times as wide as high."""
    wide = -(-_STRIP_SHAPE // len(colours))
    return colours[None].repeat(wide, 1).repeat(max(1, len(colours) * wide // _STRIP_SHAPE), 0)


def stain_strips(patients: Sequence[Patient]) -> Stack:
    """Return a stripe a slide in its mean colour, from eosin to haematoxylin, a strip a side."""
    strips = []
    for side in dict.fromkeys(patient.side for patient in patients):
        of_side = sorted((p for p in patients if p.side == side), key=lambda p: p.balance)
        chosen = of_side[:: max(1, len(of_side) // _MOST_STRIPES)]
        strip = _stripes(np.array([p.rgb for p in chosen], np.uint8))
        words = f"{side}: the mean colours of {count(len(of_side))} slides, by stain balance"
        strips.append(Picture(png_uri(strip), words, coarse=True))
    return Stack(strips)
