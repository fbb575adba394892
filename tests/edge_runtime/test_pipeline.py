import dataclasses
import json

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from edge_runtime.judging import TileJudge
from edge_runtime.network import Network
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import TISSUES, make_slide
from edge_runtime.records import Frame, LostFrame
from edge_runtime.results import TileResult


@pytest.fixture(scope="module")
def pipeline(lean):
    return Pipeline(lean, Network(lean))


@pytest.fixture(scope="module")
def slide():
    return make_slide(seed=2, size=(600, 800))


def nothing_refused(tiles):
    return np.full(len(tiles), None, object)


def frame_of(slide, **more):
    return Frame(slide.rgb, 4.0, 0, "procedural", **more)


def test_each_tile_carries_a_probability_with_its_label_or_a_reason(pipeline, slide):
    result = pipeline.judge(frame_of(slide))
    assert result.grid == (12, 16) and len(result.tiles) == 12 * 16
    for tile in result.tiles:
        assert (tile.probability is None) == (tile.label is None) == (tile.reason is not None)
    assert {tile.reason for tile in result.tiles} == {None, "no_tissue"}


@pytest.mark.parametrize("what", [{}, {"probability": 0.5}, {"probability": 0.5, "label": "idc", "reason": "edge"}])
def test_both_or_neither_cannot_be_said(what):
    with pytest.raises(BadInput, match="a probability with its label, or a reason"):
        TileResult(0, 0, **what)


def test_labels_follow_the_threshold_and_probabilities_the_calibration(lean, slide):
    network = Network(lean)
    mode = lean.contract.tile
    tiles = lean.golden.tiles
    logits = network.logits(tiles)
    for name, point in mode.operating_points.items():
        judge = TileJudge(lean, network, name)
        verdicts = judge.verdicts(judge.evidence(tiles, nothing_refused(tiles)))
        assert np.array_equal(verdicts.positive, logits >= point.threshold_logit)
        expected = 1 / (1 + np.exp(-(mode.calibration.scale * logits + mode.calibration.bias)))
        assert verdicts.probabilities == pytest.approx(expected, abs=1e-6)


def test_holes_have_no_data_and_are_not_judged(pipeline, slide):
    has_data = np.ones(slide.rgb.shape[:2], bool)
    has_data[:50] = False
    result = pipeline.judge(frame_of(slide, has_data=has_data))
    assert [tile.reason for tile in result.tiles[:16]] == ["no_data"] * 16
    assert "no_data" not in {tile.reason for tile in result.tiles[16:]}


def test_with_gates_off_glass_is_judged_too(lean, slide):
    result = Pipeline(lean, Network(lean), use_gates=False).judge(frame_of(slide))
    assert all(tile.reason is None for tile in result.tiles)


def test_a_frame_of_an_impossible_scale_becomes_a_result_with_a_reason(pipeline, slide):
    result = pipeline.judge(dataclasses.replace(frame_of(slide), um_per_px=40.0))
    assert result.reason == "bad_scale" and "lacks the detail" in result.message and not result.tiles


def test_a_frame_of_glass_alone_is_refused_tile_by_tile(lean, slide):
    pipeline = Pipeline(lean, Network(lean))
    pipeline.judge(frame_of(slide))
    result = pipeline.judge(Frame(np.full((200, 300, 3), 245, np.uint8), 4.0, 1, "glass"))
    assert {tile.reason for tile in result.tiles} == {"no_tissue"} and len(result.tiles) == 24


def test_a_lost_frame_is_recorded_with_its_reason(pipeline):
    result = pipeline.judge(LostFrame(7, "broken.png", "unreadable", "damaged picture"))
    assert (result.index, result.reason, result.message) == (7, "unreadable", "damaged picture")


def test_every_stage_is_timed_and_the_record_is_json(pipeline, slide):
    result = pipeline.judge(frame_of(slide))
    assert list(result.milliseconds) == ["scale", "tile", "gates", "stain", "network", "context", "label"]
    record = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert record["schema_version"] == 4 and record["model_sha256"] == pipeline.judge_of_tiles.model_sha256
    assert len(record["tiles"]) == 192


