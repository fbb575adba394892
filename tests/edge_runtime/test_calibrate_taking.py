"""Frames for a step: a live camera settles, is locked, and keeps what the calibration was made with."""

from __future__ import annotations

import numpy as np
import pytest

from edge_runtime.calibrate import taking
from edge_runtime.calibrate.taking import camera_id, view
from edge_runtime.cameras.controls import Settings
from edge_runtime.errors import BadInput, UnknownScale
from edge_runtime.records import Frame, LostFrame


class LiveCamera:
    """A camera whose automatics move until they are locked; it writes down what is asked of it."""

    def __init__(self, lost=0):
        self.settings = Settings(100.0, 1.0)
        self.asked, self.closed, self.lost = [], False, lost
        self.um_per_px, self.sensor_px, self.delay = 1.0, None, 0

    @property
    def controls(self):
        return self

    def read(self):
        return self.settings

    def set(self, wanted):
        self.asked.append(("set", wanted))
        self.settings = self.settings.changed_by(wanted)
        return self.settings

    def lock(self):
        self.asked.append(("lock", self.settings.exposure_us))
        self.settings = self.settings.changed_by(Settings(locked=True))
        return self.settings

    def frames(self):
        for index in range(1000):
            if index < self.lost:
                yield LostFrame(index, "live", "camera_hung", "no frame")
                continue
            if not self.settings.locked:
                self.settings = Settings(self.settings.exposure_us + 10, 1.0)
            level = int(min(255, self.settings.exposure_us)) if index >= self.delay else 7
            pixels = np.full((48, 64, 3), level, np.uint8)
            yield Frame(pixels, self.um_per_px, index, "live", sensor_px=self.sensor_px)

    def close(self):
        self.closed = True


@pytest.fixture
def live(monkeypatch):
    """Open this camera for every source; it insists on a scale, as real ones do."""
    camera = LiveCamera()

    def opened(source, um_per_px=None):
        if um_per_px is None:
            raise UnknownScale("expected a scale")
        return camera

    monkeypatch.setattr(taking, "open_camera", opened)
    return camera


def test_a_live_camera_settles_and_is_locked_before_frames_count(live):
    with view("usb:/dev/video0", 3) as seen:
        levels = {int(picture.mean()) for picture in seen.pictures}
    assert live.asked == [("lock", 210.0)]
    assert levels == {210}
    assert seen.settings == Settings(210.0, 1.0, locked=True)
    assert (seen.camera.kind, seen.camera.name, seen.camera.width_px) == ("usb", "/dev/video0", 64)
    assert live.closed


def test_what_the_blank_field_was_taken_with_is_set_again(live):
    with view("usb:/dev/video0", 2, Settings(150.0, 2.0, locked=True)) as seen:
        assert {int(picture.mean()) for picture in seen.pictures} == {150}
    assert live.asked[0] == ("set", Settings(150.0, 2.0, locked=True))


def test_frames_on_their_way_while_settings_are_set_do_not_count(live):
    live.delay = 4
    with view("usb:/dev/video0", 2, Settings(150.0, 2.0, locked=True)) as seen:
        assert {int(picture.mean()) for picture in seen.pictures} == {150}


@pytest.mark.parametrize(("source", "um_per_px", "refused"), [("pi:", 1.0, False), ("pi:?um_per_px=0.4", 0.8, True)])
def test_a_picture_that_the_camera_reduced_does_not_tell_the_scale_of_its_sensor(live, source, um_per_px, refused):
    live.um_per_px, live.sensor_px = um_per_px, (96, 128)
    if refused:
        with pytest.raises(BadInput, match="found a picture that the camera reduced 2 times"), view(source, 1):
            pass
        assert live.closed
    else:
        with view(source, 1) as seen:
            assert seen.camera.kind == "pi"


def test_frames_that_are_lost_are_passed_over_but_not_for_ever(live):
    live.lost = 15
    with view("usb:/dev/video0", 1) as seen:
        assert len(list(seen.pictures)) == 1
    live.lost, live.settings = 500, Settings(100.0)
    with pytest.raises(BadInput, match="found 21 that could not be read"), view("usb:/dev/video0", 1):
        pass
    assert live.closed


@pytest.mark.parametrize(
    ("source", "called", "expected"),
    [
        ("pi:", None, ("pi", "")),
        ("pi:0", None, ("pi", "")),
        ("pi:1", None, ("pi", "1")),
        ("usb:/dev/video2", None, ("usb", "/dev/video2")),
        ("synthetic:?seed=3", None, ("synthetic", "")),
        ("folder:.", None, ("files", "")),
        ("folder:.", "pi:imx477", ("pi", "imx477")),
    ],
)
def test_a_camera_is_known_by_its_kind_and_name(source, called, expected):
    found = camera_id(source, (48, 64), called)
    assert (found.kind, found.name) == expected
    assert (found.height_px, found.width_px) == (48, 64)
