"""Which part of a Pi camera's sensor is used, and to which sizes its image processor (ISP) reduces it.

Two pictures come out of one request. The fine one, `main`, is for the eye and for the gates: focus cannot be measured
at the model's 4 µm per px, where defocus has been averaged away. It need not be finer than the optics: a lens of
aperture NA resolves lambda / (2 NA), 2.75 µm for a 4x objective of NA 0.10 in green light (Abbe), which Nyquist wants
sampled at 1.4 µm per px; at 0.39 a sensor only measures the blur of the lens in more pixels. So `main` is reduced to
0.8 µm per px unless one asks for another scale (10x, NA 0.25: 0.55), which is a fifth of the model's and leaves a 12
megapixel sensor 2.9 megapixels to move. The coarse one, `lores`, is the same view at exactly the
model's scale. The ISP gives it twice as large, in YUV420, which holds one colour for 2x2 pixels; their mean is taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge_runtime.cameras.stage import Box
from edge_runtime.errors import BadInput, CameraFailed

FINE_UM_PER_PX = 0.8
"""Scale of the fine picture, where the sensor's own is finer."""
_SQUARE = 0.005
"""Widths and heights may be reduced so differently: half a percent, a pixel in 200."""


@dataclass(frozen=True)
class Plan:
    """What to ask the ISP for; the camera has the last word."""

    crop: Box
    """Part of the sensor that is used, px of the sensor; centred, all of it but a rest that is no whole pixel."""
    main: tuple[int, int]
    """(height, width) of the fine picture, even."""
    lores: tuple[int, int] | None
    """(height, width) of the one at the model's scale, even; None where the sensor is not twice as fine as that."""

    @property
    def lores_asked(self) -> tuple[int, int] | None:
        """(height, width) that the ISP is asked for: twice as large, since it gives one colour for 2x2 pixels."""
        return None if self.lores is None else (2 * self.lores[0], 2 * self.lores[1])


def plan(
    sensor: tuple[int, int],
    um_per_px: float,
    model_um_per_px: float | None,
    fine_um_per_px: float = FINE_UM_PER_PX,
    crop: tuple[int, int] | None = None,
) -> Plan:
    """Return crop and sizes for a `sensor` (height, width) at `um_per_px`; `crop` (height, width) asks for less of it.

    `main` is a whole number of times as large as `lores`, so that a mean over blocks brings one to the other.
    """
    used = (min(crop[0], sensor[0]), min(crop[1], sensor[1])) if crop else sensor
    if model_um_per_px is None or um_per_px > model_um_per_px:
        factor = max(1.0, fine_um_per_px / um_per_px)
        main = even(used[0] / factor), even(used[1] / factor)
        return Plan(_centred(sensor, used, main, factor), main, None)
    reduction = model_um_per_px / um_per_px
    lores = even(used[0] / reduction), even(used[1] / reduction)
    if min(lores) < 2:
        raise BadInput(
            f"expected a view of several px at {model_um_per_px:g} µm per px, found {used[1]}x{used[0]} px of sensor "
            f"at {um_per_px:g}; check the scale and the crop"
        )
    box = _centred(sensor, used, lores, reduction)
    times = min(math.ceil(model_um_per_px / fine_um_per_px - 1e-9), math.floor(reduction + 1e-9))
    if times < 2:
        return Plan(box, (even(box.height), even(box.width)), None)
    return Plan(box, (lores[0] * times, lores[1] * times), lores)


def delivered_um_per_px(um_per_px: float, crop: Box, size: tuple[int, int]) -> float:
    """Return the scale of a picture of `size` (height, width) that shows `crop` of a sensor at `um_per_px`.

    Raises CameraFailed where it is not the same in both directions: such a picture is distorted.
    """
    down, across = crop.height / size[0], crop.width / size[1]
    if abs(down / across - 1) > _SQUARE:
        raise CameraFailed(
            f"expected square pixels, found {crop.width}x{crop.height} px of the sensor shown as {size[1]}x{size[0]}; "
            "give another crop=, or leave it out"
        )
    return um_per_px * math.sqrt(down * across)


def covers(outer: Box, inner: Box) -> bool:
    """Tell whether a box lies within another."""
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def even(length: float) -> int:
    """Return the largest even number within a length; ISPs give no odd sizes."""
    return int(length / 2 + 1e-9) * 2


def _centred(sensor: tuple[int, int], used: tuple[int, int], size: tuple[int, int], factor: float) -> Box:
    """Return the box of the sensor that `size` shows when it is reduced by `factor`."""
    height, width = (min(each, round(out * factor)) for each, out in zip(used, size, strict=True))
    return Box((sensor[1] - width) // 2, (sensor[0] - height) // 2, width, height)
