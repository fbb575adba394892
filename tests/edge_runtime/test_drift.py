"""The watch speaks when lamp, optics or focus go wrong, not when the tissue changes."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from edge_runtime.background import background_of
from edge_runtime.calibrate.blank import measure_blank
from edge_runtime.calibrate.focus import measure_focus
from edge_runtime.calibration import STATED, Calibration, Scale
from edge_runtime.cameras.degrade import defocus, falloff_map
from edge_runtime.cameras.stage import serpentine
from edge_runtime.drift import Limits, Watch
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame

FIELD = 200, 260
UM_PER_PX = 2.0
SIZE = 400, 520
LIGHT = (0.9 * falloff_map(SIZE, 0.3)[..., None] * np.asarray([1, 0.97, 0.93])).astype(np.float32)


@pytest.fixture(scope="module")
def fields():
    """Fields of a drawn slide, at a camera's scale, under even light."""
    slide = make_slide(0, (800, 1040)).rgb
    parts = [slide[box.slices] for box in serpentine(slide.shape[:2], FIELD, smallest=FIELD)]
    return [cv2.resize(part, SIZE[::-1], interpolation=cv2.INTER_CUBIC) for part in parts]


def lit(pixels, light=LIGHT):
    return cv2.multiply(pixels, np.asarray(light, np.float32), dtype=cv2.CV_8U)


@pytest.fixture(scope="module")
def calibration(fields):
    glass = np.rint(np.broadcast_to(np.asarray(GLASS_RGB), (*SIZE, 3))).astype(np.uint8)
    focus = measure_focus([lit(fields[n]) for n in (5, 6, 9, 10)], UM_PER_PX, "")
    return Calibration(Scale(UM_PER_PX, STATED), blank=measure_blank([lit(glass)], ""), focus=focus)


def reasons(calibration, pictures, limits=None):
    """Return the reasons that stand after the last picture, and all that ever stood."""
    watch, flat_field = Watch(calibration, limits), calibration.blank.flat_field() if calibration.blank else None
    ever: set[str] = set()
    now: tuple = ()
    for index, picture in enumerate(pictures):
        reduced = cv2.resize(picture, FIELD[::-1], interpolation=cv2.INTER_AREA)
        field = flat_field.apply(reduced) if flat_field else reduced
        now = watch.look(field, Frame(picture, UM_PER_PX, index, "test"))
        ever |= {alarm.reason for alarm in now}
    return {alarm.reason: alarm for alarm in now}, ever


def test_a_good_instrument_gives_no_alarm_over_a_whole_slide(fields, calibration):
    assert reasons(calibration, [lit(field) for field in fields * 3])[1] == set()


@pytest.mark.parametrize(
    ("level", "reason"), [(0.95, None), (0.85, "lamp_dim"), (0.5, "lamp_dim"), (1.1, "lamp_bright")]
)
def test_the_lamps_level_is_followed(fields, calibration, level, reason):
    now, _ = reasons(calibration, [lit(field, LIGHT * level) for field in fields * 2])
    assert set(now) == ({reason} if reason else set())
    if reason == "lamp_dim":
        assert now[reason].value == pytest.approx(level, abs=0.03)
        assert "expected light, as a share of that calibrated, at least 0.90, found" in now[reason].message


@pytest.mark.parametrize("tint", [(1, 1, 0.92), (1, 0.93, 1), (0.9, 1, 1)])
def test_a_colour_that_drifts_is_noticed(fields, calibration, tint):
    assert "colour_drift" in reasons(calibration, [lit(f, LIGHT * np.asarray(tint)) for f in fields * 2])[0]


def test_another_falloff_is_noticed(fields, calibration):
    other = LIGHT / falloff_map(SIZE, 0.3)[..., None] * np.linspace(1, 0.75, SIZE[1], dtype=np.float32)[None, :, None]
    glassy = [np.where((np.indices(SIZE)[0] // 40 % 2 == 0)[..., None], np.uint8(241), field) for field in fields]
    assert "uneven_light" not in reasons(calibration, [lit(field) for field in glassy])[1]
    assert "uneven_light" in reasons(calibration, [lit(field, other) for field in glassy])[0]


def test_a_field_out_of_focus_for_long_is_noticed(fields, calibration):
    blurred = [lit(defocus(field, 6, UM_PER_PX)) for field in fields * 2]
    assert set(reasons(calibration, blurred)[0]) & {"soft_focus", "condensation"}


def test_mist_that_grows_is_condensation(fields, calibration):
    shown = fields * 4
    seen = []
    for n, field in enumerate(shown):
        come = np.clip((n - 16) / 16, 0, 1)
        blurred = defocus(field, 3 * come, UM_PER_PX).astype(np.float32)
        seen.append(lit(np.rint((1 - 0.4 * come) * blurred + 0.4 * come * blurred.mean((0, 1))).astype(np.uint8)))
    limits = Limits(soft=0.0)
    assert "condensation" in reasons(calibration, seen, limits)[0]
    assert reasons(calibration, [lit(field) for field in shown], limits)[1] == set()


def test_one_bad_frame_is_no_alarm(fields, calibration):
    seen = [lit(field) for field in fields * 2]
    seen[10] = lit(defocus(fields[10], 10, UM_PER_PX), LIGHT * 0.5)
    assert reasons(calibration, seen)[1] == set()


def test_without_a_blank_field_the_lamp_is_not_watched(fields, calibration):
    blind = dataclasses.replace(calibration, blank=None)
    assert reasons(blind, [lit(field, LIGHT * 0.5) for field in fields * 2])[1] == set()


def test_a_new_slide_may_be_stained_otherwise(fields, calibration):
    watch = Watch(calibration)
    for index, field in enumerate(fields * 2):
        watch.look(field, Frame(lit(defocus(field, 6, UM_PER_PX)), UM_PER_PX, index, "a"))
    blurred = {"soft_focus", "condensation"}
    assert {alarm.reason for alarm in watch.alarms()} & blurred
    watch.new_slide()
    assert not {alarm.reason for alarm in watch.alarms()} & blurred


def test_glass_is_found_beside_tissue_and_its_level_told(fields):
    half = fields[6].copy()
    half[:, : SIZE[1] // 2] = GLASS_RGB
    found = background_of(cv2.resize(half, FIELD[::-1], interpolation=cv2.INTER_AREA))
    assert np.allclose(found.rgb, GLASS_RGB, atol=2)
    assert 0.4 < found.share < 0.6


def test_holes_of_a_stitched_slide_are_no_glass():
    field = np.random.default_rng(0).integers(100, 200, (*FIELD, 3), np.uint8)
    field[:100] = 255
    has_data = np.ones(FIELD, bool)
    has_data[:100] = False
    assert background_of(field) is not None
    assert background_of(field, has_data) is None


@pytest.mark.parametrize("field", [np.zeros((200, 260, 3), np.uint8), np.full((20, 20, 3), 240, np.uint8)])
def test_darkness_and_a_scrap_tell_nothing(field):
    assert background_of(field) is None
