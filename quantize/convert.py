"""Convert a trained Keras network to TFLite: full int8, with the ranges it was tuned with or by calibration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.keras import tf


def to_float(model: Any) -> bytes:
    """Return a float network as a float32 flatbuffer with the static input [1, h, w, 3]."""
    return bytes(_converter(model).convert())


def to_int8(model: Any, calibration: NDArray[np.uint8] | None = None) -> bytes:
    """Return a network as a full int8 flatbuffer with the static input [1, h, w, 3].

    A fake-quantized network brings its ranges; a float one needs `calibration` tiles, uint8 (n, h, w, 3), RGB, of
    training patients (post-training quantization).
    """
    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    if calibration is not None:
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.representative_dataset = lambda: _samples(calibration)
    return bytes(converter.convert())


def _converter(model: Any) -> Any:
    # a concrete function keeps the batch at 1; from_keras_model would leave it open, which some runtimes misread
    function = tf.function(lambda pixels: model(pixels, training=False))
    signature = tf.TensorSpec([1, *model.input_shape[1:]], tf.float32, name="pixels")
    return tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function(signature)], model)


def _samples(tiles: NDArray[np.uint8]) -> Iterator[list[NDArray[np.float32]]]:
    whole_range = tiles[0].copy()
    whole_range[0, :2] = [[0], [255]]  # fixes the input at scale 1/255, zero point -128, as the fine-tune does
    for tile in (whole_range, *tiles[1:]):
        yield [tile[None].astype(np.float32) / 255.0]
