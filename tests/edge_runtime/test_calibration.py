"""A calibration is a file: hashed, dated, of one camera and objective, and refused by name for any other."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.calibrate.blank import BlankField
from edge_runtime.calibrate.dirt import dirt_map
from edge_runtime.calibrate.focus import FocusBaseline, GateSharpness
from edge_runtime.calibration import (
    MICROMETER,
    STATED,
    Calibration,
    CameraId,
    Scale,
    objective_name,
    read_calibration,
    write_calibration,
)
from edge_runtime.calibration.calibration import content_hash
from edge_runtime.cameras.controls import Settings
from edge_runtime.errors import BadInput, ScaleOutOfRange

NOW = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)
CAMERA = CameraId("pi", "0", 640, 480)


def blank(made_at=""):
    shading = np.full((24, 32, 3), 200.0)
    cells = tuple(tuple(tuple(cell) for cell in row) for row in shading.tolist())
    return BlankField(made_at, 4, (200.0, 200.0, 200.0), cells, dirt_map(np.eye(48, 64, dtype=bool)), 0.5, 0.001)


def whole():
    return Calibration(
        Scale(0.39, MICROMETER, 0.001, NOW.isoformat(), "101 lines"),
        CAMERA,
        "4x",
        "field box 1",
        Settings(2000.0, 1.0, (2.0, 1.6), locked=True),
        blank(NOW.isoformat()),
        FocusBaseline(NOW.isoformat(), 1, 40, (0.05, 0.06, 0.07, 0.06), 1.0, 0.3),
    )


def test_a_file_comes_back_as_it_was(tmp_path):
    path = tmp_path / "a" / "i.json"
    write_calibration(path, whole())
    found = read_calibration(path)
    assert found == whole()
    assert found.sha256 == whole().sha256 == json.loads(path.read_text())["sha256"]
    assert np.allclose(found.blank.flat_field().gains((10, 10)), np.asarray([242, 240, 241]) / 200)


@given(st.floats(0.01, 10), st.floats(0, 1), st.text(max_size=20))
def test_any_content_has_a_hash_of_its_own(um_per_px, uncertainty, name):
    one = Calibration(Scale(um_per_px, STATED, uncertainty), CAMERA, "4x", name)
    assert one.sha256 == dataclasses.replace(one).sha256
    assert one.sha256 != dataclasses.replace(one, name=name + "x").sha256


def test_the_layout_of_the_text_does_not_matter_but_its_content_does(tmp_path):
    path = tmp_path / "i.json"
    write_calibration(path, whole())
    values = json.loads(path.read_text())
    path.write_text(json.dumps(values, sort_keys=True))
    assert read_calibration(path) == whole()
    values["scale"]["um_per_px"] = 0.4
    path.write_text(json.dumps(values))
    with pytest.raises(BadInput, match="damaged or was edited; calibrate again"):
        read_calibration(path)


def test_the_file_of_layout_1_is_still_read_and_doubted(tmp_path):
    path = tmp_path / "old.json"
    path.write_text('{"calibration_version": 1, "um_per_px": 0.39}')
    found = read_calibration(path)
    assert (found.um_per_px, found.camera, found.name) == (0.39, None, "old")
    assert "neither camera nor date" in found.check(CAMERA, NOW)[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no calibration file"),
        ("[1]", "expected JSON with calibration_version"),
        ("{}", "expected JSON with calibration_version"),
        ("\x00\xff", "no calibration file"),
        ("[" * 100_000, "no calibration file"),
        ('{"calibration_version": 3}', "expected calibration_version 2"),
        ('{"calibration_version": "2"}', "expected calibration_version 2"),
        ('{"calibration_version": 2}', "damaged or was edited"),
        ('{"calibration_version": 1}', "expected a source that says"),
        ('{"calibration_version": 1, "um_per_px": -1}', "positive number"),
    ],
)
def test_what_is_no_calibration_is_refused(tmp_path, text, message):
    path = tmp_path / "i.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match=message):
        read_calibration(path)


def test_a_file_from_before_the_gates_sharpness_keeps_its_hash(tmp_path):
    path, old = tmp_path / "i.json", whole()
    write_calibration(path, old)
    assert "of_gate" not in path.read_text() and read_calibration(path).sha256 == json.loads(path.read_text())["sha256"]
    told = dataclasses.replace(old, focus=dataclasses.replace(old.focus, of_gate=GateSharpness(0.6, 4.0, 16.0, 12)))
    write_calibration(path, told)
    assert read_calibration(path) == told and told.sha256 != old.sha256


@pytest.mark.parametrize("values", [(0.0, 4.0, 16.0, 9), (1.2, 4.0, 16.0, 9), (0.6, 16.0, 4.0, 9)])
def test_a_sharpness_that_no_gate_can_tell_is_refused(values):
    with pytest.raises(ValueError, match="expected a sharpness above 0"):
        GateSharpness(*values)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"expected a calibration file at .*No such file"):
        read_calibration(tmp_path / "none.json")


def changed(path, **values):
    """Write a file whose hash is right but whose content is not."""
    content = dataclasses.asdict(whole()) | values
    content = json.loads(json.dumps(content))
    path.write_text(json.dumps(content | {"sha256": content_hash(content)}))
    return path


@pytest.mark.parametrize(
    "values",
    [
        {"surprise": 1},
        {"scale": None},
        {"scale": {"um_per_px": 0.4, "method": "guess"}},
        {"scale": {"um_per_px": float("nan"), "method": "stated"}},
        {"camera": {"kind": "pi", "name": "", "width_px": 0, "height_px": 1}},
        {"valid_days": 0},
        {"blank": {"made_at": ""}},
        {"focus": {"made_at": "", "frames": 1, "crops": 9, "bands": [1, 2], "sharpness": 1.0, "spread": 0.1}},
        {"scale": {"um_per_px": 0.4, "method": "stated", "made_at": "yesterday"}},
    ],
)
def test_a_field_that_does_not_fit_is_refused(tmp_path, values):
    with pytest.raises(BadInput, match=r"calibrate again|positive number|1 to 3650 days"):
        read_calibration(changed(tmp_path / "i.json", **values))


@pytest.mark.parametrize(
    ("camera", "message"),
    [
        (CameraId("usb", "/dev/video0", 640, 480), "expected frames of the camera pi:0 .* found usb:/dev/video0"),
        (CameraId("pi", "1", 640, 480), "expected frames of the camera pi:0 .* found pi:1"),
        (CameraId("pi", "0", 1280, 960), "expected frames of 640x480 px, .* found 1280x960; set the camera's size"),
    ],
)
def test_another_camera_or_resolution_is_refused_by_name(camera, message):
    with pytest.raises(BadInput, match=message):
        whole().check(camera, NOW)


def test_another_objective_is_refused_by_name():
    assert whole().check(CAMERA, NOW, "4") == ()
    with pytest.raises(BadInput, match=r"expected the objective 4x .* found 10x; turn the objective back"):
        whole().check(CAMERA, NOW, "10X")


@pytest.mark.parametrize(
    ("text", "name"), [("4", "4x"), (" 4X ", "4x"), ("4.0x", "4x"), ("Plan N 4x/0.1", "plan n 4x/0.1")]
)
def test_an_objective_has_one_name(text, name):
    assert objective_name(text) == name


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, None), (29.9, None), (30.1, "expired on 2026-12-21"), (59, "expired"), (-0.5, None), (-3, "set the clock")],
)
def test_it_expires(days, said):
    warnings = whole().check(CAMERA, NOW + timedelta(days=days))
    assert [said in warning for warning in warnings] == ([] if said is None else [True])


def test_twice_its_age_is_too_old():
    with pytest.raises(BadInput, match="of the last 60 days, found 'field box 1' of 2026-11-21, 61 days old"):
        whole().check(CAMERA, NOW + timedelta(days=61))


def test_the_oldest_part_counts():
    older = dataclasses.replace(whole(), blank=blank((NOW - timedelta(days=40)).isoformat()))
    assert "expired" in older.check(CAMERA, NOW)[0]


def test_a_scale_that_is_no_number_is_no_scale():
    with pytest.raises(ScaleOutOfRange):
        Scale(float("inf"), STATED)
