"""Set tile mode and context mode side by side, and say what context gains in fields of which size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import Contract

from ..bootstrap import count, figures, interval
from ..fields import FIELDS
from ..report.blocks import Block, Note, Section, Table
from ..report.words import count as counted
from ..report.words import number, signed_with_bounds, with_bounds
from ..slide_maps import dense
from ..tiles import TileSet
from .evaluation import Evaluation
from .headings import FIGURES
from .reading import Reading, Units, read_in_context
from .scores import Interval, values_of

SHOWN = ("auc", "balanced_accuracy", "sensitivity", "specificity", "f1")


@dataclass(frozen=True)
class FieldScore:
    """What context mode is worth in fields of one size, on some of the slides."""

    field: str
    """Name in train.fields.FIELDS."""
    slides: str
    """Which slides."""
    tiles: int
    values: Mapping[str, float]
    intervals: Mapping[str, Interval]


def score_fields(contract: Contract, logits: NDArray[np.float32], data: TileSet, units: Units) -> list[FieldScore]:
    """Score tiles in fields of every size, on all slides and on those whose tiles lie side by side."""
    chosen = {"all": np.arange(len(data)), "tiles side by side": np.concatenate([[], *dense(data)]).astype(np.intp)}
    return [
        _score(name, slides, read_in_context(contract, logits, data, size), data.labels, tiles, units)
        for slides, tiles in chosen.items()
        if 0 < data.labels[tiles].sum() < len(tiles)
        for name, size in FIELDS.items()
    ]


def _score(
    field: str, slides: str, reading: Reading, labels: NDArray[np.uint8], tiles: NDArray[np.intp], units: Units
) -> FieldScore:
    scores, probabilities = reading.scores[tiles], reading.probabilities[tiles]
    called = reading.called[reading.default][tiles]
    present, of_tile = np.unique(units.of_tile[tiles], return_inverse=True)
    drawn = figures(count(labels[tiles], scores, called, probabilities, of_tile), units.weights[:, present])
    values = values_of(labels[tiles], scores, probabilities, called)
    intervals = {name: interval(drawn[name]) if len(present) > 1 else None for name in SHOWN}
    return FieldScore(field, slides, len(tiles), values, intervals)


def context_section(evaluations: Sequence[Evaluation], fields: Sequence[FieldScore]) -> Section | None:
    """Return both modes side by side; None for a model without a context stage."""
    if len(evaluations) < 2:
        return None
    tile, context = evaluations
    blocks: list[Block] = [
        Table(
            ("on all tiles", "tile mode", "context mode", "gain"),
            [_row(name, words, tile, context) for name, words in FIGURES.items()],
            "Each mode at its own thresholds and calibration. The gain is paired: both see the same draws of slides.",
        ),
        *(_field_table(slides, fields) for slides in dict.fromkeys(one.slides for one in fields)),
        Note("A field of 1x1 is tile mode. 8x6 tiles are what a Pi HQ camera sees through a 4x objective."),
    ]
    return Section("Context", blocks, "A tile by itself, and in the light of its neighbours.")


def differences(tile: Evaluation, context: Evaluation) -> dict[str, Interval]:
    """Return the intervals of context mode minus tile mode, on the same draws."""
    first, second = tile.scores.resampled, context.scores.resampled
    return {name: interval(second[name] - first[name]) for name in first}


def _row(name: str, words: str, tile: Evaluation, context: Evaluation) -> Sequence[str]:
    values = [one.scores.values[name] for one in (tile, context)]
    cells = [with_bounds(one.scores.values[name], one.scores.intervals.get(name)) for one in (tile, context)]
    return words, *cells, signed_with_bounds(values[1] - values[0], differences(tile, context).get(name))


def _field_table(slides: str, fields: Sequence[FieldScore]) -> Table:
    chosen = [one for one in fields if one.slides == slides]
    rows = [
        (
            "whole slide" if one.field == "slide" else f"{one.field} tiles",
            *(with_bounds(one.values[name], one.intervals[name]) for name in SHOWN),
            number(one.values["ece"]),
        )
        for one in chosen
    ]
    words = "all slides" if slides == "all" else "slides whose tiles lie side by side"
    caption = f"Context mode by size of field, {words}: {counted(chosen[0].tiles)} tiles."
    return Table(("field", *(FIGURES[name] for name in SHOWN), "ECE"), rows, caption)


def context_record(evaluations: Sequence[Evaluation], fields: Sequence[FieldScore]) -> dict[str, Any]:
    """Return the same as JSON can hold it; empty for a model without a context stage."""
    if len(evaluations) < 2:
        return {}
    return {
        "context_minus_tile": differences(evaluations[0], evaluations[1]),
        "fields": [
            {
                "field": one.field,
                "slides": one.slides,
                "tiles": one.tiles,
                "scores": dict(one.values),
                "intervals": dict(one.intervals),
            }
            for one in fields
        ],
    }
