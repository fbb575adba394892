"""What one fit runs through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Plan:
    """What a fit runs through; the float fit and the fine-tune differ in these alone."""

    build: Callable[[], Any]
    """Makes the network with the weights that it starts from, in float32, its logit last."""
    epochs: int
    """Passes over the training tiles."""
    learning_rate: float
    """At its height."""
    warmup_epochs: float
    """Over which the rate rises from 0."""
    targets: NDArray[np.float32] | None = None
    """float32 (n, 1), instead of the smoothed labels."""
    teacher: Callable[[], Any] | None = None
    """Makes a network whose probability of the very pixels becomes a part of the target."""
    teacher_share: float = 0.0
    """That part."""
    keep_last: bool = False
    """Keep the last epoch's weights, not those of the best: where the tiles to judge on may have no say."""
    mixed_precision: bool = False
    """Half precision where it does no harm; not for fake-quantized networks, which tfmot builds in float32 alone."""
