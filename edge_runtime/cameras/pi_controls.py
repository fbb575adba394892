"""Exposure, gain and white balance of a Pi camera, by libcamera's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from edge_runtime.cameras.controls import Settings


class PiControls:
    """The controls of an open Picamera2; what it works with is told by the last frame's metadata."""

    def __init__(self, device: Any, metadata: Callable[[], Mapping[str, Any]]) -> None:
        """Take the Picamera2, and what gives the metadata of a frame, a new one where there was none."""
        self._device = device
        self._metadata = metadata
        self._locked = False
        self._held = Settings()

    def read(self) -> Settings:
        """Return what the last frame was taken with."""
        told = self._metadata()
        gains = told.get("ColourGains")
        return Settings(
            told.get("ExposureTime"),
            told.get("AnalogueGain"),
            None if gains is None else (float(gains[0]), float(gains[1])),
            None,
            self._locked,
        )

    def set(self, wanted: Settings) -> Settings:
        """Set what is not None and the camera has, with its automatic off; frames on their way may not have it yet.

        The answer is what was handed to the camera; `read` after a few frames tells what it made of that.
        """
        values: dict[str, Any] = {}
        if wanted.exposure_us is not None or wanted.gain is not None:
            values["AeEnable"] = False
        if wanted.exposure_us is not None:
            values["ExposureTime"] = round(wanted.exposure_us)
        if wanted.gain is not None:
            values["AnalogueGain"] = float(wanted.gain)
        if wanted.red_blue is not None:
            values |= {"AwbEnable": False, "ColourGains": wanted.red_blue}
        taken = {name: value for name, value in values.items() if name in self._device.camera_controls}
        if taken:
            self._device.set_controls(taken)
        gains = taken.get("ColourGains")
        answer = Settings(taken.get("ExposureTime"), taken.get("AnalogueGain"), gains, None, self._locked)
        self._held = self._held.changed_by(answer)
        return answer

    def lock(self) -> Settings:
        """Hold exposure, gain and white balance as they were set, else where the automatics have brought them.

        What was set is not read from the last frame, which may have been on its way before.
        """
        now = self.read().changed_by(self._held)
        self._locked = True
        self.set(now)
        return self.read()
