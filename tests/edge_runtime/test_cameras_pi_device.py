"""`pi:` with the real picamera2 and libcamera, on libcamera's virtual camera.

CANCERNET_PICAMERA2 names a root with both, and with /venv, in which Python finds OpenCV and tqdm; .ci/run makes one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import ROOT

FOLDER = Path(os.environ.get("CANCERNET_PICAMERA2", ""))

pytestmark = pytest.mark.skipif(
    not os.environ.get("CANCERNET_PICAMERA2"), reason="needs root and CANCERNET_PICAMERA2, see .ci/run"
)


def ask(*frames: str) -> dict:
    """Run tests/labs/pi_in_root.py in the root, over frames of this kind, and return what it tells."""
    subprocess.run(
        [sys.executable, ROOT / "tests" / "labs" / "write_frames.py", FOLDER / "frames", *frames], check=True
    )
    project = FOLDER / "project"
    shutil.rmtree(project, ignore_errors=True)
    for name in ("edge_runtime", "tests/labs"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__", "models"))
    preload = ["LD_PRELOAD=/lab/udmabuf_shim.so", "PYTHONPATH=/lab"]  # for kernels without udmabuf; a Pi's own module
    command = ["chroot", FOLDER, "env", *preload, "/venv/bin/python", "/project/tests/labs/pi_in_root.py", *frames]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    lines = [line for line in done.stdout.splitlines() if line.startswith("TOLD ")]
    assert lines, done.stdout + done.stderr
    return json.loads(lines[0].removeprefix("TOLD "))


@pytest.fixture(scope="module")
def told() -> dict:
    return ask()


def test_frames_come_with_the_sensors_timestamps(told: dict) -> None:
    assert told["shape"] == [720, 1280, 3] and told["dtype"] == "uint8" and told["scale"] == 0.5
    assert len(told["stamps_ns"]) == 8 and np.diff(told["stamps_ns"]).min() > 0
    assert set(told["reasons"]) <= {"frozen_picture"}, "the same JPEG may come twice, and nothing worse"


def test_what_the_camera_adjusted_was_read_back_and_is_shown_in_rgb(told: dict) -> None:
    assert any("1280x720 px, NV12" in line for line in told["said"]), "it gives NV12 whatever is asked for"
    red, green, blue = np.array(told["along_x"], float).T
    assert np.all(np.diff(red) > 5) and np.ptp(green) < 20 and np.all(np.diff(blue) < 0)
    red, green, blue = np.array(told["along_y"], float).T
    assert np.ptp(red) < 20 and np.all(np.diff(green) > 5) and np.all(np.diff(blue) < 0)


def test_a_control_that_the_camera_lacks_is_said_and_locking_does_no_harm(told: dict) -> None:
    assert any("exposure_us: wanted 900.0, this camera has no such control" in line for line in told["said"])
    assert told["locked"] is True


def test_a_busy_and_an_absent_camera_are_told_apart_and_a_closed_one_opens_again(told: dict) -> None:
    assert told["busy"].startswith("CameraBusy: pi:0: another program holds the camera")
    assert told["absent"].startswith("CameraLost: pi:1: No camera number 1 found")
    assert told["again"] == "opened"


def test_a_camera_that_shows_one_picture_for_ever_is_frozen() -> None:
    told = ask("still")
    assert len(told["stamps_ns"]) == 1 and set(told["reasons"]) == {"frozen_picture"}
