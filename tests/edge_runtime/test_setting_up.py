"""A run takes up a calibration: checked before the camera is opened, the camera set as it was, and what it did said."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from edge_runtime.calibrate.blank import measure_blank
from edge_runtime.calibrate.focus import FocusBaseline, GateSharpness
from edge_runtime.calibration import STATED, Calibration, CameraId, Scale, write_calibration
from edge_runtime.cameras.controls import NoControls, Settings
from edge_runtime.contract import FocusGate
from edge_runtime.errors import BadInput, CameraLost
from edge_runtime.gates import Gates
from edge_runtime.records import Frame, LostFrame
from edge_runtime.setting_up import chosen_calibration, parts_not_used, set_as_calibrated

NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
WANTED = Settings(2000.0, 1.0, (2.0, 1.6), locked=True)
GATE = FocusGate(4.0, 16.0, 0.25, 0.45, 0.8, 2.0)


class LiveCamera:
    """A live camera whose frames on their way keep the settings before; it writes down what is asked of it."""

    live = True

    def __init__(self, most_us=1e9, locks=True, lost_from=1000):
        self.told, self.asked, self.given = Settings(100.0, 4.0, (1.0, 1.0)), [], 0
        self.most_us, self.locks, self.lost_from = most_us, locks, lost_from
        self.controls = self

    def read(self):
        self.asked.append("read")
        if self.given > self.lost_from:
            raise CameraLost("the camera is away")
        return self.told

    def set(self, wanted):
        self.asked.append("set")
        self.told = self.told.changed_by(Settings(min(wanted.exposure_us, self.most_us), wanted.gain, wanted.red_blue))
        return self.told

    def lock(self):
        self.asked.append("lock")
        self.told = self.told.changed_by(Settings(locked=self.locks))
        return self.told

    def frames(self):
        while True:
            self.given += 1
            if self.given > self.lost_from:
                yield LostFrame(self.given, "live", "camera_lost", "gone")
            yield Frame(np.zeros((4, 4, 3), np.uint8), 1.0, self.given, "live")


def calibration(settings=WANTED, blank=True, **more):
    blank_field = measure_blank([np.full((48, 64, 3), 230, np.uint8)], NOW.isoformat()) if blank else None
    scale = Scale(0.39, STATED, made_at=NOW.isoformat())
    return Calibration(scale, CameraId("pi", "", 64, 48), "4x", "box", settings, blank_field, **more)


def args(path=None, source="pi:", objective=None, camera=None):
    return argparse.Namespace(calibration=path, source=source, objective=objective, camera=camera)


@pytest.fixture
def file(tmp_path):
    write_calibration(tmp_path / "i.json", calibration())
    return tmp_path / "i.json"


def test_a_calibration_of_this_camera_is_taken_without_a_word(file):
    for source, camera in (("pi:", None), ("pi:0", None), ("folder:.", "pi:")):
        found, warnings = chosen_calibration(args(file, source, "4", camera), NOW)
        assert found == calibration() and warnings == []


@pytest.mark.parametrize(
    ("words", "days", "message"),
    [
        ({"source": "usb:/dev/video0"}, 0, "expected frames of the camera pi: .*'box' is of, found usb:/dev/video0"),
        ({"source": "pi:1"}, 0, "expected frames of the camera pi: .* found pi:1"),
        ({"source": "folder:."}, 0, "expected frames of the camera pi: .* found files:"),
        ({"objective": "10x"}, 0, "expected the objective 4x .* found 10x"),
        ({"camera": "pi"}, 0, "expected --camera KIND:NAME"),
        ({}, 61, "expected a calibration of the last 60 days"),
    ],
)
def test_one_of_another_camera_objective_or_month_is_refused_before_a_camera_is_opened(file, words, days, message):
    with pytest.raises(BadInput, match=message):
        chosen_calibration(args(file, **words), NOW + timedelta(days=days))


def test_an_old_one_is_doubted_and_so_is_one_that_does_not_say_its_objective(file):
    assert "expired" in chosen_calibration(args(file), NOW + timedelta(days=31))[1][0]
    write_calibration(file, Calibration(Scale(0.39, STATED, made_at=NOW.isoformat()), calibration().camera))
    assert "does not say its objective" in chosen_calibration(args(file, objective="4x"), NOW)[1][0]


@pytest.mark.parametrize("option", ["objective", "camera"])
def test_what_is_held_against_a_calibration_needs_one(option):
    assert chosen_calibration(args(), NOW) == (None, [])
    with pytest.raises(BadInput, match=f"expected --calibration FILE beside --{option}"):
        chosen_calibration(args(**{option: "4x"}), NOW)


def test_the_camera_is_set_frames_on_their_way_are_passed_over_then_it_is_locked():
    camera = LiveCamera()
    assert set_as_calibrated(camera, calibration(), "pi:") == []
    assert camera.asked == ["set", "lock", "read"] and camera.told == WANTED and camera.given > 4


def test_what_the_camera_could_not_do_is_said():
    said = set_as_calibrated(LiveCamera(most_us=500, locks=False), calibration(), "pi:")
    assert said[0] == "exposure_us: wanted 2000.0, the camera took 500" and "automatics are off" in said[1]


def test_other_settings_in_the_source_give_way_and_that_is_said():
    assert "whose are taken" in set_as_calibrated(LiveCamera(), calibration(), "pi:?exposure_us=900")[0]
    assert set_as_calibrated(LiveCamera(), calibration(), "pi:?exposure_us=2000") == []


def test_a_camera_that_is_lost_meanwhile_does_not_keep_a_run_from_starting():
    camera = LiveCamera(lost_from=2)
    assert "could not be read back" in set_as_calibrated(camera, calibration(), "pi:")[0]
    assert camera.given == 3, "what is lost is the run's to report"


def test_a_blank_field_without_settings_is_doubted_where_automatics_go_on():
    assert "automatics go on" in set_as_calibrated(LiveCamera(), calibration(None), "pi:")[0]
    assert set_as_calibrated(LiveCamera(), calibration(None, blank=False), "pi:") == []
    still = argparse.Namespace(controls=NoControls())
    assert set_as_calibrated(still, calibration(None), "synthetic:") == []


def test_nothing_is_set_of_pictures():
    assert set_as_calibrated(argparse.Namespace(controls=None), calibration(), "folder:.") == []


def test_a_focus_baseline_of_another_measure_is_doubted_where_it_could_count():
    focus = FocusBaseline("", 1, 40, (0.1,) * 4, 1.0, 0.1)
    told = FocusBaseline("", 1, 40, (0.1,) * 4, 1.0, 0.1, GateSharpness(0.6, 4.0, 16.0, 9))
    assert "not in the measure" in parts_not_used(calibration(focus=focus), Gates(focus=GATE))[0]
    assert parts_not_used(calibration(focus=told), Gates(focus=GATE)) == []
    assert parts_not_used(calibration(focus=focus), Gates()) == []
    assert parts_not_used(calibration(), Gates(focus=GATE)) == []
    coarse = Calibration(Scale(3.0, STATED), calibration().camera, focus=focus)
    assert parts_not_used(coarse, Gates(focus=GATE)) == []
