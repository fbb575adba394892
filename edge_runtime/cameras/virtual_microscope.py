"""A virtual microscope: a stage that travels over a drawn slide, a lamp, a lens, and a sensor with their flaws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime import procedural
from edge_runtime.cameras.controls import NoControls
from edge_runtime.cameras.degrade import NoiseSheet, defocus, dirt_map, falloff_map, lit, smear, turned_hue
from edge_runtime.cameras.travel import View, fields, without_stop
from edge_runtime.records import Frame

CARCINOMA = procedural.TISSUES.index("carcinoma")


@dataclass(frozen=True)
class Journey:
    """How the stage travels."""

    path: str = "serpentine"
    """One of travel.PATHS."""
    speed: float = 0.0
    """µm/s; 0 stops at each field."""
    fps: float = 25.0
    """Frames a second, by the virtual clock: the frames themselves come as fast as they are asked for."""
    rounds: int = 1
    """How often it goes the whole way."""


@dataclass(frozen=True)
class Flaws:
    """What is wrong with the picture; the defaults are a perfect microscope."""

    defocus: float = 0.0
    """Sigma of the blur, µm on the slide."""
    exposure_us: float = 2000.0
    """Time that the shutter is open, µs: at 1000 µm/s a stage smears 2 µm meanwhile."""
    lamp: float = 1.0
    """Light of the lamp, 1 as it should be."""
    falloff: float = 0.0
    """Share of the light that is missing in the corners, 0..1."""
    noise: float = 0.0
    """Of the sensor, grey levels."""
    jitter: float = 0.0
    """Standard deviation of where the stage stands, µm: its mechanics, or a table that shakes."""
    dirt: int = 0
    """Specks near the sensor; they stay where they are in every frame."""
    tint: float = 0.0
    """Degrees by which every hue is turned."""


class VirtualMicroscope:
    """A camera over a drawn slide; each view is enlarged to the camera's scale, and then made as bad as asked."""

    one_stage = True

    def __init__(
        self,
        slide: procedural.ProceduralSlide,
        um_per_px: float,
        frame: tuple[int, int],
        flaws: Flaws | None = None,
        journey: Journey | None = None,
    ) -> None:
        """Take a slide, the camera's scale, the (height, width) of its frames, px, its flaws and its way."""
        self._slide = slide
        self._truth = (slide.classes == CARCINOMA).astype(np.uint8)
        self._um_per_px = um_per_px
        self._flaws = flaws or Flaws()
        self._journey = journey or Journey()
        self._enlargement = procedural.UM_PER_PX / um_per_px
        height, width = slide.rgb.shape[:2]
        self._size = int(height * self._enlargement), int(width * self._enlargement)
        self.boxes = fields(self._journey.path, self._size, frame, slide.seed)
        self._frame = self.boxes[0].height, self.boxes[0].width
        self._sheet = NoiseSheet(self._frame, self._flaws.noise, slide.seed) if self._flaws.noise else None
        self._light = self._lamp_and_dirt()
        self.controls = NoControls()

    def frames(self) -> Iterator[Frame]:
        """Yield the views along the way, with the virtual clock's time."""
        interval_ns = round(1e9 / self._journey.fps)
        for index, view in enumerate(self._views()):
            x, y = self._shaken(view, index)
            truth = self._enlarge(self._truth, x, y, cv2.INTER_NEAREST)
            yield Frame(
                self._photograph(x, y, view, index),
                self._um_per_px,
                index,
                f"synthetic:{self._slide.seed}#{index}",
                (round(view.x), round(view.y)),
                truth=truth,
                timestamp_ns=index * interval_ns,
                interval_ns=interval_ns,
            )

    def close(self) -> None:
        """Do nothing: the slide is memory."""

    def _views(self) -> Iterator[View]:
        step_px = self._journey.speed / self._journey.fps / self._um_per_px
        for _ in range(self._journey.rounds):
            yield from without_stop(self.boxes, step_px) if step_px else (View(box.x, box.y) for box in self.boxes)

    def _shaken(self, view: View, index: int) -> tuple[float, float]:
        """Return where the camera really looks: within the slide, and not quite where the stage believes it is."""
        if not self._flaws.jitter:
            return view.x, view.y
        off = np.random.default_rng([self._slide.seed, 3, index]).normal(0, self._flaws.jitter / self._um_per_px, 2)
        most_y, most_x = (length - part for length, part in zip(self._size, self._frame, strict=True))
        return float(np.clip(view.x + off[0], 0, most_x)), float(np.clip(view.y + off[1], 0, most_y))

    def _photograph(self, x: float, y: float, view: View, index: int) -> NDArray[np.uint8]:
        flaws = self._flaws
        pixels = self._enlarge(self._slide.rgb, x, y, cv2.INTER_CUBIC)
        if flaws.defocus:
            pixels = defocus(pixels, flaws.defocus, self._um_per_px)
        smear_px = self._journey.speed * flaws.exposure_us / 1e6 / self._um_per_px
        if smear_px and view.along != (0.0, 0.0):
            pixels = smear(pixels, view.along[0] * smear_px, view.along[1] * smear_px)
        if flaws.tint:
            pixels = turned_hue(pixels, flaws.tint)
        if self._light is not None:
            pixels = lit(pixels, self._light)
        return pixels if self._sheet is None else self._sheet.over(pixels, index)

    def _lamp_and_dirt(self) -> float | NDArray[np.float32] | None:
        flaws = self._flaws
        if flaws.falloff or flaws.dirt:
            light = falloff_map(self._frame, flaws.falloff)
            light *= dirt_map(self._frame, flaws.dirt, self._slide.seed)
            light *= np.float32(flaws.lamp)
            return light
        return None if flaws.lamp == 1 else flaws.lamp

    def _enlarge(self, slide: NDArray[np.uint8], x: float, y: float, method: int) -> NDArray[np.uint8]:
        """Return a frame whose corner lies at x, y (px of the camera); one call, exact below a pixel of the slide."""
        height, width = self._frame
        step = 1 / self._enlargement
        left, top = int(x * step), int(y * step)
        right, bottom = int((x + width) * step) + 3, int((y + height) * step) + 3
        left, top = max(0, left - 2), max(0, top - 2)  # what cubic interpolation sees beyond the edge
        # pixel centres: camera px i lies at (i + 0.5) * step - 0.5 px of the slide
        shift_x, shift_y = (x + 0.5) * step - 0.5 - left, (y + 0.5) * step - 0.5 - top
        matrix = np.array([[step, 0, shift_x], [0, step, shift_y]])
        part, flags = slide[top:bottom, left:right], method | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(part, matrix, (width, height), flags=flags, borderMode=_EDGE), np.uint8)


_EDGE = cv2.BORDER_REPLICATE
