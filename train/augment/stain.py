"""Vary haematoxylin, eosin and residue, each on its own, in optical density."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..hed import HED_TO_OD
from ..keras import tf


@tf.function(jit_compile=True)
def vary_stain(pixels: Any, scale: Any, shift: Any) -> Any:
    """Return float32 pixels (n, h, w, 3), RGB in 0..1, each stain's density times 1 + `scale`, plus `shift`; (n, 3)."""
    # od -> stains -> scaled stains -> od is one 3x3 matrix a tile; the shift of the stains is one vector a tile
    matrix = tf.matmul(np.linalg.inv(HED_TO_OD)[None], (1 + scale)[..., None] * HED_TO_OD[None])
    density = -tf.math.log(tf.maximum(pixels, 1 / 255.0))
    flat = tf.reshape(density, (tf.shape(pixels)[0], -1, 3))
    varied = tf.matmul(flat, matrix) + tf.matmul(shift[:, None], HED_TO_OD[None])
    return tf.reshape(tf.exp(-varied), tf.shape(pixels))
