"""Frames of a session judged again: to the bit with its own model, and with another one."""

from __future__ import annotations

import argparse
import dataclasses

import numpy as np
import pytest

from edge_runtime.cameras.registry import open_camera
from edge_runtime.gates import Gatekeeper, gates_of
from edge_runtime.model_file import open_model, shipped_path
from edge_runtime.network import Network
from edge_runtime.pictures import decode_picture
from edge_runtime.pipeline import Pipeline
from edge_runtime.records import Frame
from edge_runtime.session.at_work import open_session
from edge_runtime.session.picture_file import picture_files
from edge_runtime.session.reading import read_session
from edge_runtime.session.replay import replay

SMALL = "frame=480x360&um_per_px=1.6&size=300x400"


def noisy(frames, times):
    """Each frame so many times, as a sensor would see it, with a clock."""
    random, tick = np.random.default_rng(1), 0
    for frame in frames:
        for _ in range(times):
            noise = random.integers(-4, 5, frame.pixels.shape)
            pixels = np.clip(frame.pixels + noise, 0, 255).astype(np.uint8)
            clock = {"timestamp_ns": tick * 40_000_000, "interval_ns": 40_000_000}
            yield dataclasses.replace(frame, pixels=pixels, index=tick, **clock)
            tick += 1


@pytest.fixture
def recorded(lean, tmp_path):
    """A function that records frames in a session; returns its folder and the results as they were."""

    def record(frames, looks=8, keep="fields", **more):
        network = Network(lean, "auto", 1)
        gates = gates_of(lean.contract)
        pipeline = Pipeline(lean, network, None, Gatekeeper(gates), True, looks)
        words = {"slide": None, "operator": None, "storage_gb": None, "camera": None, "source": "test", "threads": 1}
        args = argparse.Namespace(session=tmp_path / "sessions", keep=keep, **{**words, **more})
        session = open_session(args, pipeline, lean, network, gates, None, looks)
        results = {}
        for frame in frames:
            results[frame.index] = pipeline.judge(frame)
            session.write(frame if isinstance(frame, Frame) else None, results[frame.index])
        session.close()
        assert session.summary()["frames_recorded"] == len(results)
        return session.folder, results, network

    return record


def check_same(again, results):
    for each in again:
        then = results[each.stored.index]
        assert each.result.tiles == then.tiles and each.result.stain_gains == then.stain_gains
        assert (each.result.looks, each.result.origin_xy, each.result.grid) == (then.looks, then.origin_xy, then.grid)
        np.testing.assert_array_equal(each.result.seen.logits, then.seen.logits)
        line = {**then.to_json(), "milliseconds": None, "circumstances": None}
        assert {**each.result.to_json(), "milliseconds": None, "circumstances": None} == line


def test_looks_at_fields_of_a_moving_stage_are_judged_again_to_the_bit(recorded):
    camera = open_camera(f"synthetic:?{SMALL}", None, 4.0)
    frames = [frame for frame, _ in zip(camera.frames(), range(3), strict=False)]
    folder, results, network = recorded(noisy(frames, 5), looks=3)
    with read_session(folder) as session:
        again = list(replay(session, session.model(), network))
        check_same(again, results)
        judged = [index for index, result in results.items() if result.repeats_frame is None]
        assert [each.stored.index for each in again] == judged and len(judged) < len(results)
        reasons = {tile.reason for each in again for tile in each.result.tiles}
        assert None in reasons and len(reasons) > 1
        assert any(each.stored.measured["motion"] for each in again)
        assert session.warnings == []


def test_a_stitched_slide_with_holes_is_judged_again_to_the_bit(recorded):
    random = np.random.default_rng(3)
    pixels = np.kron(random.integers(90, 230, (60, 80, 3)), np.ones((5, 5, 1))).astype(np.uint8)
    has_data = np.ones(pixels.shape[:2], bool)
    has_data[:120, :150] = False
    frames = [Frame(pixels, 1.6, 0, "slide", (1000, 2000), has_data), Frame(pixels[:, ::-1].copy(), 1.6, 1, "slide")]
    folder, results, network = recorded(frames, looks=0)
    assert "no_data" in {tile.reason for tile in results[0].tiles}
    with read_session(folder) as session:
        check_same(replay(session, session.model(), network), results)


def test_another_model_judges_the_same_frames_otherwise(recorded):
    camera = open_camera(f"synthetic:?{SMALL}", None, 4.0)
    folder, results, _ = recorded([frame for frame, _ in zip(camera.frames(), range(3), strict=False)])
    tiny = open_model(shipped_path("tiny"))
    with read_session(folder) as session:
        again = list(replay(session, tiny, Network(tiny, "auto", 1)))
    assert len(again) == len(results) > 0
    assert all(each.result.model_sha256 == tiny.sha256 for each in again)
    assert any(each.result.tiles != results[each.stored.index].tiles for each in again)


def test_frames_whose_fields_are_gone_are_told_and_the_rest_is_judged(recorded):
    camera = open_camera(f"synthetic:?{SMALL}", None, 4.0)
    folder, results, network = recorded([frame for frame, _ in zip(camera.frames(), range(3), strict=False)])
    with read_session(folder) as session:
        last = list(session.frames())[-1].pictures["field"].place
    (pictures,) = picture_files(folder)
    with pictures.open("r+b") as file:
        file.truncate(last.place + 10)
    with read_session(folder) as session:
        again = list(replay(session, session.model(), network))
        check_same(again, results)
        assert len(again) == len(results) - 1
        assert len(session.warnings) == 1 and "its field was not kept, removed, or is damaged" in session.warnings[0]


def test_whole_frames_come_back_pixel_by_pixel_and_are_judged_the_same(recorded, lean):
    camera = open_camera(f"synthetic:?{SMALL}", None, 4.0)
    frames = [frame for frame, _ in zip(camera.frames(), range(2), strict=False)]
    folder, results, network = recorded(frames, looks=0, keep="frames")
    pipeline = Pipeline(lean, network, None, Gatekeeper(gates_of(lean.contract)), True, 0)
    with read_session(folder) as session:
        for stored, frame in zip(session.frames(), frames, strict=True):
            pixels = decode_picture(session.picture(stored, "frame"))
            np.testing.assert_array_equal(pixels, frame.pixels)
            again = dataclasses.replace(frame, pixels=pixels)
            assert pipeline.judge(again).tiles == results[stored.index].tiles
