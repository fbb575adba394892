import dataclasses

import numpy as np
import pytest

from edge_runtime.evidence import Evidence
from edge_runtime.looks import SAME_VIEW, Looks
from edge_runtime.network import Network
from edge_runtime.optics import to_field
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult

UM_PER_PX = 0.8


@pytest.fixture(scope="module")
def tissue():
    """A field of tissue at the camera's scale, uint8 (750, 1000, 3)."""
    return make_slide(seed=2, size=(150, 200)).rgb.repeat(5, 0).repeat(5, 1)


def look_at(pixels, index=0, noise=0.0, moved_px=0, **more):
    seen = np.roll(pixels, moved_px, 1).astype(np.float32)
    seen += np.random.default_rng(index).standard_normal(seen.shape, np.float32) * noise
    rgb = np.clip(np.rint(seen), 0, 255).astype(np.uint8)
    return Frame(rgb, more.pop("um_per_px", UM_PER_PX), index, f"camera#{index}", **more)


def result_of(index):
    return FrameResult(index, "camera", "0" * 64, "balanced_accuracy")


def evidence(logits, reasons=None):
    values = np.asarray(logits, np.float32)
    return Evidence(values, np.array(reasons or [None] * len(values), object))


class Standing:
    """Looks, and what they say of a series of frames: how many looks each is of, and which frame it repeats."""

    def __init__(self, most=3):
        self.looks = Looks(most)

    def see(self, frame):
        known = self.looks.at(frame, to_field(frame, 4.0, 50))
        if known is not None:
            return known.index
        self.looks.add(evidence([0.0]))
        self.looks.keep(result_of(frame.index))
        return None


@pytest.mark.parametrize("noise", [2.0, 10.0])
def test_a_view_that_differs_by_noise_alone_is_looked_at_some_times_and_then_stands(tissue, noise):
    standing = Standing(most=3)
    assert [standing.see(look_at(tissue, n, noise)) for n in range(6)] == [None, None, None, 2, 2, 2]
    assert standing.looks.count == 3


def test_a_picture_that_is_the_same_to_the_bit_is_no_other_look(tissue):
    standing = Standing()
    assert [standing.see(look_at(tissue, n)) for n in range(3)] == [None, 0, 0]


@pytest.mark.parametrize("moved_px", [3, 5, 250])
def test_a_stage_that_moved_begins_anew(tissue, moved_px):
    standing = Standing()
    standing.see(look_at(tissue, 0, 2.0))
    assert standing.see(look_at(tissue, 1, 2.0)) is None and standing.looks.count == 2
    assert standing.see(look_at(tissue, 2, 2.0, moved_px)) is None and standing.looks.count == 1


def test_a_stage_that_creeps_is_held_against_the_first_look():
    ramp = np.tile(np.linspace(100, 200, 1000, dtype=np.float32)[None, :, None], (750, 1, 3))
    standing = Standing(most=100)
    counts = []
    for n in range(8):
        standing.see(look_at(ramp + n, n))
        counts.append(standing.looks.count)
    assert 2 < SAME_VIEW < 3 and counts == [1, 2, 3, 1, 2, 3, 1, 2]


def test_light_that_changes_begins_anew(tissue):
    standing = Standing()
    standing.see(look_at(tissue, 0, 2.0))
    standing.see(look_at((tissue * 0.95).astype(np.uint8), 1, 2.0))
    assert standing.looks.count == 1


def test_a_change_in_one_small_part_is_enough(tissue):
    standing, changed = Standing(), tissue.copy()
    changed[300:425, 300:425] = 255 - changed[300:425, 300:425]
    standing.see(look_at(tissue, 0, 2.0))
    standing.see(look_at(changed, 1, 2.0))
    assert standing.looks.count == 1


@pytest.mark.parametrize("other", [{"origin_xy": (10, 0)}, {"um_per_px": 0.9}])
def test_another_place_or_scale_is_another_field_however_alike_it_looks(tissue, other):
    standing = Standing()
    standing.see(look_at(tissue, 0))
    assert standing.see(look_at(tissue, 1, **other)) is None and standing.looks.count == 1


def test_logits_are_the_mean_of_the_looks_in_which_a_tile_was_judged():
    looks = Looks()
    first = looks.add(evidence([1.0, 2.0, np.nan], [None, None, "no_tissue"]))
    second = looks.add(evidence([3.0, np.nan, 5.0], [None, "moving", None]))
    third = looks.add(evidence([5.0, 4.0, 6.0]))
    assert np.array_equal(first.logits, [1, 2, np.nan], equal_nan=True)
    assert np.array_equal(second.logits, [2, np.nan, 5], equal_nan=True)
    assert second.reasons.tolist() == [None, "moving", None]
    assert np.array_equal(third.logits, [3, 3, 5.5])


def test_the_mean_over_looks_is_less_moved_by_noise_than_one_look(lean, tissue):
    pipeline = Pipeline(lean, Network(lean), looks=8)
    each = [Pipeline(lean, Network(lean)).judge(look_at(tissue, n, 9.0)) for n in range(16)]
    means = []
    for start in (0, 8):
        pipeline.judge(look_at(tissue[::-1], 99))
        means += [[pipeline.judge(look_at(tissue, n, 9.0)) for n in range(start, start + 8)][-1]]
    assert [one.looks for one in means] == [8, 8]
    one_by_one = np.std([[tile.probability for tile in one.tiles] for one in each], axis=0).mean()
    averaged = np.abs(np.subtract(*([tile.probability for tile in one.tiles] for one in means))).mean()
    assert 0 < averaged < one_by_one


def test_a_repeated_result_says_what_it_repeats_and_keeps_its_own_name(lean, tissue):
    pipeline = Pipeline(lean, Network(lean), looks=1)
    first = pipeline.judge(look_at(tissue, 0, timestamp_ns=5))
    again = pipeline.judge(look_at(tissue, 1, timestamp_ns=7))
    assert (first.repeats_frame, again.repeats_frame) == (None, 0)
    assert (again.index, again.source, again.timestamp_ns, again.looks) == (1, "camera#1", 7, 1)
    assert again.tiles == first.tiles and list(again.milliseconds) == ["scale", "looks"]


def test_another_look_at_a_field_shows_no_more_of_the_slides_stain(lean, tissue):
    pipeline = Pipeline(lean, Network(lean), looks=8)
    first, second = (pipeline.judge(look_at(tissue, n, 3.0)).stain_gains for n in (0, 1))
    other = pipeline.judge(look_at(tissue[:, ::-1], 2, 3.0)).stain_gains
    assert first == second != other


def test_without_looks_equal_frames_are_judged_each_by_itself(lean, tissue):
    pipeline = Pipeline(lean, Network(lean))
    results = [pipeline.judge(look_at(tissue, n)) for n in range(2)]
    assert [one.repeats_frame for one in results] == [None, None]
    assert all(set(dataclasses.asdict(one)["milliseconds"]) >= {"network"} for one in results)
