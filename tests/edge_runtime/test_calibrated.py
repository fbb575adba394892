"""A calibration at work in the pipeline: sizes, even light, what the gates are told, dirt, alarms."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from edge_runtime.alarms import LAMP_DIM
from edge_runtime.calibrate.blank import measure_blank
from edge_runtime.calibrate.focus import FocusBaseline, GateSharpness
from edge_runtime.calibrated import Calibrated, calibrated_gates, instrument_of
from edge_runtime.calibration import STATED, Calibration, CameraId, Scale
from edge_runtime.cameras.degrade import dirt_map, falloff_map
from edge_runtime.errors import BadInput
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.gates import Gates, gates_of
from edge_runtime.network import Network
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame, LostFrame

UM_PER_PX = 2.0
SIZE = 400, 600
LIGHT = (falloff_map(SIZE, 0.5)[..., None] * np.asarray([0.95, 0.88, 0.82])).astype(np.float32)


def lit(pixels, light=LIGHT):
    return np.asarray(cv2.multiply(pixels, np.asarray(light, np.float32), dtype=cv2.CV_8U), np.uint8)


def glass(size=SIZE):
    return np.broadcast_to(np.rint(GLASS_RGB).astype(np.uint8), (*size, 3)).copy()


def calibration(light=LIGHT, size=SIZE, **more):
    camera = CameraId("pi", "", size[1], size[0])
    return Calibration(
        Scale(UM_PER_PX, STATED), camera, "4x", "box", blank=measure_blank([lit(glass(), light)], ""), **more
    )


def focus(sharpness=0.6, near_um=4.0, far_um=16.0):
    return FocusBaseline("", 1, 40, (0.1,) * 4, 1.0, 0.1, GateSharpness(sharpness, near_um, far_um, 9))


@pytest.fixture(scope="module")
def network(lean):
    return Network(lean)


@pytest.fixture(scope="module")
def fields():
    """Fields of a drawn slide at the camera's scale, under even white light."""
    slide = make_slide(0, (800, 900)).rgb
    parts = [slide[y : y + 200, x : x + 300] for y in (0, 200, 400, 600) for x in (0, 300, 600)]
    return [cv2.resize(part, SIZE[::-1], interpolation=cv2.INTER_CUBIC) for part in parts]


@pytest.fixture
def pipeline(lean, network):
    """Make a pipeline behind an instrument with a calibration, or without one."""

    def make(found=None, **more):
        if found is None:
            return Pipeline(lean, network, **more)
        keeper = calibrated_gates(found, gates_of(lean.contract))
        return Pipeline(lean, network, use_gates=keeper, calibrated=Calibrated(found), **more)

    return make


def frame(pixels, index=0, **more):
    return Frame(pixels, UM_PER_PX, index, f"test#{index}", **more)


def probabilities(results):
    return np.array([np.nan if t.probability is None else t.probability for r in results for t in r.tiles])


def test_what_a_vignette_and_a_tint_take_comes_back_with_the_calibration(pipeline, fields):
    even, refusing, judging, at_work = pipeline(), pipeline(), pipeline(use_gates=False), pipeline(calibration())
    true = probabilities([even.judge(frame(field)) for field in fields])
    refused, without, found = (
        probabilities([made.judge(frame(lit(field))) for field in fields])[np.isfinite(true)]
        for made in (refusing, judging, at_work)
    )
    true = true[np.isfinite(true)]
    assert np.isfinite(found).mean() > 0.97 > 0.9 > np.isfinite(refused).mean()
    assert 3 * np.nanmean(np.abs(found - true)) < np.mean(np.abs(without - true))


def test_a_first_frame_of_another_resolution_is_refused_by_name(pipeline, fields):
    with pytest.raises(BadInput, match=r"expected frames of 600x400 px, .* 'box' is of, found 300x200"):
        pipeline(calibration()).judge(frame(fields[0][:200, :300]))


