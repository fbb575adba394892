"""What `pi:` asks of picamera2 and makes of its answers, on a stand-in for it; test_cameras_pi_device.py is real."""

from __future__ import annotations

import contextlib
import itertools
import logging
import sys

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge_runtime.cameras.controls import Settings
from edge_runtime.cameras.pi_formats import FORMATS, Layout, check_layout, to_rgb, yuv_matrix
from edge_runtime.cameras.pi_geometry import covers, delivered_um_per_px, even, plan
from edge_runtime.cameras.registry import open_camera
from edge_runtime.cameras.stage import Box
from edge_runtime.errors import (
    EXIT_BAD_INPUT,
    BadInput,
    CameraBusy,
    CameraFailed,
    CameraLost,
    GarbledPicture,
    MissingDependency,
    UnknownScale,
)
from edge_runtime.records import Frame
from tests.edge_runtime.fakes import picamera2
from tests.edge_runtime.fakes.picamera2 import Request, World, laid_out, scene


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


# geometry

SENSORS = st.tuples(st.integers(100, 4000), st.integers(100, 6000))


@given(SENSORS, st.floats(0.1, 6), st.floats(0.2, 4), st.floats(0.1, 3))
def test_any_plan_fits_the_sensor_and_its_pictures_are_square(
    sensor: tuple[int, int], um_per_px: float, model: float, fine: float
) -> None:
    assume(min(sensor) * um_per_px / model >= 4)
    got = plan(sensor, um_per_px, model, fine)
    assert covers(Box(0, 0, sensor[1], sensor[0]), got.crop)
    for size in filter(None, (got.main, got.lores)):
        assert all(length % 2 == 0 and length > 0 for length in size)
        assert size[0] <= got.crop.height and size[1] <= got.crop.width, "an ISP does not enlarge"
        down, across = got.crop.height / size[0], got.crop.width / size[1]
        assert abs(down / across - 1) < 2 / min(size)  # a rounding of a pixel of the sensor
    centre = got.crop.x + got.crop.width / 2, got.crop.y + got.crop.height / 2
    assert abs(centre[0] - sensor[1] / 2) <= 1 and abs(centre[1] - sensor[0] / 2) <= 1


@given(SENSORS, st.floats(0.1, 3), st.floats(0.2, 3))
def test_the_coarse_picture_is_at_the_models_scale_and_the_fine_one_a_multiple_of_it(
    sensor: tuple[int, int], um_per_px: float, fine: float
) -> None:
    assume(min(sensor) * um_per_px >= 400)
    got = plan(sensor, um_per_px, 4.0, fine)
    assert got.lores is not None
    assert delivered_um_per_px(um_per_px, got.crop, got.lores) == pytest.approx(4.0, rel=0.01)
    if got.main[0] < got.crop.height // 2 * 2:
        assert got.main[0] % got.lores[0] == 0 and got.main[0] // got.lores[0] == got.main[1] // got.lores[1] >= 2
        assert delivered_um_per_px(um_per_px, got.crop, got.main) <= max(fine, 2 * um_per_px) * 1.01
    lost = [whole - used for whole, used in zip(sensor, (got.crop.height, got.crop.width), strict=True)]
    assert max(lost) <= 2 * 4.0 / um_per_px + 1, "less than two pixels of the coarse picture are left unseen"


def test_a_high_quality_camera_behind_a_4x_objective() -> None:
    got = plan((3040, 4056), 0.39, 4.0)
    assert (got.lores, got.main) == ((296, 394), (1480, 1970))
    assert got.crop == Box(7, 2, 4041, 3036)
    assert delivered_um_per_px(0.39, got.crop, got.main) == pytest.approx(0.8, rel=1e-3)


def test_without_a_models_scale_there_is_one_picture_and_a_coarse_sensor_is_used_as_it_is() -> None:
    got = plan((1000, 1400), 0.4, None)
    assert (got.main, got.lores) == ((500, 700), None)
    got = plan((1000, 1401), 5.0, 4.0)
    assert (got.main, got.lores) == ((1000, 1400), None)


def test_a_crop_is_the_middle_of_the_sensor() -> None:
    got = plan((3040, 4056), 0.39, 4.0, crop=(1520, 2028))
    assert got.lores == (148, 196) and got.crop.width <= 2028 and got.crop.height <= 1520
    with pytest.raises(BadInput, match="a view of several px"):
        plan((3040, 4056), 0.39, 4.0, crop=(8, 8))


def test_a_distorted_picture_has_no_scale() -> None:
    with pytest.raises(CameraFailed, match="expected square pixels"):
        delivered_um_per_px(0.4, Box(0, 0, 400, 300), (300, 300))


@given(st.floats(0, 10_000))
def test_even_is_the_largest_even_number_within(length: float) -> None:
    assert even(length) % 2 == 0 and length - 2 < even(length) <= length + 1e-6


# formats


@pytest.mark.parametrize("padding", [0, 64])
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(("encoding", "full_range"), [("Rec601", True), ("Rec709", False), ("Rec709", True)])
def test_every_format_comes_back_as_rgb_whatever_the_stride(
    format_: str, padding: int, encoding: str, full_range: bool
) -> None:
    rgb = scene(90, 120)
    depth = {"B": 3, "R": 3, "X": 4}.get(format_[0], 1)
    stride = 120 * depth + padding
    buffer = laid_out(rgb, format_, stride, encoding, full_range)
    got = to_rgb(buffer, check_layout(Layout(format_, (90, 120), stride, encoding, full_range)))
    assert got.shape == rgb.shape and got.dtype == np.uint8
    worst = np.abs(got.astype(int) - rgb)[1:-1, 1:-1].max()
    assert worst <= (0 if depth > 1 else 3)


def test_a_wrong_yuv_matrix_would_be_seen() -> None:
    rgb = scene(90, 120)
    buffer = laid_out(rgb, "NV12", 120, "Rec709", True)
    for encoding, full_range in (("Rec601", True), ("Rec709", False)):
        got = to_rgb(buffer, Layout("NV12", (90, 120), 120, encoding, full_range))
        assert np.abs(got.astype(int) - rgb).max() > 8


@pytest.mark.parametrize("encoding", ["Rec601", "Rec709", "Rec2020"])
def test_black_grey_and_white_stay_what_they_are(encoding: str) -> None:
    for full_range, levels in ((True, (0, 128, 255)), (False, (16, 125.5, 235))):
        matrix = yuv_matrix(encoding, full_range)
        for level, expected in zip(levels, (0, 127.5, 255), strict=True):
            assert matrix @ [level, 128, 128, 1] == pytest.approx([expected] * 3, abs=0.6)


def test_too_few_bytes_are_a_garbled_picture_and_an_unknown_format_is_named() -> None:
    with pytest.raises(GarbledPicture, match="expected 16200 bytes of NV12, found 16199"):
        to_rgb(np.zeros(16199, np.uint8), Layout("NV12", (90, 120), 120))
    with pytest.raises(CameraFailed, match="the camera gives MJPEG"):
        check_layout(Layout("MJPEG", (90, 120), 120))
    with pytest.raises(CameraFailed, match="its colours are not known"):
        check_layout(Layout("NV12", (90, 120), 120, "Smpte240m"))


# the device


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
