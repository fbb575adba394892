"""Fine-tune a float network with quantization in the loop (tfmot), held close to its float parent."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow_model_optimization as tfmot

from .crew import Crew
from .fit import Plan, fit, is_fitted
from .recipe import Recipe
from .tiles import TileSet

_INPUT_RANGE = (0.0, 1.0)
"""Pixels / 255: fixes the int8 input at scale 1/255, zero point -128, so that the device flips one bit a pixel."""


def quantized(parent: Any) -> Any:
    """Return a copy of a float network with fake quantization around every layer."""
    model = tfmot.quantization.keras.quantize_model(parent)
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
    plan = Plan(
        build=lambda: quantized(parent()),
        epochs=how.epochs,
        learning_rate=how.learning_rate,
        warmup_epochs=0.5,
        teacher=parent,
        teacher_share=how.teacher_share,
    )
    reason = None
    if not how.epochs:
        reason = "the recipe says so ([fine_tune] epochs = 0)"
    elif not is_fitted(folder, plan):
        reason = why_not_in_the_loop(parent())
    if reason:
        logging.getLogger(__name__).warning(
            "%s is not fine-tuned with quantization in the loop, but calibrated after training (ptq): %s",
            recipe.network,
            reason,
        )
        return None
    return fit(plan, train, val, recipe, seed, folder, emit, crew)


def why_not_in_the_loop(network: Any) -> str | None:
    """Return why tfmot cannot quantize a network in the loop, None where it can."""
    try:
        tfmot.quantization.keras.quantize_model(network)
    except (RuntimeError, ValueError) as error:  # "Layer NAME:<class> is not supported. You can ..."
        return str(error).partition(". ")[0]
    return None


def load_fine_tuned(parent: Any, weights: Path) -> Any:
    """Return the fake-quantized network with saved weights."""
    model = quantized(parent)
    model.load_weights(str(weights))
    fix_input_range(model)
    return model