def test_a_later_frame_of_another_size_is_a_refused_frame_and_the_next_one_is_judged(pipeline, fields):
    made = pipeline(calibration())
    seen = [lit(fields[0]), lit(fields[0])[:200], lit(fields[1])]
    results = [made.judge(frame(pixels, n)) for n, pixels in enumerate(seen)]
    assert [result.reason for result in results] == [None, "resized_picture", None]
    assert "expected 600x400 px, the size that the calibration is of, found 600x200" in results[1].message
    assert {result.calibration_sha256 for result in results} == {calibration().sha256}


def test_a_lost_frame_before_the_first_one_says_nothing_of_the_size(pipeline, fields):
    made = pipeline(calibration())
    assert made.judge(LostFrame(0, "test#0", "camera_hung", "")).calibration_sha256 == calibration().sha256
    assert made.judge(frame(lit(fields[0]), 1)).reason is None


def test_a_calibration_that_does_not_say_its_camera_takes_any_size(pipeline, fields):
    made = pipeline(Calibration(Scale(UM_PER_PX, STATED), calibration_version=1))
    assert [made.judge(frame(pixels)).reason for pixels in (fields[0], fields[0][:200])] == [None, None]


@pytest.mark.parametrize(("size", "is_it"), [((2000, 3000), True), ((1990, 2980), True), ((1800, 3000), False)])
def test_a_picture_that_the_camera_reduced_is_known_by_its_view_of_the_sensor(size, is_it):
    found = Calibrated(Calibration(Scale(0.4, STATED), CameraId("pi", "", 3000, 2000)))
    seen = Frame(np.zeros((size[0] // 5, size[1] // 5, 3), np.uint8), 2.0, 0, "pi:0#0", sensor_px=(2000, 3000))
    if is_it:
        found.admit(seen)
    else:
        with pytest.raises(BadInput, match="expected frames of 3000x2000 px"):
            found.admit(seen)


def test_the_light_is_made_even_without_touching_the_cameras_pixels(pipeline):
    reduced = lit(glass((200, 300)), cv2.resize(LIGHT, (300, 200)))
    seen = frame(lit(glass()), reduced=reduced.copy())
    at_scale = Frame(reduced.copy(), 4.0, 0, "coarse")
    made = pipeline(calibration())
    before = seen.pixels.copy()
    results = [made.judge(seen) for _ in range(2)]
    assert results[0].tiles == results[1].tiles, "nor twice"
    assert np.array_equal(seen.pixels, before) and np.array_equal(seen.reduced, reduced)
    pipeline(dataclasses.replace(calibration(), camera=None)).judge(at_scale)
    assert np.array_equal(at_scale.pixels, reduced)


def test_the_gates_see_glass_where_the_flat_field_brings_it(lean):
    gates = gates_of(lean.contract)
    assert instrument_of(calibration(), gates).glass_level == 242
    assert instrument_of(calibration(), gates).clipped_level is None, "gains above 1 leave white at 255"
    bright = instrument_of(calibration(np.ones((*SIZE, 3)) * 1.03), gates)
    assert bright.clipped_level == pytest.approx(253 / 1.03, abs=1)
    bare = instrument_of(Calibration(Scale(1.0, STATED)), gates)
    assert (bare.glass_level, bare.clipped_level, bare.sharpness) == (None, None, None)


def test_a_focus_baseline_raises_the_gates_limit_where_both_measure_alike(lean):
    gates = gates_of(lean.contract)
    assert instrument_of(calibration(focus=focus(0.7)), gates).sharpness == 0.7
    assert instrument_of(calibration(focus=focus(0.7, near_um=5.0)), gates).sharpness is None
    older = dataclasses.replace(focus(), of_gate=None)
    assert instrument_of(calibration(focus=older), gates).sharpness is None
    assert instrument_of(calibration(focus=focus()), Gates()).sharpness is None


def test_a_sharp_instrument_refuses_what_another_lets_through(pipeline, fields):
    strict, loose = (pipeline(calibration(focus=focus(value))) for value in (0.95, 0.3))
    blurred = frame(lit(cv2.GaussianBlur(fields[5], (0, 0), 1.3)))
    reasons = [[t.reason for t in made.judge(blurred).tiles].count("out_of_focus") for made in (strict, loose)]
    assert reasons[0] > reasons[1]


def speckled(specks=40):
    return np.asarray(LIGHT * dirt_map(SIZE, specks, 1)[..., None], np.float32)


def test_tiles_under_dirt_are_refused_with_the_share_that_is_covered(pipeline, fields, lean):
    light = speckled()
    found = calibration(light)
    result = pipeline(found).judge(frame(lit(fields[5], light)))
    clean = pipeline(calibration()).judge(frame(lit(fields[5])))
    dirty = [tile for tile in result.tiles if tile.measure == "dirt"]
    assert dirty and {tile.reason for tile in dirty} == {"pen_or_dirt"}
    limit = lean.contract.pen_gate.max_dirt_share
    assert all(limit < tile.value <= 1 for tile in dirty) and len(dirty) < len(result.tiles)
    assert "dirt" not in {tile.measure for tile in clean.tiles}


@pytest.mark.parametrize(("share", "some"), [(0.0, True), (1.0, False)])
def test_how_much_dirt_a_tile_may_lie_under_can_be_changed(lean, network, fields, share, some):
    gates = gates_of(lean.contract).changed("pen_or_dirt", "max_dirt_share", share)
    light = speckled()
    found = calibration(light)
    made = Pipeline(lean, network, use_gates=calibrated_gates(found, gates), calibrated=Calibrated(found))
    assert ("dirt" in {tile.measure for tile in made.judge(frame(lit(fields[5], light))).tiles}) == some


def test_alarms_stand_in_every_record_while_the_lamp_is_dim_lost_frames_included(pipeline, fields):
    made = pipeline(calibration())
    results = [made.judge(frame(lit(field, LIGHT * 0.8), n)) for n, field in enumerate(fields)]
    assert results[0].alarms == ()
    assert [alarm.reason for alarm in results[-1].alarms] == [LAMP_DIM]
    lost = made.judge(LostFrame(99, "test#99", "camera_hung", ""))
    assert lost.alarms == results[-1].alarms and lost.to_json()["alarms"][0]["reason"] == LAMP_DIM
    assert "check the lamp" in lost.to_json()["alarms"][0]["message"]


def test_looking_at_one_view_again_tells_nothing_new_of_the_lamp(pipeline, fields):
    made = pipeline(calibration(), looks=8)
    rng = np.random.default_rng(0)
    dim = lit(fields[0], LIGHT * 0.8).astype(np.int16)
    for n in range(12):
        noisy = np.clip(dim + rng.integers(-1, 2, dim.shape), 0, 255).astype(np.uint8)
        result = made.judge(frame(noisy, n))
        assert result.alarms == () and ("drift" in result.milliseconds) == (n == 0)


def test_a_frame_that_was_taken_while_the_stage_moved_is_not_watched(pipeline, fields):
    made = pipeline(calibration())
    seen = [np.roll(fields[5], 24 * n, 1) for n in range(3)]
    blurred = [lit(cv2.blur(pixels, (25, 1))) for pixels in seen]
    results = [made.judge(frame(pixels, n, timestamp_ns=n * 33_000_000)) for n, pixels in enumerate(blurred)]
    assert {tile.reason for tile in results[2].tiles} == {"moving"} and "drift" not in results[2].milliseconds


def test_another_slide_begins_with_its_own_stain_contrast_and_looks(pipeline, fields):
    made = pipeline(calibration(), looks=8)
    first = made.judge(frame(lit(fields[5])))
    for n, field in enumerate(fields):
        made.judge(frame(lit(field), n))
    made.new_slide()
    again = made.judge(frame(lit(fields[5]), 20))
    assert (again.stain_gains, again.looks, again.repeats_frame) == (first.stain_gains, 1, None)


def test_without_a_calibration_a_result_names_none(pipeline, fields):
    result = pipeline().judge(frame(fields[0]))
    assert result.to_json()["calibration_sha256"] is None and result.to_json()["alarms"] == []
