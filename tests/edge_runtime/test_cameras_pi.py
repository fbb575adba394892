"""What `pi:` asks of picamera2 and makes of its answers, on a stand-in for it; test_cameras_pi_device.py is real."""

from __future__ import annotations

import contextlib
import itertools
import logging
import sys

import numpy as np
import pytest

from edge_runtime.cameras.controls import Settings
from edge_runtime.cameras.pi_formats import FORMATS
from edge_runtime.cameras.pi_geometry import plan
from edge_runtime.cameras.registry import open_camera
from edge_runtime.errors import EXIT_BAD_INPUT, BadInput, CameraBusy, CameraLost, MissingDependency, UnknownScale
from edge_runtime.records import Frame
from tests.edge_runtime.fakes import picamera2
from tests.edge_runtime.fakes.picamera2 import Request, World, scene


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setitem(sys.modules, "picamera2", picamera2.module(made))
    yield made
    assert all(device.closed for device in made.opened if device is not made.holder)
    assert Request.held == 0


def first(text: str, um_per_px: float | None = 0.4, model: float | None = 4.0) -> Frame:
    with contextlib.closing(open_camera(text, um_per_px, model)) as camera:
        frame = next(iter(camera.frames()))
    assert isinstance(frame, Frame), frame
    return frame


@pytest.mark.parametrize("padding", [0, 96])
@pytest.mark.parametrize("format_", FORMATS)
def test_both_pictures_show_the_planned_part_of_the_sensor_at_their_scales(
    world: World, format_: str, padding: int
) -> None:
    world.format, world.padding = format_, padding
    frame = first("pi:", 1.0)
    got = plan(scene().shape[:2], 1.0, 4.0)
    assert frame.um_per_px == pytest.approx(1.0, rel=0.01) and frame.pixels.shape[:2] == got.main
    assert frame.sensor_px == scene().shape[:2]
    assert frame.reduced is not None and frame.reduced.shape[:2] == got.lores
    for picture in (frame.pixels, frame.reduced):
        step_y, step_x = got.crop.height / picture.shape[0], got.crop.width / picture.shape[1]
        for row, column in itertools.product((3, picture.shape[0] // 2, -4), (3, picture.shape[1] // 2, -4)):
            row, column = row % picture.shape[0], column % picture.shape[1]
            seen = scene()[int(got.crop.y + (row + 0.5) * step_y), int(got.crop.x + (column + 0.5) * step_x)]
            assert np.abs(picture[row, column].astype(int) - seen).max() <= 5


def test_the_isp_reduces_to_the_fine_scale_that_is_asked_for(world: World) -> None:
    assert first("pi:?fine=2", 0.5).um_per_px == pytest.approx(2.0, rel=0.01)
    assert first("pi:?fine=1", 0.5).um_per_px == pytest.approx(1.0, rel=0.01)
    assert first("pi:", 0.5, None).reduced is None


def test_a_camera_that_adjusts_what_it_cannot_do_is_read_back(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.lores_size, world.format = (404, 304), "NV12"
    with caplog.at_level(logging.WARNING):
        frame = first("pi:", 1.0)
    assert frame.reduced is None and "no second picture at the model's scale" in caplog.text


def test_a_mode_of_the_sensor_that_shows_too_little_is_not_used(world: World) -> None:
    world.crop_maximum = (100, 76, 200, 150)
    frame = first("pi:", 1.0)
    assert [bool(each["raw"]) for each in world.opened[0].configured] == [False, True]
    assert frame.pixels.shape[:2] == plan(scene().shape[:2], 1.0, 4.0).main


def test_the_scale_follows_the_crop_that_the_frame_was_taken_with(world: World) -> None:
    world.crop_maximum = None
    with contextlib.closing(open_camera("pi:", 1.0, 4.0)) as camera:
        frames = camera.frames()
        whole = next(frames)
        world.holder.set["ScalerCrops"] = [(102, 76, 200, 152)] * 2
        half = next(frames)
    assert half.um_per_px == pytest.approx(whole.um_per_px / 2, rel=0.01)
    assert half.reduced is None, "it is no longer at the model's scale"


def test_timestamps_and_intervals_are_the_sensors(world: World) -> None:
    with contextlib.closing(open_camera("pi:", 1.0)) as camera:
        frames = camera.frames()
        one, other = next(frames), next(frames)
        world.frames += 3
        late = next(frames)
    assert (one.interval_ns, other.timestamp_ns - one.timestamp_ns) == (33_000_000, 33_000_000)
    assert (one.dropped, other.dropped, late.dropped) == (0, 0, 3)


def test_settings_are_set_read_and_locked(world: World) -> None:
    with contextlib.closing(open_camera("pi:?exposure_us=900&gain=2&red_blue=2.2,1.4&fps=20", 1.0)) as camera:
        next(camera.frames())
        device = world.holder
        assert device.set["ExposureTime"] == 900 and device.set["AeEnable"] is False
        assert device.set["FrameDurationLimits"] == (50_000, 50_000)
        assert camera.controls.read() == Settings(900, 2.0, (2.2, 1.4))
    with contextlib.closing(open_camera("pi:", 1.0)) as camera:
        next(camera.frames())
        assert camera.controls.lock() == Settings(1234, 1.5, (2.1, 1.7), None, True)
        assert world.holder.set["AwbEnable"] is False and world.holder.set["ExposureTime"] == 1234
        assert camera.controls.read().locked


def test_a_camera_without_such_controls_says_so(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.controls = ()
    with caplog.at_level(logging.WARNING):
        assert first("pi:?exposure_us=900", 1.0).um_per_px == pytest.approx(1.0, rel=0.01)
    assert "exposure_us: wanted 900.0, this camera has no such control" in caplog.text


def test_a_hanging_libcamera_is_flushed_closed_and_opened_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.faults = ["hang", "error"]
    monkeypatch.setattr("edge_runtime.cameras.trouble.Backoff.waits", lambda self, rng: itertools.repeat(0.0))
    with contextlib.closing(open_camera("pi:", 1.0)) as camera:
        frames = camera.frames()
        got = [next(frames) for _ in range(3)]
    assert [getattr(each, "reason", "frame") for each in got] == ["camera_hung", "camera_lost", "frame"]
    assert world.opened[0].cancelled and [device.closed for device in world.opened] == [True, True, True]


def test_a_buffer_that_is_cut_off_is_told_and_the_next_one_follows(world: World) -> None:
    with contextlib.closing(open_camera("pi:", 1.0)) as camera:
        frames = camera.frames()
        world.cut_off = True
        assert next(frames).reason == "garbled_picture"
        world.cut_off = False
        assert isinstance(next(frames), Frame) and len(world.opened) == 1


def test_an_absent_and_a_busy_camera_are_told_apart(world: World) -> None:
    with pytest.raises(CameraLost, match="pi:1: No camera number 1 found; check the ribbon cable"):
        open_camera("pi:1", 1.0)
    with contextlib.closing(open_camera("pi:", 1.0)), pytest.raises(CameraBusy, match="resource busy"):
        open_camera("pi:0", 1.0)


def test_without_picamera2_the_message_says_how_a_pi_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(MissingDependency, match=r"apt install python3-picamera2.*--system-site-packages") as caught:
        open_camera("pi:", 1.0)
    assert caught.value.exit_code == EXIT_BAD_INPUT


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pi:one", "expected the number of a camera, found 'one'"),
        ("pi:?crop=10", "crop: expected WIDTHxHEIGHT"),
        ("pi:?format=RGB", "format: expected one of BGR888, RGB888"),
        ("pi:?fps=0", "fps: expected a number above 0"),
        ("pi:?red_blue=2", "red_blue: expected two numbers with a comma, found '2'; write red_blue=2,1.6"),
        ("pi:?white_balance_k=5000", "has no option 'white_balance_k'"),
        ("pi:?timeout=soon", "timeout: expected a number above 0"),
    ],
)
def test_a_wrong_option_is_refused_before_the_camera_is_touched(world: World, text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        open_camera(text, 1.0)
    assert says in str(caught.value) and not world.opened
    with pytest.raises(UnknownScale):
        open_camera("pi:")


def test_what_was_set_is_locked_and_not_what_the_last_frame_was_taken_with(world: World) -> None:
    with contextlib.closing(open_camera("pi:", 1.0)) as camera:
        next(camera.frames())  # taken by the automatics
        camera.controls.set(Settings(900, 2.0, (2.2, 1.4)))
        camera.controls.lock()
        assert (world.holder.set["ExposureTime"], world.holder.set["AnalogueGain"]) == (900, 2.0)
        assert world.holder.set["ColourGains"] == (2.2, 1.4)
