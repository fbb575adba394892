import dataclasses
import json
import sys

import numpy as np
import pytest

from edge_runtime.errors import BadInput, BadModelFile, CheckFailed, MissingDependency
from edge_runtime.golden import golden_bytes
from edge_runtime.interpreters import RUNTIMES
from edge_runtime.model_file import GOLDEN, ModelFile, flatbuffer_of, seal, verify
from edge_runtime.network import Network
from edge_runtime.selftest import require_selftest, selftest


def network_in(runtime: str, model: ModelFile, threads: int = 1) -> Network:
    try:
        return Network(model, runtime, threads)
    except MissingDependency as error:
        pytest.skip(str(error))


@pytest.fixture(params=list(RUNTIMES))
def network(request, lean):
    return network_in(request.param, lean)


def test_every_interpreter_reproduces_the_golden_vectors(network, lean):
    found = selftest(lean, network)
    assert found.passed and found.vectors == len(lean.golden.tiles)


def test_every_interpreter_gives_one_logit_a_tile_whatever_the_batch(network, lean):
    tiles = lean.golden.tiles
    together = network.logits(tiles)
    assert together.shape == (len(tiles),) and together.dtype == np.float32
    one_by_one = np.concatenate([network.logits(tiles[n : n + 1]) for n in range(len(tiles))])
    assert np.array_equal(together, one_by_one)


def test_no_tiles_give_no_logits(network):
    assert network.logits(np.zeros((0, 50, 50, 3), np.uint8)).shape == (0,)


def test_threads_change_no_output(lean):
    tiles = lean.golden.tiles
    assert np.array_equal(network_in("litert", lean, 1).outputs(tiles), network_in("litert", lean, 2).outputs(tiles))


def test_the_caller_may_change_its_tiles_afterwards(network, lean):
    tiles = lean.golden.tiles.copy()
    first = network.outputs(tiles)
    kept = first.copy()
    tiles[:] = 0
    network.outputs(tiles)
    assert np.array_equal(first, kept)


def test_pixels_go_in_by_the_tensors_own_quantization(network, lean):
    table = network.input_quantization.pixel_table(lean.contract.pixel_scale, lean.contract.pixel_offset)
    assert table.tolist() == [pixel - 128 for pixel in range(256)]


@pytest.mark.parametrize("shape", [(1, 49, 50, 3), (50, 50, 3), (1, 50, 50, 4)])
def test_tiles_of_a_wrong_shape_are_refused(network, shape):
    with pytest.raises(BadModelFile, match="expected uint8 tiles"):
        network.outputs(np.zeros(shape, np.uint8))


def test_an_unknown_interpreter_is_refused_with_the_known_ones(lean):
    with pytest.raises(BadInput, match="litert-builtin"):
        Network(lean, "onnx")


def test_a_missing_interpreter_says_what_to_install(lean, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(MissingDependency, match="pip install ai-edge-litert"):
        Network(lean, "litert")


def test_a_model_that_gives_other_outputs_must_not_serve(lean):
    golden = lean.golden
    wrong = dataclasses.replace(golden, outputs={family: out + 2 for family, out in golden.outputs.items()})
    parts = {"contract.json": lean.contract.to_json().encode(), GOLDEN: golden_bytes(wrong)}
    model = verify(seal(flatbuffer_of(lean), parts), "wrong")
    with pytest.raises(CheckFailed, match="golden vectors within 1 steps, found one 2 off"):
        require_selftest(model, Network(model))


def test_a_context_stage_that_comes_out_otherwise_must_not_serve(lean_in_context):
    golden = lean_in_context.golden
    for shift, message in ((1e-3, "context stage within 0.0001 of its golden grid"), (np.nan, "found nan off")):
        grid = dataclasses.replace(golden.context, expected_logits=golden.context.expected_logits + np.float32(shift))
        content = golden_bytes(dataclasses.replace(golden, context=grid))
        parts = {"contract.json": lean_in_context.contract.to_json().encode(), GOLDEN: content}
        model = verify(seal(flatbuffer_of(lean_in_context), parts), "wrong")
        with pytest.raises(CheckFailed, match=message):
            require_selftest(model, Network(model))


def test_a_context_stage_without_golden_vectors_is_refused(lean_in_context):
    parts = {
        "contract.json": lean_in_context.contract.to_json().encode(),
        GOLDEN: golden_bytes(dataclasses.replace(lean_in_context.golden, context=None)),
    }
    model = verify(seal(flatbuffer_of(lean_in_context), parts), "bare")
    with pytest.raises(BadModelFile, match="golden vectors of its context stage, found none"):
        selftest(model, Network(model))


def test_the_context_stage_reproduces_its_golden_grid(lean_in_context):
    found = selftest(lean_in_context, Network(lean_in_context))
    assert found.passed and 0 <= found.context_off <= 1e-5


def test_the_parity_report_travels_in_the_file_and_passed(lean):
    assert json.loads(lean.part("parity.json"))["passed"] is True
