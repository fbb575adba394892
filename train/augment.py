"""Vary a batch of tiles as slides and cameras do: orientation, stain, lamp. TensorFlow, vectorized, seeded."""

from __future__ import annotations

from typing import Any

import numpy as np

from .keras import tf
from .recipe import Augmentation

HED_TO_OD = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]], np.float32)
"""Optical density of haematoxylin, eosin and residue in R, G, B (Ruifrok & Johnston 2001)."""


def vary(tiles: Any, how: Augmentation, seed: Any) -> Any:
    """Return uint8 tiles (n, 50, 50, 3), RGB, as float32 pixels in 0..1, varied by `seed` (int32, shape (2,))."""
    seeds = tf.unstack(tf.random.split(seed, 4))
    pixels = tf.cast(tiles, tf.float32) / 255.0
    if how.dihedral:
        pixels = _turn_and_mirror(pixels, seeds[0])
    if how.stain_scale or how.stain_shift:
        pixels = _vary_stain(pixels, how.stain_scale, how.stain_shift, seeds[1], seeds[2])
    if how.brightness:
        shape = (tf.shape(pixels)[0], 1, 1, 1)
        pixels *= tf.random.stateless_uniform(shape, seeds[3], 1 - how.brightness, 1 + how.brightness)
    return tf.clip_by_value(pixels, 0.0, 1.0)


def _turn_and_mirror(pixels: Any, seed: Any) -> Any:
    coins = tf.random.stateless_uniform((tf.shape(pixels)[0], 3), seed) < 0.5
    for n, change in enumerate((tf.image.flip_left_right, tf.image.flip_up_down, tf.image.transpose)):
        pixels = tf.where(coins[:, n, None, None, None], change(pixels), pixels)
    return pixels


def _vary_stain(pixels: Any, scale: float, shift: float, scale_seed: Any, shift_seed: Any) -> Any:
    count = tf.shape(pixels)[0]
    scales = tf.random.stateless_uniform((count, 3, 1), scale_seed, 1 - scale, 1 + scale)
    shifts = tf.random.stateless_uniform((count, 1, 3), shift_seed, -shift, shift)
    # od -> stains -> scaled stains -> od is one 3x3 matrix a tile; the shift of the stains is one vector a tile
    matrix = tf.matmul(np.linalg.inv(HED_TO_OD)[None], scales * HED_TO_OD[None])
    density = -tf.math.log(tf.maximum(pixels, 1 / 255.0))
    flat = tf.reshape(density, (count, -1, 3))
    varied = tf.matmul(flat, matrix) + tf.matmul(shifts, HED_TO_OD[None])
    return tf.reshape(tf.exp(-varied), tf.shape(pixels))
