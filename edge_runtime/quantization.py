"""The integer arithmetic of a quantized tensor, in one place: round to nearest, clip to the type's range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Quantization:
    """How a tensor stands for real numbers: real = scale * (stored - zero_point). Read from the model, never typed."""

    scale: float
    """Real value of one step; 0 where the tensor is float and stands for itself."""
    zero_point: int
    """The stored value that stands for 0."""
    dtype: np.dtype[np.generic]
    """Of the stored values."""

    @property
    def is_quantized(self) -> bool:
        """Whether the tensor holds integers."""
        return bool(np.issubdtype(self.dtype, np.integer))

    def store(self, real: NDArray[np.floating]) -> NDArray[np.generic]:
        """Return real values as the tensor stores them; halves round to even, what is out of range is clipped."""
        if not self.is_quantized:
            return real.astype(self.dtype)
        steps = np.rint(np.asarray(real, np.float64) / self.scale) + self.zero_point
        limits = np.iinfo(self.dtype.name)
        return np.clip(steps, limits.min, limits.max).astype(self.dtype)

    def real(self, stored: NDArray[np.generic]) -> NDArray[np.float32]:
        """Return what stored values stand for, as float32."""
        if not self.is_quantized:
            return stored.astype(np.float32)
        return ((stored.astype(np.int32) - self.zero_point) * self.scale).astype(np.float32)

    def pixel_table(self, pixel_scale: float, pixel_offset: float) -> NDArray[np.generic]:
        """Return (256,): what each pixel value 0..255 becomes in the tensor."""
        return self.store(np.arange(256) * pixel_scale + pixel_offset)


def quantization_of(tensor: dict[str, Any]) -> Quantization:
    """Return how a tensor is stored, from an interpreter's details of it."""
    scale, zero_point = tensor["quantization"]
    return Quantization(float(scale), int(zero_point), np.dtype(tensor["dtype"]))
