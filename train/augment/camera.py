"""What a camera does to a tile: defocus, and the compression of its files."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..keras import compiled, tf

_BLOCK = 8
_TABLES = np.array(
    [
        [
            [16, 11, 10, 16, 24, 40, 51, 61],
            [12, 12, 14, 19, 26, 58, 60, 55],
            [14, 13, 16, 24, 40, 57, 69, 56],
            [14, 17, 22, 29, 51, 87, 80, 62],
            [18, 22, 37, 56, 68, 109, 103, 77],
            [24, 35, 55, 64, 81, 104, 113, 92],
            [49, 64, 78, 87, 103, 121, 120, 101],
            [72, 92, 95, 98, 112, 100, 103, 99],
        ],
        [
            [17, 18, 24, 47, 99, 99, 99, 99],
            [18, 21, 26, 66, 99, 99, 99, 99],
            [24, 26, 56, 99, 99, 99, 99, 99],
            [47, 66, 99, 99, 99, 99, 99, 99],
            *[[99] * 8] * 4,
        ],
    ],
    np.float32,
)
"""Steps of luminance and of chrominance at quality 50 (ITU-T T.81, Annex K, tables K.1 and K.2)."""
_TO_YCC = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)
"""R, G, B -> luminance and two differences of colour (JFIF, ITU-T T.871)."""


def blur(pixels: Any, sigma: Any) -> Any:
    """Return float32 pixels (n, h, h, 3) out of focus: a Gaussian of `sigma` px (n, 1), mirrored at the edges.

    The Gaussian of each tile is a matrix over its rows, and again over its columns: any sigma, nothing cut off.
    """
    side = pixels.shape[1]
    weights = _gaussians(sigma, side)
    for _ in range(2):
        rows = tf.matmul(weights, tf.reshape(pixels, (-1, side, side * 3)))
        pixels = tf.transpose(tf.reshape(rows, (-1, side, side, 3)), (0, 2, 1, 3))
    return pixels


@compiled
def _gaussians(sigma: Any, side: int) -> Any:
    """Return float32 (n, side, side): what each place of a row takes from each other, 1 in all."""
    at = np.arange(side, dtype=np.float32)
    spread = 2 * tf.maximum(sigma, 0.01)[..., None] ** 2  # at 0.01 px a place keeps all of its own
    distances = [at[:, None] - seen for seen in (at, -1 - at, 2 * side - 1 - at)]  # the row itself, and in both mirrors
    weights = tf.add_n([tf.exp(-(distance[None] ** 2) / spread) for distance in distances])
    return weights / tf.reduce_sum(weights, axis=2, keepdims=True)


@compiled
def compress(pixels: Any, quality: Any) -> Any:
    """Return float32 pixels (n, h, h, 3), RGB in 0..1, as a JPEG of `quality` (n, 1), 1..100, would give them back.

    ITU-T T.81 without its lossless part, which changes nothing: chrominance at half the resolution, blocks of 8x8 px,
    each one's cosines rounded to steps that grow as the quality falls (the rule of libjpeg).
    """
    side = pixels.shape[1]
    whole = -(-side // (2 * _BLOCK)) * 2 * _BLOCK  # of blocks, at half the resolution too
    padded = tf.pad(pixels, [[0, 0], [0, whole - side], [0, whole - side], [0, 0]], "SYMMETRIC")
    ycc = tf.einsum("nhwc,kc->knhw", padded * 255.0, _TO_YCC)
    half = tf.nn.avg_pool2d(tf.transpose(ycc[1:], (1, 2, 3, 0)), 2, 2, "VALID")
    small = tf.transpose(half, (3, 0, 1, 2))
    steps = _steps(quality)
    double = _doubling(whole // 2)
    colour = [tf.matmul(tf.matmul(double, _rounded(small[k], steps[:, 1])), double, transpose_b=True) for k in range(2)]
    planes = tf.stack([_rounded(ycc[0] - 128.0, steps[:, 0]) + 128.0, *colour], axis=3)
    back = tf.einsum("nhwk,ck->nhwc", planes, np.linalg.inv(_TO_YCC))
    return tf.clip_by_value(tf.round(back[:, :side, :side]) / 255.0, 0.0, 1.0)


def _steps(quality: Any) -> Any:
    """Return float32 (n, 2, 64): the steps of luminance and chrominance, as libjpeg scales them by quality."""
    percent = tf.where(quality < 50, 5000 / tf.maximum(quality, 1.0), 200 - 2 * quality)
    scaled = tf.floor((_TABLES.reshape(1, 2, -1) * percent[..., None] + 50) / 100)
    return tf.clip_by_value(scaled, 1.0, 255.0)


def _rounded(plane: Any, steps: Any) -> Any:
    """Return a plane (n, h, h) whose blocks' cosines are rounded to multiples of `steps` (n, 64)."""
    blocks = plane.shape[1] // _BLOCK
    tiled = tf.transpose(tf.reshape(plane, (-1, blocks, _BLOCK, blocks, _BLOCK)), (0, 1, 3, 2, 4))
    cosines = tf.matmul(tf.reshape(tiled, (-1, blocks * blocks, _BLOCK * _BLOCK)), _cosines())
    kept = tf.round(cosines / steps[:, None]) * steps[:, None]
    back = tf.reshape(tf.matmul(kept, _cosines(), transpose_b=True), (-1, blocks, blocks, _BLOCK, _BLOCK))
    return tf.reshape(tf.transpose(back, (0, 1, 3, 2, 4)), (-1, blocks * _BLOCK, blocks * _BLOCK))


def _doubling(side: int) -> NDArray[np.float32]:
    """Return the matrix (2 side, side) that doubles a line: 3/4 of the nearest place, 1/4 of the next (libjpeg)."""
    at = np.arange(2 * side)
    nearest = at // 2
    matrix = np.zeros((2 * side, side), np.float32)
    matrix[at, nearest] += 0.75
    matrix[at, np.clip(nearest + np.where(at % 2, 1, -1), 0, side - 1)] += 0.25
    return matrix


def _cosines() -> NDArray[np.float32]:
    """Return the matrix (64, 64) that takes a block, row by row, to its cosines; orthonormal (T.81, A.3.3)."""
    n = np.arange(_BLOCK)
    wave = np.cos((2 * n[:, None] + 1) * n[None] * np.pi / (2 * _BLOCK)) * np.sqrt(2 / _BLOCK)
    wave[:, 0] = np.sqrt(1 / _BLOCK)
    return np.kron(wave, wave).astype(np.float32)
