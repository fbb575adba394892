"""The optimizer of a fit, its falling rate, and the precision that it computes in."""

from __future__ import annotations

from typing import Any

from .keras import keras, tf
from .plan import Plan
from .recipe import Recipe


def optimizer_of(recipe: Recipe, plan: Plan, steps: int) -> Any:
    """Return the recipe's optimizer: the rate rises over the warm-up, then falls along a cosine; `steps` an epoch.

    In float16 it scales the loss, so that small gradients do not vanish (Micikevicius 2018, arXiv 1710.03740).
    """
    warmup = int(plan.warmup_epochs * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else plan.learning_rate,
        max(1, plan.epochs * steps - warmup),
        recipe.final_rate,
        warmup_target=plan.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    if recipe.optimizer == "adam":
        optimizer = keras.optimizers.Adam(rate)
    else:
        optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    if plan.mixed_precision and half_precision() == "mixed_float16":  # bfloat16 has the range of float32
        return keras.mixed_precision.LossScaleOptimizer(optimizer)
    return optimizer


def half_precision() -> str:
    """Return the policy of mixed precision for this machine's devices."""
    return "mixed_float16" if tf.config.list_physical_devices("GPU") else "mixed_bfloat16"
