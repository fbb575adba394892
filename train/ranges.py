"""Set the ranges of a fake-quantized network by what training tiles make of it, before it is tuned."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorflow_model_optimization.python.core.quantization.keras import quant_ops

from .keras import tf

CALIBRATION_TILES = 512
"""Tiles of training patients that set the ranges."""


def calibration_tiles(tiles: NDArray[np.uint8], seed: int = 0) -> NDArray[np.uint8]:
    """Return a seeded choice of training tiles that spans many patients."""
    count = min(CALIBRATION_TILES, len(tiles))
    return tiles[np.sort(np.random.default_rng(seed).choice(len(tiles), count, replace=False))]


def set_ranges(model: Any, tiles: NDArray[np.uint8]) -> None:
    """Set every activation's range to what uint8 tiles (n, h, w, 3), RGB, reach in the network without quantization.

    tfmot starts each at -6..6 and moves it by a thousandth a step: a fine-tune of a few hundred steps would end long
    before the ranges fit, and a network whose activations are small would be all but erased at first.
    """
    with _as_float():
        model(tf.constant(tiles, tf.float32) / 255.0, training=False)


@contextmanager
def _as_float() -> Iterator[None]:
    """Make tfmot's quantizers let values through, and record the range of activations."""
    kept = quant_ops.MovingAvgQuantize, quant_ops.LastValueQuantize
    quant_ops.MovingAvgQuantize, quant_ops.LastValueQuantize = _record, _let_through
    try:
        yield
    finally:
        quant_ops.MovingAvgQuantize, quant_ops.LastValueQuantize = kept


def _record(values: Any, low: Any, high: Any, **how: Any) -> Any:
    low.assign(tf.minimum(tf.reduce_min(values), 0.0))  # 0 must be exact: padding is made of it
    high.assign(tf.maximum(tf.reduce_max(values), 0.0))
    return values


def _let_through(values: Any, low: Any, high: Any, **how: Any) -> Any:
    return values
