"""The three bars: what a person who focuses, dims the lamp or moves the stage sees of it."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

from edge_runtime.alarms import CONDENSATION, LAMP_DIM, UNEVEN_LIGHT, Alarm
from edge_runtime.cameras.degrade import defocus
from edge_runtime.gates import Gatekeeper, gates_of
from edge_runtime.live.feeling import Feeling, tissue_of
from edge_runtime.live.state_parts import BAD, GOOD, POOR, UNKNOWN
from edge_runtime.network import Network
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult, TileResult

UM_PER_PX = 0.8


@pytest.fixture(scope="module")
def judge(lean):
    network = Network(lean, "auto", 1)
    gates = dataclasses.replace(gates_of(lean.contract), motion=None)

    def judged(pixels, has_data=None):
        frame = Frame(pixels, UM_PER_PX, 0, "view", has_data=has_data)
        return frame, Pipeline(lean, network, use_gates=Gatekeeper(gates)).judge(frame)

    judged.gates = gates
    return judged


@pytest.fixture(scope="module")
def tissue():
    slide = make_slide(1, (500, 700)).rgb[120:320, 200:500]
    big = cv2.resize(slide, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 2, big.shape)
    return np.clip(big + noise, 0, 255).astype(np.uint8)


@pytest.fixture
def feeling(judge):
    found = Feeling()
    found.works_with(judge.gates)
    return found


def blurred(pixels, sigma_um):
    return defocus(pixels, sigma_um, UM_PER_PX) if sigma_um else pixels


def test_the_focus_bar_grows_with_sharpness_step_by_step(judge, tissue, feeling):
    bars = [feeling.of(*judge(blurred(tissue, um)), 10.0 * n).focus for n, um in enumerate((12, 8, 5, 3, 1.5, 0))]
    values = [bar.value for bar in bars]
    assert values == sorted(values) and len(set(values)) == len(values), values
    assert (bars[0].level, bars[0].reason) == (BAD, "out_of_focus") and bars[-1].level in (GOOD, POOR)


def test_the_focus_bar_follows_smoothly(judge, tissue, feeling):
    sharp, soft = judge(tissue), judge(blurred(tissue, 8))
    start = feeling.of(*soft, 0.0).focus.value
    values = [feeling.of(*sharp, 0.2 * n).focus.value for n in range(1, 12)]
    goal = Feeling()
    goal.works_with(judge.gates)
    assert values == sorted(values) and start < values[0] < values[-1]
    assert values[-1] == pytest.approx(goal.of(*sharp, 0).focus.value, abs=0.01)


def test_focusing_is_helped_before_the_scale_is_known(tissue, feeling):
    unjudged = FrameResult(0, "view", "a", "b", reason="unknown_scale")
    values = []
    for n, um in enumerate((12, 6, 2, 0)):
        bar = feeling.of(Frame(blurred(tissue, um), 1.0, 0, "view"), unjudged, 10.0 * n).focus
        assert bar.level == UNKNOWN
        values.append(bar.value)
    assert values == sorted(values) and values[0] < values[-1]


def test_over_glass_nothing_is_said_of_focus(judge, feeling):
    glass = np.random.default_rng(0).normal(242, 1, (900, 1500, 3)).clip(0, 255).astype(np.uint8)
    bars = feeling.of(*judge(glass), 0.0)
    assert (bars.focus.level, bars.focus.value, bars.focus.reason) == (UNKNOWN, None, "no_tissue")
    assert (bars.tissue.level, bars.tissue.value, bars.tissue.reason) == (POOR, 0, "no_tissue")
    assert bars.light.level == GOOD and bars.light.value > 0.95


def test_less_light_is_a_lower_bar_and_in_the_end_a_bad_one(judge, tissue):
    values, levels = [], []
    for share in (0.3, 0.5, 0.8, 1.0):
        feeling = Feeling()
        feeling.works_with(judge.gates)
        bar = feeling.of(*judge((tissue * share).astype(np.uint8)), 0.0).light
        values.append(bar.value)
        levels.append((bar.level, bar.reason))
    assert values == sorted(values) and len(set(values)) == 4
    assert levels[0] == (BAD, "too_dark") and levels[-1] == (GOOD, None)


def test_the_white_holes_of_a_stitched_slide_are_no_light(judge, feeling, tissue):
    pixels, has_data = (tissue * 0.8).astype(np.uint8), np.ones(tissue.shape[:2], bool)
    whole = feeling.of(*judge(pixels), 0.0).light
    pixels[:, 750:], has_data[:, 750:] = 255, False
    with_holes = feeling.of(*judge(pixels, has_data), 100.0).light
    assert (with_holes.level, with_holes.reason) == (whole.level, whole.reason)
    assert with_holes.value == pytest.approx(whole.value, abs=0.05)
    has_data[:] = False
    assert feeling.of(*judge(pixels, has_data), 200.0).light == with_holes


@pytest.mark.parametrize(("reason", "bar"), [(LAMP_DIM, "light"), (UNEVEN_LIGHT, "light"), (CONDENSATION, "focus")])
def test_an_alarm_makes_its_bar_poor(judge, tissue, feeling, reason, bar):
    frame, result = judge(tissue)
    alarmed = dataclasses.replace(result, alarms=(Alarm(reason, 0.5, 0.9),))
    found = getattr(feeling.of(frame, alarmed, 0.0), bar)
    assert (found.level, found.reason) == (POOR, reason)


def test_a_view_that_stands_keeps_its_bars(judge, tissue, feeling):
    frame, result = judge(tissue)
    before = feeling.of(frame, result, 0.0)
    again = feeling.of(frame, dataclasses.replace(result, seen=None, repeats_frame=0), 0.2)
    assert again == before


def test_the_tissue_bar_is_the_share_judged_without_holes_and_names_what_hides_the_rest():
    judged = TileResult(0, 0, 0.5, "idc")

    def of(*reasons):
        tiles = tuple(judged if reason is None else TileResult(0, 0, reason=reason) for reason in reasons)
        return tissue_of(FrameResult(0, "", "", "", tiles=tiles))

    assert of(None, None, "no_tissue", "no_data") == of(None, None, "no_tissue")
    assert (of(None, None, "no_tissue").level, of(None, None, "no_tissue").value) == (GOOD, pytest.approx(2 / 3))
    assert (of(None, "moving", "moving").level, of(None, "moving", "moving").reason) == (POOR, "moving")
    assert (of("too_dark").level, of("too_dark").reason) == (BAD, "too_dark")
    assert of().value is None
    assert tissue_of(FrameResult(0, "", "", "", reason="bad_scale")).level == BAD


def test_a_stage_that_moves_is_no_fault_of_focus_or_tissue(judge, tissue, feeling):
    frame, result = judge(tissue)
    moving = tuple(TileResult(tile.x, tile.y, reason="moving") for tile in result.tiles)
    bars = feeling.of(frame, dataclasses.replace(result, tiles=moving), 0.0)
    assert (bars.focus.level, bars.focus.reason) == (UNKNOWN, None) and bars.focus.value > 0
    assert (bars.tissue.level, bars.tissue.value, bars.tissue.reason) == (POOR, 0, "moving")
