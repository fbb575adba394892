"""Thresholds and calibration of the contract, applied: logits become scores and decisions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .context import InContext
from .contract import CONTEXT, Contract, Mode


@dataclass(frozen=True)
class Reading:
    """What thresholds and calibration make of tiles."""

    scores: NDArray[np.float32]
    """float32: calibrated logits, in the order of the probabilities."""
    positive: NDArray[np.bool_]
    """bool: at or above the threshold."""

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """float32, 0..1, calibrated; NaN where a tile was not judged."""
        return np.asarray(1 / (1 + np.exp(-self.scores)), np.float32)


def read_out(contract: Contract, found: InContext, operating_point: str | None = None) -> Reading:
    """Return scores and decisions at the named operating point of a contract; None is its default.

    A contract without a context stage has tile mode alone.
    """
    name, _ = contract.operating_point(operating_point)
    return blend(found, contract.tile, contract.mode(CONTEXT), name)


def blend(found: InContext, tile: Mode, context: Mode, operating_point: str | None = None) -> Reading:
    """Return scores and decisions of tiles, their modes blended by support, at an operating point that both have.

    Support 0 is tile mode to the bit, 1 is context mode; between, threshold, scale and bias lie on the straight line.
    """
    name = operating_point or next(iter(tile.operating_points))
    near, far = found.support, 1 - found.support
    scale = far * tile.calibration.scale + near * context.calibration.scale
    bias = far * tile.calibration.bias + near * context.calibration.bias
    thresholds = [mode.operating_points[name].threshold_logit for mode in (tile, context)]
    threshold = far * thresholds[0] + near * thresholds[1]
    return Reading(scale * found.logits + bias, np.asarray(found.logits >= threshold))
