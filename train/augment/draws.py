"""Random numbers for a batch: a row a tile, the same whoever reads which part of the batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..keras import tf

_WIDTHS = {
    "orientation": 1,
    "zoom": 1,
    "shift": 2,
    "rotation": 1,
    "stain_scale": 3,
    "stain_shift": 3,
    "blur": 1,
    "brightness": 1,
    "white_balance": 3,
    "jpeg": 1,
    "mixup": 2,
}
"""Numbers a tile, by what they are for. Each has columns of its own, so that switching one off moves no other."""


@dataclass(frozen=True)
class Rows:
    """Which part of every batch is meant: the `part`-th of `parts` equal ones."""

    part: int = 0
    """From 0."""
    parts: int = 1
    """How many equal parts the batch has."""


ALL = Rows()


def draw(seed: Any, count: Any, rows: Rows = ALL) -> dict[str, Any]:
    """Return float32 (count, width) in -1..1, evenly spread, for each kind of variation; `seed` is int32 (2,).

    `count` is the number of tiles in these rows, not in the whole batch.
    """
    shape = (count * rows.parts, sum(_WIDTHS.values()))
    numbers = tf.random.stateless_uniform(shape, seed, -1.0, 1.0, alg="philox")  # the same on every kind of device
    mine = numbers[rows.part * count : (rows.part + 1) * count]
    return dict(zip(_WIDTHS, tf.split(mine, list(_WIDTHS.values()), axis=1), strict=True))
