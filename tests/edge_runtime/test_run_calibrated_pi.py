"""From the first step of a calibration to a record, behind a Pi camera (a stand-in) whose ISP reduces its picture."""

from __future__ import annotations

import json
import sys

import cv2
import numpy as np
import pytest

from edge_runtime.calibration import read_calibration
from edge_runtime.cameras.degrade import falloff_map
from edge_runtime.cli import main
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.procedural import make_slide
from tests.edge_runtime.fakes import picamera2
from tests.edge_runtime.fakes.picamera2 import World

SENSOR = 1216, 1600
UM_PER_PX = 0.5
LIGHT = (falloff_map(SENSOR, 0.4)[..., None] * np.asarray([0.93, 0.9, 0.85])).astype(np.float32)


def lit(rgb):
    return np.asarray(cv2.multiply(np.ascontiguousarray(rgb), LIGHT, dtype=cv2.CV_8U), np.uint8)


@pytest.fixture
def world(monkeypatch, tmp_path):
    """A Pi camera over tissue, calibrated under its own lamp; `world.picture` is what lies under it."""
    made = World(picture=lit(np.broadcast_to(np.rint(GLASS_RGB).astype(np.uint8), (*SENSOR, 3))))
    monkeypatch.setitem(sys.modules, "picamera2", picamera2.module(made))
    words = ["--um-per-px", str(UM_PER_PX), "--objective", "4x", "--out", str(tmp_path / "i.json")]
    assert main(["calibrate", "pi:", *words, "--blank", "--average", "2"]) == 0
    part = make_slide(0, (700, 900)).rgb[300:452, 300:500]
    made.picture = lit(cv2.resize(part, SENSOR[::-1], interpolation=cv2.INTER_CUBIC))
    assert main(["calibrate", "pi:", "--out", str(tmp_path / "i.json"), "--tissue", "--average", "2"]) == 0
    return made


def run(command, tmp_path, *words):
    code, out, err = command(main, "run", "pi:", "--calibration", tmp_path / "i.json", *words)
    return code, [json.loads(line) for line in out.splitlines()], err


def test_the_calibrated_sensor_is_known_again_though_its_frames_are_smaller_and_the_isps_picture_is_judged(
    world, command, tmp_path
):
    found = read_calibration(tmp_path / "i.json")
    assert (found.camera.width_px, found.camera.height_px) == (1600, 1216)
    assert found.settings.exposure_us == 1234 and found.focus.of_gate is not None
    code, records, err = run(command, tmp_path, "--frames", 2, "--objective", "4")
    assert code == 0 and "WARNING" not in err
    assert records[0]["size_px"] == [760, 1000] and records[0]["um_per_px"] == pytest.approx(0.8, rel=0.01)
    assert records[0]["calibration_sha256"] == found.sha256
    assert sum("probability" in tile for tile in records[0]["tiles"]) > 6
    assert world.opened[-1].set["ExposureTime"] == 1234 and world.opened[-1].set["AeEnable"] is False
    assert world.opened[-1].configured[-1]["lores"]["size"] == (400, 304)


def test_a_camera_that_no_longer_takes_its_settings_is_warned_of(world, command, tmp_path):
    world.controls = tuple(name for name in world.controls if name != "ExposureTime")
    found = json.loads((tmp_path / "i.json").read_text())
    assert found["settings"]["exposure_us"] == 1234
    world.exposure_us = 5000
    code, records, err = run(command, tmp_path, "--frames", 1)
    assert code == 0 and "exposure_us: wanted 1234" in err and records


def test_half_of_the_sensor_is_not_what_was_calibrated(world, command, tmp_path):
    code, out, err = command(main, "run", "pi:?crop=800x608", "--calibration", tmp_path / "i.json")
    assert code == 2 and out == "" and "expected frames of 1600x1216 px, the resolution" in err
