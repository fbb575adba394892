"""Notice what goes wrong with an instrument while it works: lamp, colour, optics, focus, condensation.

Each frame gives a few numbers; medians over the last looks are held against the calibration.
No alarm rests on one frame.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .alarms import COLOUR_DRIFT, CONDENSATION, LAMP_BRIGHT, LAMP_DIM, SOFT_FOCUS, UNEVEN_LIGHT, Alarm
from .background import CELLS, Background, background_of
from .calibrate.focus import sharpness
from .calibration import Calibration
from .flat_field import GLASS_RGB
from .records import Frame
from .texture import LEAST_CONTRAST, bands, spread_centres

_LEAST_CELLS = 0.4
"""Share of the view's parts that must have shown glass before its light is called uneven."""


@dataclass(frozen=True)
class Limits:
    """When an alarm is raised. Chosen on training and validation slides: docs/calibration.md."""

    dim: float = 0.9
    """Light over that calibrated; the gates count on 0.8."""
    bright: float = 1.05
    """Above it, glass clips."""
    colour: float = 0.04
    """Change of red or blue over green."""
    uneven: float = 0.1
    """Difference between the parts of the view, over their mean."""
    soft: float = 0.57
    """Sharpness over the baseline: 0.8 octaves, three times what slides differ."""
    hazy: float = 0.8
    """Contrast over that at the start of the slide, while sharpness falls too."""
    hazy_sharpness: float = 0.85
    """Sharpness over that at the start of the slide."""
    backgrounds: int = 12
    """Looks at the lamp that the last word is the median of."""
    least_backgrounds: int = 4
    """Fewer say nothing."""
    textures: int = 6
    """Looks at the detail that count, and so many at the start."""
    every: int = 2
    """Detail is looked at in one frame of so many."""
    crops: int = 12
    """Places of a frame that are looked at for it."""


class Watch:
    """Looks at every frame of a run; keeps a few numbers of the last ones."""

    def __init__(self, calibration: Calibration, limits: Limits | None = None) -> None:
        """Take what the instrument was like; without a blank field the lamp is not watched, nor focus without one."""
        self._limits = limits or Limits()
        self._lit = calibration.blank is not None
        self._sharp = None if calibration.focus is None else calibration.focus.sharpness
        self._backgrounds: deque[Background] = deque(maxlen=self._limits.backgrounds)
        self._cells = np.zeros((2, *CELLS))
        self._textures: deque[tuple[float, float]] = deque(maxlen=self._limits.textures)
        self._start: list[tuple[float, float]] = []
        self._looks = 0

    def new_slide(self) -> None:
        """Forget the contrast of the slide before: the next may be stained otherwise."""
        self._start.clear()
        self._textures.clear()

    def look(self, field: NDArray[np.uint8], frame: Frame) -> tuple[Alarm, ...]:
        """Return the alarms that stand after this frame.

        `field` is it at the model's scale, uint8 (h, w, 3), RGB, its light made even by the blank field. Detail is
        measured on the frame's own pixels. Looking at one view again and again says nothing new: leave those out.
        """
        if self._lit and (background := background_of(field, frame.has_data)) is not None:
            self._backgrounds.append(background)
            self._add_cells(background.cells / background.rgb[1])
        if self._looks % self._limits.every == 0:
            self._add_texture(frame)
        self._looks += 1
        return self.alarms()

    def alarms(self) -> tuple[Alarm, ...]:
        """Return the alarms that stand, by what was seen so far."""
        return tuple(alarm for alarm in (*self._of_lamp(), self._of_evenness(), *self._of_texture()) if alarm)

    def _add_cells(self, cells: NDArray[np.float32]) -> None:
        seen = np.isfinite(cells)
        fade = 1 - 1 / (2 * self._limits.backgrounds)
        self._cells[:, seen] *= fade
        self._cells[0][seen] += cells[seen]
        self._cells[1][seen] += 1

    def _add_texture(self, frame: Frame) -> None:
        centres = spread_centres(frame.pixels.shape[0], frame.pixels.shape[1], self._limits.crops)
        if frame.has_data is not None:
            centres = centres[frame.has_data[centres[:, 1], centres[:, 0]]]
        found = bands(frame.pixels, frame.um_per_px, centres) if len(centres) else np.zeros((0, 4), np.float32)
        tissue = found[found[:, -1] >= LEAST_CONTRAST]
        if len(tissue) < max(2, self._limits.crops // 3):
            return
        seen = float(np.median(sharpness(tissue))), float(np.median(tissue[:, -1]))
        self._textures.append(seen)
        if len(self._start) < self._limits.textures:
            self._start.append(seen)

    def _of_lamp(self) -> list[Alarm]:
        limits = self._limits
        if len(self._backgrounds) < limits.least_backgrounds:
            return []
        levels = np.asarray([each.rgb for each in self._backgrounds]) / GLASS_RGB
        brighter = levels[levels[:, 1] >= np.median(levels[:, 1])]  # what is dimmer was no glass, but pale tissue
        red, green, blue = np.median(brighter, 0)
        drift = max(abs(red / green - 1), abs(blue / green - 1))
        found = []
        if green < limits.dim:
            found.append(Alarm(LAMP_DIM, float(green), limits.dim))
        if green > limits.bright:
            found.append(Alarm(LAMP_BRIGHT, float(green), limits.bright))
        if drift > limits.colour:
            found.append(Alarm(COLOUR_DRIFT, float(drift), limits.colour))
        return found

    def _of_evenness(self) -> Alarm | None:
        seen = self._cells[1] >= self._limits.least_backgrounds / 2
        if seen.mean() < _LEAST_CELLS:
            return None
        levels = self._cells[0][seen] / self._cells[1][seen]
        low, high = np.quantile(levels, [0.1, 0.9])
        value = float((high - low) / levels.mean())
        return Alarm(UNEVEN_LIGHT, value, self._limits.uneven) if value > self._limits.uneven else None

    def _of_texture(self) -> list[Alarm]:
        limits = self._limits
        if len(self._textures) < limits.textures:
            return []
        sharp, contrast = np.median(np.asarray(self._textures), 0)
        first_sharp, first_contrast = np.median(np.asarray(self._start), 0)
        if contrast < limits.hazy * first_contrast and sharp < limits.hazy_sharpness * first_sharp:
            return [Alarm(CONDENSATION, float(contrast / first_contrast), limits.hazy)]
        if self._sharp is not None and sharp < limits.soft * self._sharp:
            return [Alarm(SOFT_FOCUS, float(sharp / self._sharp), limits.soft)]
        return []
