"""The parts that every network shares: where pixels enter, batch norm with ReLU, where the logit leaves.

The sigmoid is not part of a network: an int8 sigmoid has 256 steps and no logit at its ends, so the logit leaves the
interpreter and the model's contract says how to make a probability of it.
"""

from __future__ import annotations

from typing import Any

from ..keras import keras, layers
from ..recipe import TILE_PX

INPUT_SHAPE = (TILE_PX, TILE_PX, 3)
BN_MOMENTUM = 0.9
"""Over a fine-tune of a few epochs Keras' 0.99 leaves stale statistics behind."""


def pixels() -> Any:
    """Return the input: float pixels in 0..1, (n, 50, 50, 3), RGB."""
    return keras.Input(INPUT_SHAPE, name="pixels")


def bn_relu(x: Any, name: str) -> Any:
    """Apply batch norm, then ReLU: behind a convolution, the order that folds into one int8 operation."""
    x = layers.BatchNormalization(momentum=BN_MOMENTUM, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


def logit(inputs: Any, x: Any, name: str) -> Any:
    """Return the network that ends in one logit, float32 in mixed precision too."""
    return keras.Model(inputs, layers.Dense(1, dtype="float32", name="logit")(x), name=name)
