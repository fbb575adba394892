"""What `usb:` says and sets, on a stand-in for a UVC camera; test_cameras_usb_device.py is a real kernel's device."""

from __future__ import annotations

import contextlib
import errno
import itertools
import logging
import os
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.cameras import v4l2_controls as names
from edge_runtime.cameras.controls import Settings
from edge_runtime.cameras.registry import open_camera
from edge_runtime.cameras.v4l2 import _CAPABILITY, check_device, find_device
from edge_runtime.cameras.v4l2_controls import V4l2Controls
from edge_runtime.errors import BadInput, CameraBusy, CameraFailed, CameraLost, UnknownScale
from edge_runtime.records import Frame
from tests.edge_runtime.fakes.video_device import Driver, plug_in


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    monkeypatch.setattr("edge_runtime.cameras.trouble.Backoff.waits", lambda self, rng: itertools.repeat(0.0))
    made = plug_in(monkeypatch)
    yield made
    assert not any(capture.open for capture in made.captures)


def reasons(text: str, count: int) -> list[str]:
    with contextlib.closing(open_camera(text, 0.5)) as camera:
        return [getattr(each, "reason", "frame") for each in itertools.islice(camera.frames(), count)]


def test_frames_come_in_rgb_with_the_kernels_time(driver: Driver) -> None:
    with contextlib.closing(open_camera("usb:0", 0.5)) as camera:
        frames = list(itertools.islice(camera.frames(), 3))
    assert [frame.timestamp_ns for frame in frames] == [40_000_000, 80_000_000, 120_000_000]
    assert frames[0].pixels.shape == (480, 640, 3) and frames[0].source == "usb:0#0"
    assert np.abs(frames[0].pixels.mean((0, 1)) - (205.5, 95.5, 45.5)).max() < 1


def test_grey_cameras_fill_all_three_channels(driver: Driver) -> None:
    driver.grey = True
    with contextlib.closing(open_camera("usb:0", 0.5)) as camera:
        pixels = next(iter(camera.frames())).pixels
    assert np.array_equal(pixels[..., 0], pixels[..., 2]) and pixels.shape == (480, 640, 3)


