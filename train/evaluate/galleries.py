"""The sections of an evaluation's report that show tissue: slides beside their truth, the surest mistakes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from ..report.blocks import Block, Gallery, Note, Picture, Row, Section
from ..report.pictures import png_uri
from ..report.words import count, number
from ..slide_maps import NEGATIVE, POSITIVE, dense, probability_colours, swatches, tile_map, tissue, truth_map
from ..tiles import TileSet
from .evaluation import Evaluation, mistakes_of
from .headings import where

SLIDES = 6
"""Slides that are painted."""
MISSED, FALSE_ALARM = (31, 37, 40), (240, 228, 66)
"""RGB of a tile that is positive but not called so, called so but negative."""


def slides(evaluations: Sequence[Evaluation], names: tuple[str, str]) -> Section:
    """Return the densest slides: tissue, truth, and of every mode probability and mistakes."""
    data = evaluations[0].data
    chosen = dense(data)[:SLIDES]
    if not chosen:
        return Section("Slides", [Note("No slide here has its tiles side by side, or no place of a tile is known.")])
    blocks: list[Block] = [Note(_legend(names))]
    for tiles in chosen:
        panels = [tissue(data, tiles), *(_probability_map(one, tiles) for one in evaluations)]
        panels += [truth_map(data, tiles, names[1]), *(_mistake_map(one, tiles) for one in evaluations)]
        blocks.append(Row(panels, columns=4 if len(panels) == 4 else 3, on_phone=2))
    return Section("Slides", blocks, "The slides whose tiles lie side by side, the densest and largest first.")


def _probability_map(one: Evaluation, tiles: NDArray[np.intp]) -> Picture:
    colours = probability_colours(one.reading.probabilities[tiles])
    return tile_map(one.data, tiles, colours, f"Probability, {one.reading.mode} mode")


def _mistake_map(one: Evaluation, tiles: NDArray[np.intp]) -> Picture:
    called, labels = one.reading.called[one.reading.default][tiles], one.data.labels[tiles]
    palette = np.array([[NEGATIVE, FALSE_ALARM], [MISSED, POSITIVE]], np.uint8)
    found, false = (int((called & (labels == side)).sum()) for side in (1, 0))
    words = f"{count(labels.sum() - found)} missed, {count(false)} false alarms, {one.reading.mode} mode"
    return tile_map(one.data, tiles, palette[labels, called.astype(int)], words)


def _legend(names: tuple[str, str]) -> Markup:
    colours = [
        (NEGATIVE, names[0]),
        (POSITIVE, names[1]),
        (MISSED, f"{names[1]}, missed"),
        (FALSE_ALARM, f"{names[0]}, false alarm"),
    ]
    levels = probability_colours(np.linspace(0, 1, 9, dtype=np.float32)).tolist()
    scale = ", ".join(f"rgb{tuple(colour)}" for colour in levels)
    bar = Markup('<span class="scale" style="background: linear-gradient(90deg, {})"></span>').format(scale)
    return swatches(colours) + Markup("&ensp; probability 0 ") + bar + " 1"


def mistakes(evaluation: Evaluation, names: tuple[str, str]) -> Section:
    """Return the tiles that are most surely wrong, of both kinds."""
    return Section(
        "Mistakes" + where(evaluation),
        [
            _gallery(evaluation, True, f"Missed: annotated {names[1]}, the lowest probability first."),
            _gallery(evaluation, False, f"False alarms: annotated {names[0]}, the highest probability first."),
        ],
        "The tiles that are most surely wrong; some may show errors of the annotation. Below each: slide, place "
        "(x, y in px of the slide), probability.",
    )


def _gallery(evaluation: Evaluation, missed: bool, caption: str) -> Gallery | Note:
    data, found = evaluation.data, mistakes_of(evaluation, missed)
    pictures = [
        Picture(
            png_uri(data.tiles[n]),
            f"{data.patients[n]}{_place(data, n)}\np = {number(float(evaluation.reading.probabilities[n]))}",
        )
        for n in found
    ]
    return Gallery(pictures, caption) if pictures else Note(f"{caption} None.")


def _place(data: TileSet, n: int) -> str:
    return f"\n{data.xs[n]}, {data.ys[n]}" if data.xs[n] >= 0 else ""
