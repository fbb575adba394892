import hashlib
import json
import zipfile
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.contract import contract_from_json
from edge_runtime.errors import BadInput, BadModelFile
from edge_runtime.model_file import (
    CONTRACT,
    find_model,
    flatbuffer_of,
    open_model,
    seal,
    shipped_path,
    verify,
)
from edge_runtime.network import Network


def test_the_seal_is_the_hash_of_all_bytes_before_it_and_the_zips_comment(lean):
    body, sealed = lean.content[:-64], lean.content[-64:]
    assert hashlib.sha256(body).hexdigest().encode() == sealed == lean.sha256.encode()
    assert zipfile.ZipFile(BytesIO(lean.content)).comment == sealed


def test_any_zip_program_finds_the_parts(lean):
    with zipfile.ZipFile(BytesIO(lean.content)) as parts:
        assert {"contract.json", "golden.npz", "parity.json", "MODEL_CARD.md"} <= set(parts.namelist())
        assert parts.testzip() is None


def test_a_plain_interpreter_loads_the_file_as_it_is(lean):
    litert = pytest.importorskip("ai_edge_litert.interpreter", reason="LiteRT is not installed")
    interpreter = litert.Interpreter(model_content=lean.content)
    interpreter.allocate_tensors()
    assert interpreter.get_input_details()[0]["shape"].tolist() == [1, 50, 50, 3]


def test_the_same_parts_make_the_same_bytes_whatever_the_time(lean):
    content = seal(flatbuffer_of(lean), {CONTRACT: lean.contract.to_json().encode()})
    assert [part.date_time for part in zipfile.ZipFile(BytesIO(content)).infolist()] == [(1980, 1, 1, 0, 0, 0)]
    assert content == seal(flatbuffer_of(lean), {CONTRACT: lean.contract.to_json().encode()})


def test_a_contract_survives_the_way_into_the_file_and_back(lean):
    assert contract_from_json(lean.contract.to_json()) == lean.contract


@settings(max_examples=60)
@given(st.data())
def test_one_flipped_bit_anywhere_is_noticed(lean, data):
    place = data.draw(st.integers(0, len(lean.content) - 1))
    damaged = bytearray(lean.content)
    damaged[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BadModelFile):
        verify(bytes(damaged), "damaged")


@settings(max_examples=30)
@given(st.data())
def test_a_truncated_file_is_noticed(lean, data):
    length = data.draw(st.integers(0, len(lean.content) - 1))
    with pytest.raises(BadModelFile):
        verify(lean.content[:length], "truncated")


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 1000, b"\x89PNG\r\n\x1a\n" + b"\0" * 500])
def test_what_is_no_model_is_called_so(content):
    with pytest.raises(BadModelFile, match="expected a TFLite model"):
        verify(content, "foreign")


def test_another_programs_model_has_no_contract_and_is_refused(lean):
    with pytest.raises(BadModelFile, match="sealed contract"):
        verify(flatbuffer_of(lean), "bare")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contract_version": 99}, r"contract_version \(1, 2, 3\), found 99"),
        ({"tile_px": 0}, "above 0"),
        ({"colour_order": "BGR"}, "colour_order"),
        ({"labels": ["one"]}, "two labels"),
        ({"novelty": 1}, "novelty"),
        ({"tile": {"operating_points": {}, "calibration": {}}}, "operating point"),
    ],
)
def test_a_contract_that_cannot_be_kept_is_refused(lean, change, message):
    values = json.loads(lean.contract.to_json()) | change
    content = seal(flatbuffer_of(lean), {CONTRACT: json.dumps(values).encode()})
    with pytest.raises(BadModelFile, match=message):
        verify(content, "changed")


@pytest.mark.parametrize("change", [{"tile_px": 64}, {"graph_dtype": "float32"}])
def test_a_graph_that_is_not_what_the_contract_says_is_refused(lean, change):
    values = json.loads(lean.contract.to_json()) | change
    model = verify(seal(flatbuffer_of(lean), {CONTRACT: json.dumps(values).encode()}), "changed")
    with pytest.raises(BadModelFile, match="as its contract says"):
        Network(model)


def test_a_shipped_model_is_found_by_name_and_a_file_by_path(tmp_path, lean):
    assert find_model(None) == shipped_path("lean")
    assert find_model("cancernet") == shipped_path("cancernet")
    assert find_model(str(tmp_path / "own.tflite")) == tmp_path / "own.tflite"
    with pytest.raises(BadModelFile, match="No such file"):
        open_model(tmp_path / "own.tflite")


def test_an_unknown_operating_point_is_refused_with_the_known_ones(lean):
    with pytest.raises(BadInput, match="balanced_accuracy, sensitivity95"):
        lean.contract.operating_point("sensitivity42")


def test_golden_inputs_spread_over_the_output_range(lean):
    for outputs in lean.golden.outputs.values():
        assert len(outputs) >= 16
        assert np.ptp(outputs) >= 100
        assert np.diff(np.sort(outputs)).max() <= 32
