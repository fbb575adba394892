"""Fine-tune a float network with quantization in the loop (tfmot), held close to its float parent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow_model_optimization as tfmot

from .distill import follow
from .fit import Plan, fit
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
    parent: Any,
    train: TileSet,
    val: TileSet,
    recipe: Recipe,
    seed: int,
    folder: Path,
    emit: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Leave the best fake-quantized weights in `folder` and return their epoch's record; resumable as fit is."""
    model = quantized(parent)
    how = recipe.fine_tune
    plan = Plan(how.epochs, how.learning_rate, 0.5, relabel=follow(parent, how.teacher_share))
    return fit(model, train, val, recipe, plan, seed, folder, emit)


def load_fine_tuned(parent: Any, weights: Path) -> Any:
    """Return the fake-quantized network with saved weights."""
    model = quantized(parent)
    model.load_weights(str(weights))
    fix_input_range(model)
    return model
