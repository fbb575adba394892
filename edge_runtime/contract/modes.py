"""How logits become labels and probabilities: operating points, calibration, and tile mode beside context mode."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadModelFile

BALANCED, SENSITIVITY = "balanced_accuracy", "sensitivity"
"""Operating points: the best balanced accuracy; a wanted sensitivity, whose name goes on with its percent."""
TILE, CONTEXT = "tile", "context"
"""Modes: a tile by itself, a tile in the light of its neighbours."""


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold, chosen on validation patients with the very graph that ships."""

    threshold_logit: float
    """A tile whose logit is at or above it is called the last label."""
    chosen_for: str
    """What it was chosen for, in words."""
    val_sensitivity: float
    """Share of carcinoma tiles called so on the validation patients, 0..1."""
    val_specificity: float
    """Share of other tiles called so on the validation patients, 0..1."""


@dataclass(frozen=True)
class Calibration:
    """Platt's scale and bias, fitted on validation patients: probability = sigmoid(scale * logit + bias)."""

    scale: float = 1.0
    """Above 0, so that probability keeps the order of the logit."""
    bias: float = 0.0
    """In logits."""

    def probability(self, logits: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the calibrated probabilities, 0..1, of logits of any shape."""
        return np.asarray(1 / (1 + np.exp(-(self.scale * logits + self.bias))), np.float32)

    def __post_init__(self) -> None:
        if not (self.scale > 0 and math.isfinite(self.scale) and math.isfinite(self.bias)):
            raise BadModelFile(f"expected a calibration scale above 0 and a finite bias, found {self}")


@dataclass(frozen=True)
class Mode:
    """How the logits of one mode (a tile by itself, a tile in context) become label and probability."""

    operating_points: Mapping[str, OperatingPoint]
    """By name; the first is the default."""
    calibration: Calibration
    """Of this mode's own logits."""

    def __post_init__(self) -> None:
        if not self.operating_points:
            raise BadModelFile("expected at least one operating point, found none")


@dataclass(frozen=True)
class Context:
    """The context stage: each tile's logit becomes a weighted mean of the logits of the tiles around it.

    Weights of missing neighbours are left out and the rest is normalized, so an isolated tile keeps its own logit.
    """

    kernel: tuple[tuple[float, ...], ...]
    """Square, odd side: weights of the neighbours, a grid step apart, rows from the top; the tile's own in the middle.
    Not negative; only their proportions matter."""
    mode: Mode
    """Thresholds and calibration of the logits of tiles that have all their neighbours. Between none (tile mode) and
    all, they are blended by the share of the neighbours' weight that is there."""
    chosen_by: str = ""
    """How the kernel was chosen, in words."""

    def __post_init__(self) -> None:
        side = len(self.kernel)
        weights = [weight for row in self.kernel for weight in row]
        if side % 2 == 0 or any(len(row) != side for row in self.kernel):
            raise BadModelFile(f"expected a square context kernel with an odd side, found rows {self.kernel}")
        if not all(math.isfinite(weight) and weight >= 0 for weight in weights):
            raise BadModelFile(f"expected context weights that are finite and not negative, found {self.kernel}")
        own = self.kernel[side // 2][side // 2]
        if own <= 0 or sum(weights) <= own:
            raise BadModelFile("expected a context kernel with weight on the tile itself and on a neighbour")
