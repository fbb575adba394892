"""The networks that can be trained, one builder each: float pixels (n, 50, 50, 3), RGB, in 0..1, to a logit (n, 1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .backbones import BACKBONES, efficientnet_b0, mobilenet_v2, resnet50, vgg16
from .cost import multiply_accumulates
from .depthwise import lean, tiny
from .plain import cancernet, cancernet_separable, custom

NETWORKS: dict[str, Callable[[], Any]] = {
    "lean": lean,
    "tiny": tiny,
    "cancernet": cancernet,
    "cancernet_separable": cancernet_separable,
    "custom": custom,
    "mobilenet_v2": mobilenet_v2,
    "resnet50": resnet50,
    "vgg16": vgg16,
    "efficientnet_b0": efficientnet_b0,
}

__all__ = ["BACKBONES", "NETWORKS", "multiply_accumulates"]
