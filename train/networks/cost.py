"""Count what a network costs."""

from __future__ import annotations

from typing import Any

from ..keras import layers


def multiply_accumulates(model: Any) -> int:
    """Return the multiply-accumulate operations of one tile: convolutions and dense layers, no bias, no BN."""
    return sum(_of_layer(layer) for layer in model.layers)


def _of_layer(layer: Any) -> int:
    if isinstance(layer, layers.SeparableConv2D):
        _, height, width, _ = layer.output_shape
        return height * width * (_size(layer.depthwise_kernel) + _size(layer.pointwise_kernel))
    if isinstance(layer, layers.DepthwiseConv2D):
        _, height, width, _ = layer.output_shape
        return height * width * _size(layer.depthwise_kernel)
    if isinstance(layer, layers.Conv2D):
        _, height, width, _ = layer.output_shape
        return height * width * _size(layer.kernel)
    if isinstance(layer, layers.Dense):
        return _size(layer.kernel)
    return 0


def _size(kernel: Any) -> int:
    return int(kernel.shape.num_elements())
