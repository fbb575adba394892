"""A served Pi camera (a stand-in, which only one may have open) from the first start to a calibrated session."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest

from edge_runtime.cameras.degrade import falloff_map
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.live.instrument import BLANK, BUSY, DONE, SCALE_STATED, TISSUE
from edge_runtime.live.state import NEEDS_CALIBRATION, RUNNING
from edge_runtime.procedural import make_slide
from edge_runtime.session.reading import read_session
from tests.edge_runtime.fakes import picamera2
from tests.edge_runtime.fakes.picamera2 import World

from .fakes.stage import served

SENSOR = 1216, 1600
UM_PER_PX = 0.5
LIGHT = (falloff_map(SENSOR, 0.4)[..., None] * np.asarray([0.93, 0.9, 0.85])).astype(np.float32)


def lit(rgb):
    return np.asarray(cv2.multiply(np.ascontiguousarray(rgb), LIGHT, dtype=cv2.CV_8U), np.uint8)


def tissue():
    part = make_slide(0, (700, 900)).rgb[300:452, 300:500]
    return lit(cv2.resize(part, SENSOR[::-1], interpolation=cv2.INTER_CUBIC))


@pytest.fixture
def world(monkeypatch):
    made = World(picture=tissue())
    monkeypatch.setitem(sys.modules, "picamera2", picamera2.module(made))
    return made


def step(found, name, um=None):
    found.engine.take_step(name, um)
    found.until(lambda _: all(each.status != BUSY for each in found.engine.walk().steps))
    done = next(each for each in found.engine.walk().steps if each.name == name)
    assert done.status == DONE, done.message


def test_from_an_instrument_that_nobody_calibrated_to_a_session(lean, monkeypatch, world, tmp_path):
    with served(lean, monkeypatch, None, "--session", tmp_path, source="pi:") as found:
        engine = found.engine
        found.until(lambda state: state.phase == NEEDS_CALIBRATION and state.frames > 0)
        engine.begin_walk("4x")
        step(found, SCALE_STATED, UM_PER_PX)
        world.picture = lit(np.broadcast_to(np.rint(GLASS_RGB).astype(np.uint8), (*SENSOR, 3)))
        step(found, BLANK)
        world.picture = tissue()
        step(found, TISSUE)
        frames = engine.state().frames
        found.until(lambda state: state.frames > frames), "pictures go on between the steps"
        engine.apply_walk()
        found.until(lambda state: state.phase == RUNNING and state.judged > 0)
        assert engine.state().calibration.has == ("scale", "blank", "focus")
        assert world.opened[-1].set["ExposureTime"] == 1234, "the camera is set as it was calibrated"
        begun = engine.start_session("S-1", "Ada", "pictures")
        found.until(lambda state: state.recording.frames > 2)
        engine.stop_session()
    with read_session(tmp_path / begun.id) as session:
        frames = list(session.frames())
        assert frames[0].record["repeats_frame"] is None and session.calibration().um_per_px == UM_PER_PX
        numbers = [frame.index for frame in frames]
        assert numbers == sorted(set(numbers)) and numbers[0] > 0, "a busy computer leaves frames out, and says so"
        left_out = [frame.record["circumstances"]["dropped_by_queue"] for frame in frames]
        assert sum(left_out[1:]) == numbers[-1] - numbers[0] - (len(numbers) - 1)
