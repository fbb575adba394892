"""What context adds to both sides of the parity report: figures of whole slides, and whether their decisions agree."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime import metrics
from edge_runtime.context import alone
from edge_runtime.contract import Contract
from edge_runtime.reading import Reading, read_out
from train.decide_context import MIN_SUPPORT, in_context
from train.tiles import TileSet

from .parity import Score


@dataclass(frozen=True)
class Said:
    """What one of the two models says of labelled tiles."""

    contract: Contract
    """Its own, with thresholds from validation patients."""
    logits: NDArray[np.float32]
    """float32 (n,)."""


def context_report(int8: Said, parent: Said, data: TileSet) -> dict[str, Any] | None:
    """Return the figures of tiles that have at least half their neighbours, judged among them and by themselves.

    None where a model has no context stage, or such tiles are not of both classes.
    """
    if int8.contract.context is None or parent.contract.context is None:
        return None
    support = in_context(data, int8.logits, int8.contract.context.kernel).support
    near = support >= MIN_SUPPORT
    if len(np.unique(data.labels[near])) < 2:
        return None
    sides = [_among_neighbours(side, data) for side in (int8, parent)]
    by_itself = read_out(int8.contract, alone(int8.logits))
    return {
        "tiles": int(near.sum()),
        "patients": len(np.unique(data.patients[near])),
        "least_support": MIN_SUPPORT,
        "int8": asdict(score_reading(sides[0], data.labels, near)),
        "float": asdict(score_reading(sides[1], data.labels, near)),
        "int8_tile_by_tile": asdict(score_reading(by_itself, data.labels, near)),
        "agreement": metrics.agreement(sides[0].positive[near], sides[1].positive[near]),
    }


def score_reading(reading: Reading, labels: NDArray[np.uint8], chosen: NDArray[np.bool_]) -> Score:
    """Score what was read of n tiles, on those chosen, bool (n,)."""
    truth, called = labels[chosen], reading.positive[chosen]
    return Score(
        metrics.auc(truth, reading.scores[chosen]),
        metrics.balanced_accuracy(truth, called),
        metrics.f1(truth, called),
        metrics.sensitivity(truth, called),
        metrics.specificity(truth, called),
        metrics.expected_calibration_error(truth, reading.probabilities[chosen]),
    )


def _among_neighbours(side: Said, data: TileSet) -> Reading:
    assert side.contract.context is not None
    return read_out(side.contract, in_context(data, side.logits, side.contract.context.kernel))
