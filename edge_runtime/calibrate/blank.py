"""The blank field: how bright and how even the lamp is, and where dirt sits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput
from edge_runtime.flat_field import FlatField

from .dirt import DirtMap, dirt_map
from .shading import in_cells, is_dirt, smooth_light

_WIDEST_PX = 1024
"""Frames are reduced to this width before they are added up: 16 of a Pi HQ camera fit a small board's memory."""
_CLIPPED = 254
MOST_CLIPPED = 0.005
"""Share of pixels that may be white in a channel: nothing can be said of a clipped one."""
LEAST_LEVEL, LOW_LEVEL, HIGH_LEVEL = 80.0, 150.0, 248.0
"""Grey levels of the brightest channel: refused below the first, warned of below the second or above the third."""
LEAST_EVEN = 0.3
"""The dimmest place has this share of the brightest, at least: noise would be enlarged elsewhere."""
LEAST_GREEN = 0.82
"""Green over the mean of red and blue: less is pink, as stained tissue is."""
MOST_TEXTURE = 0.02
"""Standard deviation about the smooth light, but for specks: glass has less than tissue."""
MOST_COVERED = 0.03
"""Share that may be darker than the smooth light: more is no dirt."""


@dataclass(frozen=True)
class BlankField:
    """What a view without tissue told."""

    made_at: str
    """When, ISO 8601, UTC."""
    frames: int
    """How many were averaged."""
    white_rgb: tuple[float, float, float]
    """Level of the brightest cell in R, G, B, 0..255, before any gain: the lamp."""
    shading: tuple[tuple[tuple[float, float, float], ...], ...]
    """24 rows of 32 cells: level in R, G, B, 0..255, without dirt."""
    dirt: DirtMap
    """What is darker than that."""
    noise: float
    """Standard deviation of a pixel of a frame, reduced to at most 1024 px in width, grey levels; 0 for one frame."""
    flicker: float
    """Standard deviation of the frames' mean levels, as a share."""
    warnings: tuple[str, ...] = ()
    """What should be mended, but does not stand in the way."""

    def __post_init__(self) -> None:
        cells = np.asarray(self.shading, np.float64)
        if (
            cells.ndim != 3
            or min(cells.shape) < 2
            or not (np.isfinite(cells).all() and 0 < cells.min() <= cells.max() <= 256)
        ):
            raise ValueError("expected a shading of rows of cells of R, G, B above 0 and up to 255")

    @property
    def evenness(self) -> float:
        """Level of the dimmest cell over that of the brightest, 0..1."""
        cells = np.asarray(self.shading).mean(2)
        return float(cells.min() / cells.max())

    def flat_field(self) -> FlatField:
        """Return what brings frames of this instrument to even, white light."""
        return FlatField(np.asarray(self.shading, np.float32))


def measure_blank(pictures: Iterable[NDArray[np.uint8]], made_at: str) -> BlankField:
    """Return what some pictures, uint8 (h, w, 3), RGB, of one blank field tell.

    Raises BadInput where they are clipped, too dark, or show something.
    """
    clipped, reduced = _gathered(pictures)
    stack = np.stack(reduced).astype(np.float32)
    blank = stack.mean(0)
    light = smooth_light(blank)
    cells = in_cells(light)
    _check_light(clipped, cells)
    dirt = is_dirt(blank, light)
    _check_is_blank(blank, light, dirt)
    means = stack.mean((1, 2, 3))
    flicker = float(means.std() / means.mean()) if len(stack) > 1 else 0.0
    shading = tuple(
        tuple((float(r), float(g), float(b)) for r, g, b in row)
        for row in np.round(cells.astype(np.float64), 1).tolist()
    )
    white = [round(float(cells[..., channel].max()), 2) for channel in range(3)]
    found = dirt_map(dirt)
    noise = float(np.sqrt(stack.var(0, ddof=1).mean())) if len(stack) > 1 else 0.0
    return BlankField(
        made_at=made_at,
        frames=len(stack),
        white_rgb=(white[0], white[1], white[2]),
        shading=shading,
        dirt=found,
        noise=round(noise, 3),
        flicker=round(flicker, 5),
        warnings=tuple(_warnings(white, cells, found, flicker)),
    )


