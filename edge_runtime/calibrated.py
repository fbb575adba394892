"""A calibration at work: frames of another size are refused, light is made even, gates are told, drift is noticed."""

from __future__ import annotations

import dataclasses
import math

from .alarms import Alarm
from .calibration import Calibration
from .drift import Watch
from .errors import ResizedPicture
from .flat_field import GLASS_RGB
from .gates import Gatekeeper, Gates, Instrument
from .records import Field, Frame
from .results import FrameResult

SAME_VIEW = 0.01
"""Where a camera's own processor reduces its picture, whole pixels of the result leave a rest of the sensor unused: a
view is the one that was calibrated while its sides differ by no more than this share."""


class Calibrated:
    """The instrument that a run's frames come from, as its calibration knows it."""

    def __init__(self, calibration: Calibration) -> None:
        """Take a calibration that was checked against the camera, but for the size of its frames."""
        self._calibration = calibration
        self._sha256 = calibration.sha256
        self._flat_field = None if calibration.blank is None else calibration.blank.flat_field()
        self._watch = Watch(calibration)
        self._size: tuple[int, int] | None = None
        self.alarms: tuple[Alarm, ...] = ()
        """Those that stand."""

    @property
    def evens_light(self) -> bool:
        """Whether it knows the lamp, by a blank field."""
        return self._flat_field is not None

    def admit(self, frame: Frame) -> None:
        """Raise BadInput where the first frame is of another size than the calibration; ResizedPicture for a later one.

        A calibration of layout 1, which does not say its camera, takes any.
        """
        if self._calibration.camera is None:
            return
        height, width = frame.pixels.shape[:2]
        if self._size is None:
            self._calibration.check_resolution(*self._calibrated_size(frame))
            self._size = height, width
        elif self._size != (height, width):
            raise ResizedPicture(
                f"expected {self._size[1]}x{self._size[0]} px, the size that the calibration is of, found "
                f"{width}x{height}: neither scale nor light are known; give frames of one size"
            )

    def _calibrated_size(self, frame: Frame) -> tuple[int, int]:
        """Return (width, height) of what a frame shows, px of the camera's sensor where its processor reduced it."""
        height, width = frame.pixels.shape[:2]
        mine = self._calibration.camera
        if frame.sensor_px is None or mine is None:
            return width, height
        times = frame.um_per_px / self._calibration.um_per_px
        size = round(width * times), round(height * times)
        wanted = mine.width_px, mine.height_px
        same = all(math.isclose(*pair, rel_tol=SAME_VIEW) for pair in zip(size, wanted, strict=True))
        return wanted if same else size

    def evened(self, frame: Frame, field: Field) -> Field:
        """Return a frame's field under even white light; in place where its pixels are nobody else's."""
        if self._flat_field is None:
            return field
        ours = field.pixels is not frame.pixels and field.pixels is not frame.reduced
        return dataclasses.replace(field, pixels=self._flat_field.apply(field.pixels, field.pixels if ours else None))

    def watch(self, frame: Frame, field: Field) -> None:
        """Look at a new view, its light made even, for what drifts; `alarms` then says what stands."""
        self.alarms = self._watch.look(field.pixels, frame)

    def new_slide(self) -> None:
        """Begin another slide: its contrast is its own."""
        self._watch.new_slide()

    def signed(self, result: FrameResult) -> FrameResult:
        """Return a result that names the calibration, with the alarms that stand."""
        return dataclasses.replace(result, calibration_sha256=self._sha256, alarms=self.alarms)


def calibrated_gates(calibration: Calibration, gates: Gates) -> Gatekeeper:
    """Return the gates at work behind a calibrated instrument."""
    blank = calibration.blank
    return Gatekeeper(gates, instrument_of(calibration, gates), None if blank is None else blank.dirt)


def instrument_of(calibration: Calibration, gates: Gates) -> Instrument:
    """Return what a calibration tells the gates of a model."""
    blank, focus = calibration.blank, calibration.focus
    glass_level = clipped_level = sharpness = None
    if blank is not None:
        glass_level = max(GLASS_RGB)  # what the flat field brings bare glass to
        least_gain = min(glass / white for glass, white in zip(GLASS_RGB, blank.white_rgb, strict=True))
        if gates.saturation is not None and least_gain < 1:  # white that the camera clipped comes out darker
            clipped_level = gates.saturation.clipped_level * least_gain
    if focus is not None and gates.focus is not None:
        sharpness = focus.sharpness_for(gates.focus)
    return Instrument(glass_level, clipped_level, sharpness)
