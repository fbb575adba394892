import json

import numpy as np
import pytest

from benchmarks import latency
from benchmarks.contenders import Contender, open_contenders, pairs, parent_of
from benchmarks.frame_latency import Geometry, tissue_frame
from benchmarks.latency import Choice, measure_latency
from benchmarks.latency_table import latency_markdown
from benchmarks.process import time_processes
from edge_runtime.procedural import ProceduralSlide, make_slide

SMALL = Geometry(300, 400, 2.0)


@pytest.fixture
def contenders(make_model):
    chosen = [("lean", "int8"), ("cancernet", "int8"), ("lean", "float32")]
    return [Contender(f"{name} {dtype}", make_model(name, dtype)) for name, dtype in chosen]


def test_a_parent_is_the_float_model_of_the_same_name(contenders):
    lean, cancernet, parent = contenders
    assert parent_of(lean, contenders) is parent
    assert parent_of(cancernet, contenders) is None
    assert parent_of(parent, contenders) is None


def test_each_int8_model_is_held_against_the_last_one_and_its_parent(contenders):
    lean, cancernet, parent = contenders
    found = [(one.label, other.label) for one, other in pairs(contenders)]
    assert found == [(lean.label, cancernet.label), (lean.label, parent.label)]


def test_a_frame_is_taken_where_the_slide_has_the_least_glass():
    classes = np.zeros((400, 400), np.uint8)
    classes[100:250, 200:400] = 2  # stroma
    rgb = np.repeat(classes[..., None] * 50, 3, 2)
    frame = tissue_frame(ProceduralSlide(rgb, classes, 0), SMALL)
    assert frame.pixels.shape == (300, 400, 3)
    assert frame.um_per_px == 2.0
    assert frame.pixels.min() == 100


def test_the_record_of_the_shipped_model_has_every_part_and_a_table(shipped_model, monkeypatch):
    monkeypatch.setattr(latency, "GEOMETRIES", (SMALL,))
    monkeypatch.setattr(latency, "make_slide", lambda seed: make_slide(seed, (200, 240)))
    choice = Choice((1,), ("litert", "tflite-runtime"), (1, 3), rounds=1, process_runs=0)
    shipped = [contender for contender in open_contenders([str(shipped_model)], []) if contender.is_int8]
    record = json.loads(json.dumps(measure_latency(shipped, choice, "2020-01-02"), allow_nan=False))
    timed = {row["interpreter"] for row in record["tiles"]}
    assert timed | {row["interpreter"] for row in record["missing"]} == {"litert", "tflite-runtime"}
    assert [row["batch"] for row in record["batches"]] == [1, 3]
    (frame,) = record["frames"]
    assert frame["tiles"] == 12
    assert set(frame["stages"]) == {
        "scale",
        "tile",
        "gates",
        "stain",
        "network",
        "context",
        "label",
    }
    shown = latency_markdown(record)
    assert "400x300 at 2 µm/px" in shown and "temperature" in shown


@pytest.mark.parametrize(("name", "by"), [("other.tflite", "name"), ("lean.tflite", "as_posix")])
def test_models_of_one_name_are_told_apart_by_their_file_and_where_that_is_the_same_by_their_path(
    shipped_model, tmp_path, name, by
):
    other = tmp_path / name
    other.write_bytes(shipped_model.read_bytes())
    found = open_contenders([str(shipped_model), str(other)], [])
    labels = [contender.label for contender in found if contender.is_int8]
    told = [path.name if by == "name" else str(path) for path in (shipped_model, other)]
    assert labels == [f"lean int8 ({each})" for each in told]


def test_the_process_is_timed_and_imports_no_tensorflow(shipped_model, monkeypatch):
    slide = make_slide(0, (200, 240))
    contender = open_contenders([str(shipped_model)], [])[0]
    rows = time_processes(contender, tissue_frame(slide, SMALL), runs=1)
    assert [row["forbidden_modules"] for row in rows] == [[], []]
    assert all(row["modules"] > 50 and row["frames"] == 3 for row in rows)
