"""Mixup: blend tiles, their targets and their weights (Zhang 2018, arXiv 1710.09412)."""

from __future__ import annotations

from typing import Any

from ..keras import compiled, tf
from .draws import ALL, Rows, draw


def mix(pixels: Any, targets: Any, weights: Any, share: float, seed: Any, rows: Rows = ALL) -> tuple[Any, Any, Any]:
    """Return a batch in which a `share` of the tiles is blended with its neighbour, by an even draw from 0..1.

    The batch is in random order, so the neighbour (0 with 1, 2 with 3) is anyone, and every even part of a batch holds
    whole pairs. Target and weight are such that the loss is the blend of the two tiles' losses: it is linear in the
    target. `pixels` (n, h, w, 3), `targets` (n, 1), `weights` (n,), all float32, n even.
    """
    drawn = draw(seed, tf.shape(pixels)[0], rows)["mixup"]
    chosen = (drawn[:, 0] + 1) / 2 < share
    return _blend(pixels, targets, weights, tf.where(chosen, (drawn[:, 1] + 1) / 2, 1.0))


@compiled
def _blend(pixels: Any, targets: Any, weights: Any, own: Any) -> tuple[Any, Any, Any]:
    mine, theirs = own * weights, (1 - own) * _neighbour(weights)
    blended = own[:, None, None, None] * pixels + (1 - own)[:, None, None, None] * _neighbour(pixels)
    wanted = mine[:, None] * targets + theirs[:, None] * _neighbour(targets)
    return blended, wanted / (mine + theirs)[:, None], mine + theirs


def _neighbour(values: Any) -> Any:
    return tf.reshape(tf.reverse(tf.reshape(values, (-1, 2, *values.shape[1:])), [1]), tf.shape(values))
