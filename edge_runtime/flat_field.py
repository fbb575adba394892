"""Even light: what a blank field was dimmer than bare glass in the training slides, given back to every frame."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

GLASS_RGB = (242.0, 240.0, 241.0)
"""Grey levels of bare glass in the training slides; a blank field is brought to them."""


class FlatField:
    """Multiplies a frame, or what it was reduced to, by a gain a channel and place.

    A lamp's falloff is smooth, so the gains may follow the reduction to the model's scale: a 100th of the pixels, and
    the same picture but for rounding.
    """

    def __init__(self, shading: NDArray[np.floating]) -> None:
        """Take the blank field, float (rows, columns, 3), RGB, 0..255: the mean level of each cell of the picture."""
        gains = np.asarray(np.asarray(GLASS_RGB) / shading, np.float32)
        self._gains = _extended(gains)
        self._for: tuple[tuple[int, int], NDArray[np.float32]] | None = None

    def apply(self, pixels: NDArray[np.uint8], out: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
        """Return uint8 pixels (h, w, 3), RGB, of the whole view under even white light; `out` may be `pixels`.

        Rounds, and saturates at 255: white that was clipped by the camera stays white.
        """
        return np.asarray(cv2.multiply(pixels, self.gains((pixels.shape[0], pixels.shape[1])), out, 1, cv2.CV_8U))

    def gains(self, size: tuple[int, int]) -> NDArray[np.float32]:
        """Return the gains for a picture of `size` (height, width), float32 (h, w, 3); the last size is kept."""
        if self._for is None or self._for[0] != size:
            self._for = size, _spread(self._gains, size)
        return self._for[1]


def _extended(gains: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return gains with one more cell around, in a line with the last two: the picture's edge lies beyond centres."""
    tall = np.concatenate([2 * gains[:1] - gains[1:2], gains, 2 * gains[-1:] - gains[-2:-1]], 0)
    return np.concatenate([2 * tall[:, :1] - tall[:, 1:2], tall, 2 * tall[:, -1:] - tall[:, -2:-1]], 1)


def _spread(extended: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Return extended gains at every pixel of a picture of `size`: cubic between the centres of cells."""
    rows, columns = extended.shape[0] - 2, extended.shape[1] - 2
    step_x, step_y = columns / size[1], rows / size[0]
    matrix = np.asarray([[step_x, 0, 0.5 * step_x + 0.5], [0, step_y, 0.5 * step_y + 0.5]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    spread = cv2.warpAffine(extended, matrix, (size[1], size[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(spread, np.float32)
