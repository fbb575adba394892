"""Fill a contract with what validation patients say: thresholds and calibration of tile mode, and the context stage."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.context import Kernel
from edge_runtime.contract import Contract
from edge_runtime.errors import BadInput
from train.decide import WANTED_SENSITIVITY, decide, sensitivity_name
from train.decide_context import decide_context
from train.recipe_parts import ContextKernel
from train.tiles import TileSet


@dataclass(frozen=True)
class Wanted:
    """What a person decides; the rest is measured."""

    kernel: Kernel | None = None
    """Of the context stage; None: tile mode alone."""
    chosen_by: str = ""
    """How the kernel was chosen, in words."""
    sensitivity: float = WANTED_SENSITIVITY
    """Of the second operating point, 0..1."""

    def __post_init__(self) -> None:
        sensitivity_name(self.sensitivity)


def wanted_of(neighbours: ContextKernel, sensitivity: float) -> Wanted:
    """Return what a recipe's context asks for; refuses a kernel without the tile itself."""
    if neighbours.radius == 0:
        return Wanted(sensitivity=sensitivity)
    if neighbours.own == 0:
        raise BadInput("context: expected own above 0, found 0: an isolated tile would have no logit; write 1")
    words = f"radius {neighbours.radius}, sigma {neighbours.sigma:g}, own {neighbours.own:g}"
    return Wanted(neighbours.kernel(), words, sensitivity)


def read_context(text: str | None) -> ContextKernel | None:
    """Read `radius,sigma,own` as a person wrote it; None stays None."""
    if text is None:
        return None
    try:
        radius, sigma, own = text.split(",")
        return ContextKernel(int(radius), float(sigma), float(own))
    except BadInput:
        raise
    except ValueError as error:
        raise BadInput(f"expected --context RADIUS,SIGMA,OWN, as in 1,0,1, found {text!r}") from error


def decided(contract: Contract, val: TileSet, logits: NDArray[np.float32], wanted: Wanted) -> Contract:
    """Return the contract with the thresholds, calibration and context stage of float32 validation logits (n,)."""
    tile = decide(val.labels, logits, val.patients, wanted.sensitivity)
    context = None
    if wanted.kernel is not None:
        context = decide_context(val, logits, wanted.kernel, tile, wanted.sensitivity, wanted.chosen_by)
    return dataclasses.replace(contract, tile=tile, context=context)