def _gathered(pictures: Iterable[NDArray[np.uint8]]) -> tuple[float, list[NDArray[np.uint8]]]:
    """Return the largest share of clipped pixels, and the pictures at a width of at most 1024 px."""
    clipped, reduced = 0.0, []
    for picture in pictures:
        height, width = picture.shape[:2]
        white = [int(np.count_nonzero(plane >= _CLIPPED)) for plane in cv2.split(picture)]
        clipped = max(clipped, max(white) / (height * width))
        factor = min(1.0, _WIDEST_PX / width)
        size = max(8, round(width * factor)), max(8, round(height * factor))
        reduced.append(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8))
    if not reduced:
        raise BadInput("expected frames of a blank field, found none; check the source")
    return clipped, reduced


def _check_light(clipped: float, cells: NDArray[np.float32]) -> None:
    level = float(cells.max())
    if clipped > MOST_CLIPPED:
        raise BadInput(
            f"expected a blank field that is not clipped, found {clipped:.1%} of it white (254 or more); shorten the "
            "exposure or dim the lamp until it reads about 230"
        )
    if level < LEAST_LEVEL:
        raise BadInput(
            f"expected a blank field of a level of at least {LEAST_LEVEL:g} of 255, found {level:.0f}; switch the "
            "lamp on, open the condenser, or lengthen the exposure"
        )
    even = float(cells.mean(2).min() / cells.mean(2).max())
    if even < LEAST_EVEN:
        raise BadInput(
            f"expected light of which the dimmest place has at least {LEAST_EVEN:.0%} of the brightest, found "
            f"{even:.0%}; centre the lamp and the condenser, and check that nothing covers the view"
        )


def _check_is_blank(blank: NDArray[np.float32], light: NDArray[np.float32], dirt: NDArray[np.bool_]) -> None:
    red, green, blue = (float(light[..., channel].mean()) for channel in range(3))
    if green < LEAST_GREEN * (red + blue) / 2:
        raise BadInput(
            "expected a blank field as white as the lamp, found a pink one (green is "
            f"{green / ((red + blue) / 2):.0%} of "
            "red and blue); move the tissue out of the view, or set the white balance on bare glass"
        )
    rest = (blank / np.maximum(light, 1)).mean(2)
    texture = float(rest[~dirt].std()) if not dirt.all() else 1.0
    if dirt.mean() > MOST_COVERED or texture > MOST_TEXTURE:
        raise BadInput(
            f"expected a blank field, found something in view: {dirt.mean():.1%} of it is darker than the lamp's "
            f"smooth light (at most {MOST_COVERED:.0%}), and the rest varies by {texture:.1%} (at most "
            f"{MOST_TEXTURE:.0%}); move the slide to clear glass, or clean it"
        )


def _warnings(white: list[float], cells: NDArray[np.float32], dirt: DirtMap, flicker: float) -> Iterable[str]:
    if max(white) < LOW_LEVEL:
        yield f"the blank field reads {max(white):.0f} of 255: brighter light, up to 230, lowers the noise"
    if max(white) > HIGH_LEVEL:
        yield f"the blank field reads {max(white):.0f} of 255: little is left before it clips; aim at 230"
    if max(white) > 1.3 * min(white):
        yield f"red, green and blue read {white[0]:.0f}, {white[1]:.0f}, {white[2]:.0f}: set the white balance on glass"
    even = float(cells.mean(2).min() / cells.mean(2).max())
    if even < 0.6:
        yield f"the dimmest place has {even:.0%} of the brightest's light: centre the lamp and the condenser"
    if dirt.share > 0.01:
        yield f"{dirt.specks} specks cover {dirt.share:.1%} of the view: clean sensor, objective and slide"
    if flicker > 0.01:
        yield f"the light flickers by {flicker:.1%} from frame to frame: check the lamp's supply, lock the exposure"
