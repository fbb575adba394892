import json
import os

import numpy as np
import pytest

from edge_runtime.errors import BadInput, CheckFailed
from edge_runtime.model_file import flatbuffer_of, open_model, shipped_path
from edge_runtime.network import Network
from quantize.cli import main
from quantize.golden import candidate_tiles, golden_vectors
from quantize.graph import faults, read_graph, require_int8
from quantize.pack import reference_file, shipped_file, write_model
from tests.conftest import ROOT


@pytest.fixture
def converted_run(tmp_path, lean):
    """A folder as `quantize convert` and `parity` leave it, made of the shipped pair."""
    reference = open_model(ROOT / "quantize" / "reference" / "lean.tflite")
    (tmp_path / "int8.tflite").write_bytes(reference_file(flatbuffer_of(lean), lean.contract))
    (tmp_path / "float.tflite").write_bytes(reference.content)
    (tmp_path / "parity.json").write_text(lean.part("parity.json").decode())
    return tmp_path


@pytest.mark.parametrize("name", ["lean", "cancernet"])
def test_the_shipped_graphs_are_int8_from_end_to_end(name):
    graph = require_int8(flatbuffer_of(open_model(shipped_path(name))), 50)
    assert graph.inputs == (((1, 50, 50, 3), "int8"),) and graph.outputs == (((1, 1), "int8"),)
    assert not {"DEQUANTIZE", "QUANTIZE"} & set(graph.operators)


def test_a_float_graph_is_not_int8_and_the_check_says_why():
    reference = open_model(ROOT / "quantize" / "reference" / "lean.tflite")
    with pytest.raises(CheckFailed, match="expected one input"):
        require_int8(flatbuffer_of(reference), 50)
    assert any("not integers" in fault for fault in faults(read_graph(flatbuffer_of(reference)), 50))


def test_packing_a_run_gives_a_file_that_serves(command, converted_run, tmp_path):
    out, reference = tmp_path / "models" / "lean.tflite", tmp_path / "reference" / "lean.tflite"
    code, said, _ = command(main, "pack", converted_run, "--out", out, "--reference", reference)
    assert code == 0 and json.loads(said)["parity_passed"] is True
    packed = open_model(out)
    assert packed.sha256 == json.loads(said)["sha256"] == open_model(shipped_path()).sha256
    assert reference.read_bytes() == (converted_run / "float.tflite").read_bytes()
    assert b"Not a diagnosis" in packed.part("MODEL_CARD.md")


def test_a_run_without_a_parity_report_is_not_packed(command, converted_run, tmp_path):
    (converted_run / "parity.json").unlink()
    code, _, err = command(main, "pack", converted_run, "--out", tmp_path / "lean.tflite")
    assert code == 2 and "python -m quantize parity" in err and not (tmp_path / "lean.tflite").exists()


def test_a_folder_that_holds_no_run_is_one_line_and_exit_code_2(command, tmp_path):
    for words in (("pack", tmp_path, "--out", tmp_path / "m.tflite"), ("convert", tmp_path), ("parity", tmp_path)):
        code, out, err = command(main, *words)
        assert code == 2 and out == "" and len(err.splitlines()) == 1 and str(tmp_path) in err


def test_an_interrupted_write_leaves_the_earlier_model_whole(tmp_path, lean, monkeypatch):
    path = tmp_path / "lean.tflite"
    path.write_bytes(b"earlier")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_model(path, lean.content)
    assert path.read_bytes() == b"earlier" and [file.name for file in tmp_path.iterdir()] == ["lean.tflite"]


def test_a_model_must_be_called_tflite(tmp_path, lean):
    with pytest.raises(BadInput, match=r"end in \.tflite"):
        write_model(tmp_path / "lean.bin", lean.content)


def test_golden_vectors_are_the_same_for_the_same_seed_and_spread(lean):
    first, second = golden_vectors(lean, 0), golden_vectors(lean, 0)
    assert np.array_equal(first.tiles, second.tiles)
    for family, outputs in first.outputs.items():
        assert np.array_equal(outputs, second.outputs[family]) and np.ptp(outputs) > 100


def test_candidates_have_the_colours_of_stain_not_of_noise():
    tiles = candidate_tiles(50, 0)[:200]
    mean = tiles.mean((0, 1, 2))
    assert mean[1] < mean[0] and mean[1] < mean[2]
    assert np.abs(np.diff(tiles.astype(int), axis=2)).mean() < tiles.std() / 2


def test_a_file_is_checked_as_a_device_would_before_it_is_written(lean):
    content = shipped_file(flatbuffer_of(lean), lean.contract, json.loads(lean.part("parity.json")))
    assert content == lean.content
    assert Network(lean).kernels in lean.golden.outputs
