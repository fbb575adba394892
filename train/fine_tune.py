"""Fine-tune a float network with quantization in the loop (tfmot), held close to its float parent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow_model_optimization as tfmot

from edge_runtime.errors import BadInput

from .crew import Crew
from .fit import Plan, fit, is_fitted
from .ranges import calibration_tiles, set_ranges
from .recipe import Recipe
from .recipe_parts import FineTune
from .tiles import TileSet

_INPUT_RANGE = (0.0, 1.0)
"""Pixels / 255: fixes the int8 input at scale 1/255, zero point -128, so that the device flips one bit a pixel."""


class NotInTheLoop(BadInput):
    """A network has a layer that tfmot cannot quantize in the loop."""


def quantized(parent: Any) -> Any:
    """Return a copy of a float network with fake quantization around every layer; NotInTheLoop where tfmot cannot."""
    try:
        model = tfmot.quantization.keras.quantize_model(parent)
    except (RuntimeError, ValueError) as error:  # "Layer NAME:<class> is not supported. You can ..."
        raise NotInTheLoop(str(error).partition(". ")[0]) from error
    fix_input_range(model)
    return model


def fix_input_range(model: Any) -> None:
    """Set the input's range to what pixels can be, whatever the moving average has seen."""
    entrance = next(layer for layer in model.layers if "quantize_layer" in layer.name)
    for variable in entrance.variables:
        for end, value in zip(("_min", "_max"), _INPUT_RANGE, strict=True):
            if variable.name.split(":")[0].endswith(end):
                variable.assign(value)


def fine_tune(
    parent: Callable[[], Any],
    train: TileSet,
    val: TileSet,
    recipe: Recipe,
    seed: int,
    folder: Path,
    emit: Callable[[dict[str, Any]], None],
    crew: Crew | None = None,
) -> dict[str, Any] | None:
    """Leave the best fake-quantized weights in `folder` and return their epoch's record; resumable as fit is.

    Returns None for a network that is to be calibrated after training instead: the recipe asks for no epochs, or tfmot
    cannot quantize one of its layers.

    `parent` builds the float network with its weights; it also teaches. Divided among several replicas, the ranges are
    the mean of what each replica saw of a batch (tfmot), a little narrower than the whole batch's.
    """
    how = recipe.fine_tune
    start: list[Any] = []

    def build() -> Any:
        model = quantized(parent())
        model.set_weights(start)
        return model

    plan = Plan(
        build=build,
        epochs=how.epochs,
        learning_rate=how.learning_rate,
        warmup_epochs=0.5,
        teacher=parent,
        teacher_share=how.teacher_share,
    )
    try:
        if not how.epochs:
            raise NotInTheLoop("the recipe says so ([fine_tune] epochs = 0)")
        if not is_fitted(folder, plan):
            start = _start(quantized(parent()), train, how)
    except NotInTheLoop as reason:
        logging.getLogger(__name__).warning(
            "%s is not fine-tuned with quantization in the loop, but calibrated after training (ptq): %s",
            recipe.network,
            reason,
        )
        return None
    return fit(plan, train, val, recipe, seed, folder, emit, crew)


def _start(model: Any, train: TileSet, how: FineTune) -> list[Any]:
    """Return the weights that a fine-tune begins with, ranges included."""
    if how.calibrate:
        set_ranges(model, calibration_tiles(train.tiles))
        fix_input_range(model)
    return list(model.get_weights())


def load_fine_tuned(parent: Any, weights: Path) -> Any:
    """Return the fake-quantized network with saved weights."""
    model = quantized(parent)
    model.load_weights(str(weights))
    fix_input_range(model)
    return model
