"""Let networks teach another: their mean probability becomes a part of its target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .feed import Relabel
from .keras import tf


def teach(teachers: Sequence[Any], share: float) -> Relabel:
    """Return a relabelling that mixes the teachers' mean probability of the very pixels into the target."""

    def relabel(pixels: Any, targets: Any) -> Any:
        opinions = [tf.sigmoid(teacher(pixels, training=False)) for teacher in teachers]
        return share * tf.add_n(opinions) / len(opinions) + (1 - share) * targets

    return relabel