def test_size_and_format_are_read_back_and_a_difference_is_said(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        assert reasons("usb:0?size=320x240&format=MJPG&fps=60", 1) == ["frame"]
    assert "320x240 px, MJPG, 25 frames a second" in caplog.text
    assert "wanted fps=60, the driver gives 25" in caplog.text and "wanted format" not in caplog.text
    with caplog.at_level(logging.WARNING):
        assert reasons("usb:0?format=NV12", 1) == ["frame"]
    assert "wanted format=NV12, the driver gives YUYV" in caplog.text


def test_another_size_than_the_one_asked_for_is_refused_because_of_the_scale(driver: Driver) -> None:
    with pytest.raises(BadInput, match="expected frames of 1920x1080 px, the driver gives 640x480; write size=640x480"):
        open_camera("usb:0?size=1920x1080", 0.5)


def test_exposure_gain_and_white_balance_are_set_with_their_automatics_off(driver: Driver) -> None:
    assert reasons("usb:0?exposure_us=2000&gain=10&white_balance_k=5000", 1) == ["frame"]
    assert driver.values == {
        names.AUTO_EXPOSURE: 1,
        names.EXPOSURE: 20,
        names.EXPOSURE_SLOWS: 0,
        names.GAIN: 10,
        names.AUTO_WHITE: 0,
        names.WHITE_K: 5000,
    }


def test_a_value_out_of_range_and_a_control_that_is_missing_are_said(
    driver: Driver, caplog: pytest.LogCaptureFixture
) -> None:
    del driver.ranges[names.GAIN]
    with caplog.at_level(logging.WARNING):
        reasons("usb:0?exposure_us=2000000&gain=10", 1)
    assert "exposure_us: wanted 2000000.0, the camera took 500000.0" in caplog.text
    assert "gain: wanted 10.0, this camera has no such control" in caplog.text


def test_locking_holds_what_the_automatics_had_come_to(driver: Driver) -> None:
    controls = V4l2Controls(driver.ask)
    assert controls.read() == Settings(15_600, 20, None, 4600)
    assert controls.lock() == Settings(15_600, 20, None, 4600, True)
    assert driver.values[names.AUTO_EXPOSURE] == 1 and driver.values[names.AUTO_WHITE] == 0


def test_a_device_without_any_control_is_as_locked_as_can_be(driver: Driver) -> None:
    driver.ranges.clear()
    assert V4l2Controls(driver.ask).lock() == Settings(locked=True)


def test_controls_of_a_device_that_went_away_are_a_lost_camera(driver: Driver) -> None:
    controls = V4l2Controls(driver.ask)
    driver.present = False
    with pytest.raises(CameraLost, match="went away"):
        controls.read()


def test_an_unplugged_camera_and_a_broken_picture_are_told_apart_and_the_camera_comes_back(driver: Driver) -> None:
    with contextlib.closing(open_camera("usb:0", 0.5)) as camera:
        frames = camera.frames()
        assert isinstance(next(frames), Frame)
        driver.present = False
        assert next(frames).reason == "camera_lost"
        driver.present = True
        assert isinstance(next(frames), Frame)
        driver.broken = True
        assert next(frames).reason == "garbled_picture"
        driver.broken = False
        assert isinstance(next(frames), Frame)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("usb:", "expected a device after usb:, found none"),
        ("usb:0?format=JPEG", "format: expected one of MJPG, YUYV"),
        ("usb:0?size=big", "size: expected WIDTHxHEIGHT"),
        ("usb:0?gain=-1", "gain: expected a number above 0"),
        ("usb:0?tries=some", "tries: expected a whole number from 0 on"),
    ],
)
def test_a_wrong_option_is_refused_before_the_device_is_touched(driver: Driver, text: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        open_camera(text, 0.5)
    assert says in str(caught.value) and not driver.captures
    with pytest.raises(UnknownScale):
        open_camera("usb:0")


# what Linux says of a device


def test_a_device_is_found_by_number_path_and_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_runtime.cameras.v4l2.DEVICES", tmp_path)
    monkeypatch.setattr("edge_runtime.cameras.v4l2.BY_ID", tmp_path / "by-id")
    with pytest.raises(CameraLost, match="no camera is connected"):
        find_device("0")
    (tmp_path / "video0").touch()
    (tmp_path / "by-id").mkdir()
    (tmp_path / "by-id" / "usb-Scope-video-index0").symlink_to(tmp_path / "video0")
    for name in ("0", str(tmp_path / "video0"), "usb-Scope-video-index0"):
        assert find_device(name) == tmp_path / "video0"
    with pytest.raises(CameraLost, match="there are usb-Scope-video-index0"):
        find_device("usb-Other")


@pytest.mark.parametrize(
    ("number", "error", "says"),
    [
        (errno.EBUSY, CameraBusy, "another program holds the camera"),
        (errno.EACCES, CameraFailed, "add the user to the group video"),
        (errno.ENODEV, CameraLost, "the camera went away"),
        (errno.ENOTTY, CameraLost, "expected a video device, found something else"),
    ],
)
def test_what_the_kernel_refuses_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, error: type[CameraFailed], says: str
) -> None:
    def refuse(*_: object) -> bytes:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("fcntl.ioctl", refuse)
    path = tmp_path / "video0"
    path.touch()
    with pytest.raises(error, match=says):
        check_device(path)


def test_a_device_that_takes_no_pictures_is_no_camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "video1"
    path.touch()
    for capabilities, fits in ((0x05200001, True), (0x04A00000, False)):  # a UVC camera, and its node of metadata
        answer = _CAPABILITY.pack(b"uvcvideo", b"Scope\0", b"usb", 1, 0x85A00001, capabilities)
        monkeypatch.setattr("fcntl.ioctl", lambda *_, answer=answer: answer)
        if fits:
            assert check_device(path) == "Scope"
        else:
            with pytest.raises(CameraLost, match="found a device that takes no pictures"):
                check_device(path)
