"""A virtual stage: fields cut out of a large picture, in the order in which a motor would visit them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.cameras.controls import NoControls
from edge_runtime.records import Frame

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Box:
    """A rectangle on a slide, px."""

    x: int
    """Left edge."""
    y: int
    """Top edge."""
    width: int
    """At least 1."""
    height: int
    """At least 1."""

    @property
    def slices(self) -> tuple[slice, slice]:
        """(rows, columns): what cuts the box out of an array."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


def spans(length: int, step: int, smallest: int = 1) -> list[tuple[int, int]]:
    """Return the (start, stop) that cover 0..length in steps; a rest is cut short, but never below `smallest`.

    A rest below `smallest` is moved back over its neighbour; a `length` below it is one span. All in px.
    """
    starts = range(0, length, step)
    return [(max(0, min(start, length - smallest)), min(start + step, length)) for start in starts]


def serpentine(size: tuple[int, int], field: tuple[int, int], smallest: int | tuple[int, int] = 1) -> list[Box]:
    """Return the boxes that cover a slide, row by row, every other row backwards, so that the stage never flies back.

    `size` and `field` are (height, width), px; `smallest` is as in `spans`, one value or (height, width).
    """
    lowest, narrowest = (smallest, smallest) if isinstance(smallest, int) else smallest
    columns = [(x, x1 - x) for x, x1 in spans(size[1], field[1], narrowest)]
    boxes = []
    for row, (y, y1) in enumerate(spans(size[0], field[0], lowest)):
        boxes += [Box(x, y, width, y1 - y) for x, width in (columns if row % 2 == 0 else columns[::-1])]
    return boxes


@dataclass(frozen=True)
class Slide:
    """What lies under a virtual stage."""

    rgb: NDArray[np.uint8]
    """uint8 (h, w, 3), RGB."""
    um_per_px: float
    """µm of tissue that one pixel covers."""
    name: str
    """What a person would call it."""
    origin_xy: tuple[int, int] = (0, 0)
    """Where its top-left pixel lies, in the coordinates that results are to carry."""
    has_data: NDArray[np.bool_] | None = None
    """bool (h, w), False in holes; None: no holes."""
    truth: NDArray[np.uint8] | None = None
    """uint8 (h, w), 1 where there is carcinoma; None: not known."""


class VirtualStage:
    """A camera over a slide in memory: its frames are views, nothing is copied. A field without data is skipped."""

    one_stage = True

    def __init__(self, slide: Slide, field: tuple[int, int], smallest: int = 1) -> None:
        """Take the slide and the (height, width) of a field, px; `smallest` is the shortest side of a cut one."""
        self._slide = slide
        boxes = serpentine(slide.rgb.shape[:2], field, smallest)
        holes = slide.has_data
        self.boxes = boxes if holes is None else [box for box in boxes if holes[box.slices].any()]
        self.skipped = len(boxes) - len(self.boxes)
        self.controls = NoControls()

    def frames(self) -> Iterator[Frame]:
        """Yield the fields along the path."""
        if self.skipped:
            log.info("%s: skipped %d fields without any data", self._slide.name, self.skipped)
        for index, box in enumerate(self.boxes):
            yield self._cut(index, box)

    def close(self) -> None:
        """Do nothing: the slide is memory."""

    def _cut(self, index: int, box: Box) -> Frame:
        slide = self._slide
        has_data = None if slide.has_data is None else slide.has_data[box.slices]
        return Frame(
            slide.rgb[box.slices],
            slide.um_per_px,
            index,
            f"{slide.name}#{index}",
            (slide.origin_xy[0] + box.x, slide.origin_xy[1] + box.y),
            None if has_data is None or has_data.all() else has_data,
            None if slide.truth is None else slide.truth[box.slices],
        )
