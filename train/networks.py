"""The networks that can be trained, one builder each; every one maps pixels in 0..1 to a logit.

The sigmoid is not part of a network: an int8 sigmoid has 256 steps and no logit at its ends, so the logit leaves the
interpreter and the model's contract says how to make a probability of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .keras import keras, layers
from .recipe import TILE_PX

INPUT_SHAPE = (TILE_PX, TILE_PX, 3)
BN_MOMENTUM = 0.9
"""Over a fine-tune of a few epochs Keras' 0.99 leaves stale statistics behind."""


def cancernet() -> Any:
    """Build the widely circulated CancerNet: three valid 3x3 convolutions, Flatten 2048, Dense 128. 17.1 MMAC."""
    x = inputs = keras.Input(INPUT_SHAPE, name="pixels")
    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, activation="relu", name=f"conv{filters}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{filters}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(128, activation="relu", name="dense")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    return keras.Model(inputs, layers.Dense(1, name="logit")(x), name="cancernet")


def lean() -> Any:
    """Build the depthwise-separable network that ships as the default: Conv-BN-ReLU, global average pooling. 5.0 MMAC.

    After MobileNet (Howard 2017, arXiv 1704.04861), narrowed to a 50 px tile.
    """
    x = inputs = keras.Input(INPUT_SHAPE, name="pixels")
    x = layers.Conv2D(24, 3, strides=2, padding="same", use_bias=False, name="stem")(x)
    x = _bn_relu(x, "stem")
    for n, (filters, stride) in enumerate([(48, 1), (64, 2), (64, 1), (128, 2), (128, 1), (192, 2), (192, 1)]):
        x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False, name=f"depthwise{n}")(x)
        x = _bn_relu(x, f"depthwise{n}")
        x = layers.Conv2D(filters, 1, use_bias=False, name=f"pointwise{n}")(x)
        x = _bn_relu(x, f"pointwise{n}")
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    return keras.Model(inputs, layers.Dense(1, name="logit")(x), name="lean")


def _bn_relu(x: Any, name: str) -> Any:
    x = layers.BatchNormalization(momentum=BN_MOMENTUM, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


NETWORKS: dict[str, Callable[[], Any]] = {"cancernet": cancernet, "lean": lean}


def multiply_accumulates(model: Any) -> int:
    """Return the multiply-accumulate operations of one tile: convolutions and dense layers, no bias, no BN."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.DepthwiseConv2D):
            _, height, width, channels = layer.output_shape
            total += height * width * channels * layer.kernel_size[0] * layer.kernel_size[1]
        elif isinstance(layer, layers.Conv2D):
            _, height, width, _ = layer.output_shape
            total += height * width * int(layer.kernel.shape.num_elements())
        elif isinstance(layer, layers.Dense):
            total += int(layer.kernel.shape.num_elements())
    return total
