"""`usb:` on a device of a real kernel: V4L2's own test driver, in a small machine under qemu.

CANCERNET_V4L2 names the folder that tests/labs/v4l2_guest.sh made; .ci/run makes one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import ROOT

FOLDER = os.environ.get("CANCERNET_V4L2", "")
LABS = ROOT / "tests" / "labs"

pytestmark = pytest.mark.skipif(not FOLDER, reason="needs qemu-system-x86_64 and CANCERNET_V4L2, see .ci/run")


@pytest.fixture(scope="module")
def told() -> dict:
    """Run tests/labs/usb_in_guest.py in the guest, and return what it tells."""
    command = ["bash", LABS / "v4l2_guest.sh", FOLDER, sys.executable, "-B", LABS / "usb_in_guest.py"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900)
    lines = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert lines, done.stdout + done.stderr
    return json.loads(lines[0].removeprefix("TOLD "))


def test_frames_come_in_rgb_with_the_kernels_clock(told: dict) -> None:
    assert told["plain"] == ["frame"] * 8
    assert told["shape"] == [180, 320, 3] and told["dtype"] == "uint8" and told["scale"] == 0.5
    magenta, red, blue, black = told["colours"][-4:]  # the last of the colour bars
    assert magenta == [*red[:1], 0, *blue[2:]] and red[1:] == [0, 0] and blue[:2] == [0, 0] and black == [0, 0, 0]
    assert np.diff(told["stamps_ms"]).min() > 0
    # the same clock; vivid stamps by its ideal period, which may lie ahead of now by a part of one
    assert abs(told["now_ms"] - told["stamps_ms"][-1]) < 60_000


def test_dropped_buffers_are_counted_from_the_timestamps(told: dict) -> None:
    assert told["dropped"] >= 1


def test_gain_is_set_with_its_automatic_off_and_locked(told: dict) -> None:
    assert told["settings"]["locked"] is False
    assert told["taken"]["gain"] == told["locked"]["gain"] == 100 and told["locked"]["locked"] is True
    assert told["taken"]["exposure_us"] is None, "this driver has no exposure"


def test_a_picture_that_stands_still_is_frozen_and_the_camera_recovers(told: dict) -> None:
    assert told["frozen"][-1] == "frozen_picture" and told["unfrozen"]


def test_an_unplugged_camera_is_lost_and_comes_back_when_it_is_plugged_in(told: dict) -> None:
    assert told["unplugged"] == ["camera_lost"] * 2 and told["plugged_in"]


def test_size_and_format_are_what_the_driver_says(told: dict) -> None:
    assert told["large"] == [720, 1280, 3]
    assert told["mjpg"] == ["frame"] * 2
    assert any("wanted format=MJPG, the driver gives BGR3" in line for line in told["mjpg_said"])
    assert any("exposure_us: wanted 5000.0, this camera has no such control" in line for line in told["mjpg_said"])
    assert told["size"].startswith("BadInput: video0: expected frames of 1234x777 px, the driver gives 1280x720")


def test_a_busy_an_absent_and_a_wrong_device_are_told_apart(told: dict) -> None:
    assert told["busy"].startswith("CameraBusy: /dev/video0: another program holds the camera")
    assert told["absent"].startswith("CameraLost: expected a camera at /dev/video7, found none; there are /dev/video0")
    assert "/dev/v4l/by-id/no-such-camera" in told["no_name"]
    assert told["file"].startswith("CameraLost: /etc/hostname: expected a video device")
