"""The networks that ship: depthwise-separable convolutions, after MobileNet (Howard 2017, arXiv 1704.04861)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..keras import layers
from .parts import bn_relu, logit, pixels


def lean() -> Any:
    """Build the network that ships as the default: Conv-BN-ReLU, global average pooling. 5.0 MMAC."""
    return _depthwise_separable("lean", 24, [(48, 1), (64, 2), (64, 1), (128, 2), (128, 1), (192, 2), (192, 1)])


def tiny() -> Any:
    """Build `lean` at about half its width, for a slower processor. 1.5 MMAC."""
    return _depthwise_separable("tiny", 16, [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (96, 2), (96, 1)])


def _depthwise_separable(name: str, stem: int, blocks: Sequence[tuple[int, int]]) -> Any:
    """Return a stem of stride 2 and a block for each (filters, stride)."""
    inputs = pixels()
    x = layers.Conv2D(stem, 3, strides=2, padding="same", use_bias=False, name="stem")(inputs)
    x = bn_relu(x, "stem")
    for n, (filters, stride) in enumerate(blocks):
        x = layers.DepthwiseConv2D(3, strides=stride, padding="same", use_bias=False, name=f"depthwise{n}")(x)
        x = bn_relu(x, f"depthwise{n}")
        x = layers.Conv2D(filters, 1, use_bias=False, name=f"pointwise{n}")(x)
        x = bn_relu(x, f"pointwise{n}")
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    return logit(inputs, x, name)
