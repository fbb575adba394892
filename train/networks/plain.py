"""CancerNet in the two forms that circulate, and a plain network to start one's own from."""

from __future__ import annotations

from typing import Any

from ..keras import layers
from .parts import bn_relu, logit, pixels


def cancernet() -> Any:
    """Build the widely circulated CancerNet: three valid 3x3 convolutions, Flatten 2048, Dense 128. 17.1 MMAC."""
    x = inputs = pixels()
    for filters in (32, 64, 128):
        x = layers.Conv2D(filters, 3, activation="relu", name=f"conv{filters}")(x)
        x = layers.MaxPooling2D(2, name=f"pool{filters}")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(128, activation="relu", name="dense")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    return logit(inputs, x, "cancernet")


def cancernet_separable() -> Any:
    """Build the CancerNet of the tutorials: separable convolutions 32, 2x 64, 3x 128, then Dense 256. 12.2 MMAC.

    Two changes make it int8 all through. The tutorials' Conv-ReLU-BN cannot be quantized in the loop, so that BN stands
    before ReLU. Dense-BN-ReLU converts without a word to a float layer inside an int8 graph, so that the dense layer is
    a convolution over the whole 6x6 map: the same weights and sums.
    """
    x = inputs = pixels()
    for filters, count in ((32, 1), (64, 2), (128, 3)):
        for n in range(count):
            name = f"separable{filters}_{n}"
            x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False, name=name)(x)
            x = bn_relu(x, name)
        x = layers.MaxPooling2D(2, name=f"pool{filters}")(x)
        x = layers.Dropout(0.25, name=f"dropout{filters}")(x)
    x = layers.Conv2D(256, x.shape[1], use_bias=False, name="dense")(x)
    x = bn_relu(x, "dense")
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    return logit(inputs, x, "cancernet_separable")


def custom() -> Any:
    """Build a plain network with BN and dropout, as students write their own: a place to start from. 9.3 MMAC."""
    x = inputs = pixels()
    for filters in (16, 32, 64, 128):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False, name=f"conv{filters}")(x)
        x = bn_relu(x, f"conv{filters}")
        x = layers.MaxPooling2D(2, name=f"pool{filters}")(x)
        x = layers.Dropout(0.1, name=f"dropout{filters}")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    x = layers.Dropout(0.5, name="dropout")(x)
    return logit(inputs, x, "custom")
