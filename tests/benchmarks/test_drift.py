"""The benchmarks of the calibration, on drawn slides."""

from __future__ import annotations

import json

import pytest

import benchmarks.drift as drift
from benchmarks.cli import main
from benchmarks.drift_table import drift_markdown
from benchmarks.micrometer import measure_micrometers, micrometer_markdown
from edge_runtime.procedural import make_slide


@pytest.fixture
def archive(tmp_path, write_patch):
    """Two drawn slides, cut into patches as the IDC archive is, and the CSV that names them."""
    for slide, seed in (("8974", 0), ("9000", 1)):
        rgb = make_slide(seed, (400, 500)).rgb
        for y in range(0, 400, 50):
            for x in range(0, 500, 50):
                name = f"{slide}_idx5_x{x + 1}_y{y + 1}_class0.png"
                write_patch(tmp_path / slide / "0" / name, pixels=rgb[y : y + 50, x : x + 50])
    (tmp_path / "splits.csv").write_text(
        "patient_id,split,coverage\n8974,train,whole\n9000,test,whole\n9001,test,sample\n"
    )
    return tmp_path


def test_troubles_are_told_and_their_absence_is_not(archive, command, monkeypatch):
    monkeypatch.setattr(drift, "TROUBLES", (drift.TROUBLES[0], drift.TROUBLES[3]))
    monkeypatch.setattr(drift, "FRAMES", 40)
    words = ["drift", archive, "--splits", archive / "splits.csv", "--um-per-px", "3.2"]
    monkeypatch.setattr(drift, "fields_of", lambda mosaic, found=drift.fields_of: found(mosaic) * 2)
    code, out, err = command(main, *words)
    assert code == 0, err
    record = json.loads(out)
    quiet, dim = record["troubles"]
    assert (quiet["runs"], quiet["other_alarms"], quiet["alarms_before"]) == (1, {}, 0)
    assert (dim["told"], dim["expected"]) == (1, ["lamp_dim"]) and dim["frames_to_alarm"] > 0
    assert "| lamp to 50 % | 1 | 1 (`lamp_dim`) |" in drift_markdown(record)
    assert {row["claim"] for row in record["scales"]} == set(drift.CLAIMS)


@pytest.mark.parametrize(
    ("split", "message"), [("val", "expected whole slides of val"), ("test", "expected the patches")]
)
def test_slides_that_are_not_there_are_named(archive, command, tmp_path, split, message):
    words = ["drift", tmp_path / "none", "--splits", archive / "splits.csv", "--split", split]
    code, _, err = command(main, *words)
    assert code == 2 and message in err


def test_drawn_micrometers_are_read_or_refused_never_wrong():
    record = measure_micrometers(6, 1, "2026-01-01")
    assert record["read"] + len(record["refused"]) == 6
    assert record["wrong"] == 0 and record["mistaken_for_one"] == []
    assert "6 drawn pictures" in micrometer_markdown(json.loads(json.dumps(record)))
