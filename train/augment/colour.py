"""Vary the colours of tiles: each stain on its own, in optical density, and the light that falls through."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..hed import HED_TO_OD
from ..keras import compiled, tf


@compiled
def colour(tiles: Any, stain: tuple[Any, Any] | None, light: tuple[Any, Any] | None, clip: bool) -> Any:
    """Return tiles (n, h, w, 3), RGB, uint8 or float32 in 0..1, as float32 in 0..1, stained and lit otherwise.

    `stain` is what `vary_stain` takes, `light` what `shine` does; None leaves either away. One pass over the pixels.
    """
    pixels = tf.cast(tiles, tf.float32) / 255.0 if tiles.dtype == tf.uint8 else tiles
    if stain is not None:
        pixels = vary_stain(pixels, *stain)
    if light is not None:
        pixels = shine(pixels, *light)
    return tf.clip_by_value(pixels, 0.0, 1.0) if clip else pixels


def vary_stain(pixels: Any, scale: Any, shift: Any) -> Any:
    """Return float32 pixels (n, h, w, 3), RGB in 0..1, each stain's density times 1 + `scale`, plus `shift`; (n, 3)."""
    # od -> stains -> scaled stains -> od is one 3x3 matrix a tile; the shift of the stains is one vector a tile
    matrix = tf.matmul(np.linalg.inv(HED_TO_OD)[None], (1 + scale)[..., None] * HED_TO_OD[None])
    density = -tf.math.log(tf.maximum(pixels, 1 / 255.0))
    flat = tf.reshape(density, (tf.shape(pixels)[0], -1, 3))
    varied = tf.matmul(flat, matrix) + tf.matmul(shift[:, None], HED_TO_OD[None])
    return tf.reshape(tf.exp(-varied), tf.shape(pixels))


def shine(pixels: Any, brightness: Any, balance: Any) -> Any:
    """Return float32 pixels (n, h, w, 3) times 1 + `brightness` (n, 1), and each colour times 1 + `balance` (n, 3)."""
    return pixels * ((1 + brightness) * (1 + balance))[:, None, None]