def test_as_it_is_and_without_context_a_tile_is_judged_alike_alone_and_in_a_frame(lean_alone, slide):
    pipeline = Pipeline(lean_alone, Network(lean_alone))
    judge = pipeline.judge_of_tiles
    whole = pipeline.judge(frame_of(slide)).tiles
    judged = [tile for tile in whole if tile.probability is not None][:5]
    for tile in judged:
        cut_out = slide.rgb[None, tile.y : tile.y + 50, tile.x : tile.x + 50]
        alone = judge.verdicts(judge.evidence(cut_out, nothing_refused(cut_out)))
        assert alone.probabilities[0] == pytest.approx(tile.probability)


def test_a_frame_is_judged_in_context_where_the_model_can(lean_in_context, lean_alone, slide):
    network = Network(lean_in_context)
    found, off = (
        Pipeline(lean_in_context, network, use_gates=False, use_context=use).judge(frame_of(slide))
        for use in (True, False)
    )
    tile_mode = Pipeline(lean_alone, Network(lean_alone), use_gates=False).judge(frame_of(slide))
    assert (found.mode, off.mode, found.to_json()["mode"]) == ("context", "tile", "context")
    assert off.tiles == tile_mode.tiles
    logits = (
        TileJudge(lean_in_context, network)
        .evidence(tiles_of(slide), np.full(len(tiles_of(slide)), None, object))
        .logits.reshape(found.grid)
    )
    for row, column in ((0, 0), (5, 5), (11, 8)):
        around = logits[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        support = (around.size - 1) / 8
        mode, alone = lean_in_context.contract.context.mode, lean_in_context.contract.tile
        scale = support * mode.calibration.scale + (1 - support) * alone.calibration.scale
        bias = support * mode.calibration.bias + (1 - support) * alone.calibration.bias
        expected = 1 / (1 + np.exp(-(scale * around.mean() + bias)))
        assert found.tiles[row * 16 + column].probability == pytest.approx(expected, abs=1e-5)


def test_what_was_refused_is_nobodys_neighbour(lean_in_context, slide):
    pipeline = Pipeline(lean_in_context, Network(lean_in_context))
    holes = np.ones(slide.rgb.shape[:2], bool)
    holes[250:300, 250:300] = False
    whole, holed = (pipeline.judge(frame_of(slide, has_data=data)) for data in (None, holes))
    changed = {n for n in range(192) if whole.tiles[n] != holed.tiles[n]}
    around = {16 * row + column for row in (4, 5, 6) for column in (4, 5, 6)}
    assert holed.tiles[16 * 5 + 5].reason == "no_data" and {16 * 5 + 5} < changed <= around


def tiles_of(slide):
    return slide.rgb.reshape(12, 50, 16, 50, 3).swapaxes(1, 2).reshape(-1, 50, 50, 3)


def test_the_same_tissue_is_judged_alike_at_the_cameras_own_scale(lean, slide):
    network = Network(lean)
    finer = slide.rgb.repeat(5, 0).repeat(5, 1)
    seen = frame_of(slide), Frame(finer, 0.8, 0, "camera")  # the gates look at the camera's own pixels, too
    ours, cameras = (Pipeline(lean, network, use_gates=False).judge(one).tiles for one in seen)
    for near, far in zip(ours, cameras, strict=True):
        assert (far.x, far.y) == (near.x * 5, near.y * 5) and far.probability == near.probability


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_shipped_model_tells_procedural_nests_from_stroma(pipeline, seed):
    from edge_runtime.metrics import auc
    from edge_runtime.tiling import cut, tile_edges

    slide = make_slide(seed)
    edges = [tile_edges(length, 50) for length in slide.classes.shape]
    tiles = cut(slide.rgb, edges[1], edges[0], 50)
    classes = cut(slide.classes[..., None], edges[1], edges[0], 50).reshape(len(tiles), -1)
    share = {name: (classes == TISSUES.index(name)).mean(1) for name in ("carcinoma", "stroma")}
    chosen = np.maximum(share["carcinoma"], share["stroma"]) >= 0.9
    judge = pipeline.judge_of_tiles
    verdicts = judge.verdicts(judge.evidence(tiles[chosen], nothing_refused(tiles[chosen])))
    assert auc(share["carcinoma"][chosen] >= 0.9, np.nan_to_num(verdicts.probabilities)) >= 0.90
