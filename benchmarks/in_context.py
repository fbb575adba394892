"""Score models tile by tile and in context: in fields of some tiles and over whole slides, with what context gains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import Contract
from train.bootstrap import Resampling, count, draws, figures, interval
from train.dense import Dense
from train.evaluate.operating import reached, spread
from train.evaluate.reading import Reading, Units, read_in_context, read_tile_by_tile
from train.fields import FIELDS
from train.tiles import TileSet

ALONE = "1x1"
"""The field of one tile, which is tile mode."""


@dataclass(frozen=True)
class Subset:
    """Some tiles of the split, and how the slides among them are drawn."""

    name: str
    """all or dense."""
    chosen: NDArray[np.bool_]
    """bool (n,)."""
    units: Units
    """Slides (or specimens) of the chosen tiles, and the draws."""


def context_json(
    said: Mapping[str, tuple[Contract, NDArray[np.float32]]],
    data: TileSet,
    slides: NDArray[np.intp],
    dense: Dense,
    resampling: Resampling,
) -> dict[str, Any]:
    """Return rows and gains for each model's contract and float32 logits (n,); `slides` intp (n,) are what is drawn."""
    every = np.ones(len(data), bool)
    subsets = [_subset("all", every, slides, resampling)]
    if len(np.unique(data.labels[dense.chosen])) == 2:
        subsets.append(_subset("dense", dense.chosen, slides, resampling))
    rows, gains = [], []
    for label, (contract, logits) in said.items():
        readings = _readings(contract, logits, data)
        for subset in subsets:
            resampled = {}
            for field, reading in readings.items():
                row, resampled[field] = _row(reading, data, subset)
                rows.append({"model": label, "tiles": subset.name, "field": field, **row})
            gains += [
                {"model": label, "tiles": subset.name, "field": field, **_gain(resampled[field], resampled[ALONE])}
                for field in readings
                if field != ALONE
            ]
    about = {one.name: _about(one, data) for one in subsets}
    return {"dense_by": dense.by, "tiles": about, "rows": rows, "gains": gains}


def _subset(name: str, chosen: NDArray[np.bool_], slides: NDArray[np.intp], resampling: Resampling) -> Subset:
    _, of_tile = np.unique(slides[chosen], return_inverse=True)
    return Subset(name, chosen, Units(of_tile, draws(int(of_tile.max()) + 1, resampling)))


def _about(subset: Subset, data: TileSet) -> dict[str, int]:
    chosen = subset.chosen
    return {
        "tiles": int(chosen.sum()),
        "positives": int(data.labels[chosen].sum()),
        "patients": len(np.unique(data.patients[chosen])),
        "groups": subset.units.weights.shape[1],
    }


def _readings(contract: Contract, logits: NDArray[np.float32], data: TileSet) -> dict[str, Reading]:
    """Return what each field makes of the tiles; a field of one tile is tile mode, and all that some models have."""
    found = {ALONE: read_tile_by_tile(contract, logits)}
    if contract.context is not None:
        sizes = {field: size for field, size in FIELDS.items() if field != ALONE}
        found |= {field: read_in_context(contract, logits, data, size) for field, size in sizes.items()}
    return found


def _row(reading: Reading, data: TileSet, subset: Subset) -> tuple[dict[str, Any], dict[str, NDArray[np.float64]]]:
    """Return figures with intervals, and the figures (r,) of the draws with that of no draw at the end."""
    chosen, units = subset.chosen, subset.units
    labels, called = data.labels[chosen], reading.called[reading.default][chosen]
    counts = count(labels, reading.scores[chosen], called, reading.probabilities[chosen], units.of_tile)
    once = np.ones((1, units.weights.shape[1]), np.int64)
    drawn = figures(counts, np.concatenate([units.weights, once]))
    row = {
        "mode": reading.mode,
        "scores": {name: float(values[-1]) for name, values in drawn.items()},
        "intervals": {name: interval(values[:-1]) for name, values in drawn.items()},
        "sensitive": [_point(name, reading, data, subset) for name in reading.points if name != reading.default],
    }
    return row, drawn


def _point(name: str, reading: Reading, data: TileSet, subset: Subset) -> dict[str, Any]:
    """Return what the operating point of a wanted sensitivity reaches, and how that spreads over slides."""
    chosen = subset.chosen
    found = reached(
        name,
        reading.points[name],
        reading.calibration,
        data.labels[chosen],
        reading.called[name][chosen],
        data.patients[chosen],
        subset.units,
    )
    return {
        "operating_point": name,
        **{figure: float(found.figures[figure]) for figure in ("sensitivity", "specificity")},
        "intervals": {figure: found.intervals[figure] for figure in ("sensitivity", "specificity")},
        "sensitivity_of_slides": spread(found),
    }


def _gain(found: Mapping[str, NDArray[np.float64]], alone: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    """Return by how much a field beats tile mode on the same tiles; both see the same draws."""
    steps = {figure: found[figure] - alone[figure] for figure in ("auc", "balanced_accuracy", "f1")}
    return {
        "gain": {figure: float(step[-1]) for figure, step in steps.items()},
        "intervals": {figure: interval(step[:-1]) for figure, step in steps.items()},
    }
