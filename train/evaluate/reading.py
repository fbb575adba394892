"""What a model says of labelled tiles in one mode, ready to be scored, and the slides to be drawn for its intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.context import Places, alone, over_places
from edge_runtime.contract import CONTEXT, TILE, Calibration, Contract, OperatingPoint
from edge_runtime.reading import read_out

from ..bootstrap import Resampling, draws
from ..fields import cut_fields
from ..patch_index import BY_PICTURE
from ..tiles import TileSet

MOST_UNITS = 1000
"""Where more groups are drawn (pictures without a known slide), they are drawn in this many random parcels."""


@dataclass(frozen=True)
class Reading:
    """Logits of tiles with the decisions and probabilities that a mode makes of them."""

    mode: str
    """TILE or CONTEXT."""
    logits: NDArray[np.float32]
    """float32 (n,): the network's, in context mode their mean with the neighbours'."""
    scores: NDArray[np.float32]
    """float32 (n,): what tiles are ranked by: the logits; in context mode calibrated logits, since how a logit is read
    depends on how many neighbours were there."""
    probabilities: NDArray[np.float32]
    """float32 (n,): calibrated, 0..1."""
    called: Mapping[str, NDArray[np.bool_]]
    """bool (n,) by operating point, the default first: which tiles are called the positive label."""
    points: Mapping[str, OperatingPoint]
    """The operating points themselves."""
    calibration: Calibration
    """Of the mode's logits."""

    @property
    def default(self) -> str:
        """Name of the default operating point."""
        return next(iter(self.points))

    def uncalibrated(self) -> NDArray[np.float32]:
        """Return float32 (n,): probabilities as the logits say them."""
        return Calibration().probability(self.logits)

    def threshold_logit(self, score: float) -> float:
        """Return a threshold of the scores as one of the logits."""
        return score if self.mode == TILE else (score - self.calibration.bias) / self.calibration.scale


@dataclass(frozen=True)
class Units:
    """What the bootstrap draws: slides, or specimens where sections of one share a group."""

    of_tile: NDArray[np.intp]
    """intp (n,): the unit of each tile, from 0 without a gap."""
    weights: NDArray[np.int64]
    """int64 (r, units): how often each was drawn."""


def slides_known(data: TileSet) -> bool:
    """Tell whether it is known which tiles are of one slide."""
    return data.split_by != BY_PICTURE


def read_tile_by_tile(contract: Contract, logits: NDArray[np.float32]) -> Reading:
    """Return what tile mode makes of float32 logits (n,): every tile by itself."""
    mode, found = contract.mode(TILE), alone(logits)
    called = {name: read_out(contract, found, name).positive for name in mode.operating_points}
    probabilities = mode.calibration.probability(logits)
    return Reading(TILE, logits, logits, probabilities, called, mode.operating_points, mode.calibration)


def read_in_context(
    contract: Contract, logits: NDArray[np.float32], data: TileSet, size: tuple[int, int] | None = None
) -> Reading:
    """Return what context mode makes of float32 logits (n,) in fields of `size` (rows, columns), None: whole slides."""
    assert contract.context is not None
    places = Places(cut_fields(data.patients, data.xs, data.ys, size), data.xs, data.ys, contract.tile_px)
    found = over_places(contract.context.kernel, logits, np.ones(len(logits), bool), places)
    mode = contract.context.mode
    readings = {name: read_out(contract, found, name) for name in mode.operating_points}
    first = next(iter(readings.values()))
    called = {name: one.positive for name, one in readings.items()}
    return Reading(
        CONTEXT, found.logits, first.scores, first.probabilities, called, mode.operating_points, mode.calibration
    )


def units_of(data: TileSet, resampling: Resampling) -> Units:
    """Return the groups of some tiles by number, and how often each is drawn."""
    _, of_tile = np.unique(data.groups, return_inverse=True)
    if of_tile.max() >= MOST_UNITS:
        parcel = np.random.default_rng(resampling.seed).permutation(of_tile.max() + 1) % MOST_UNITS
        of_tile = parcel[of_tile]
    return Units(of_tile, draws(int(of_tile.max()) + 1, resampling))
