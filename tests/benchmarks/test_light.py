"""The benchmark of lamps, on drawn slides."""

from __future__ import annotations

import json

import pytest

import benchmarks.light as light
from benchmarks.cli import main
from benchmarks.light_lamps import EVEN, Lamp
from benchmarks.light_table import light_markdown
from benchmarks.timing import Plan
from edge_runtime.procedural import make_slide


@pytest.fixture
def slides(tmp_path, write_patch):
    """A drawn slide, cut into patches as the IDC archive is, and the CSV that names it."""
    rgb = make_slide(1, (400, 500)).rgb
    for y in range(0, 400, 50):
        for x in range(0, 500, 50):
            name = f"9000_idx5_x{x + 1}_y{y + 1}_class0.png"
            write_patch(tmp_path / "9000" / "0" / name, pixels=rgb[y : y + 50, x : x + 50])
    (tmp_path / "splits.csv").write_text("patient_id,split,coverage\n9000,test,whole\n9001,test,sample\n")
    return tmp_path


def test_a_calibrated_lamp_changes_less_than_one_that_is_not_known(slides, command, monkeypatch):
    monkeypatch.setattr(light, "LAMPS", (EVEN, Lamp("dim", (0.8, 0.8, 0.8)), Lamp("corners", falloff=0.3)))
    monkeypatch.setattr(light, "FIELDS_A_SLIDE", 1)
    monkeypatch.setattr(light, "Plan", lambda **_: Plan(rounds=2, calls=1, settle=1))
    code, out, err = command(main, "light", slides, "--splits", slides / "splits.csv", "--um-per-px", "2")
    assert code == 0, err
    record = json.loads(out)
    rows = {(row["lamp"], row["calibrated"]): row for row in record["lamps"]}
    assert rows["even and white", False]["mean_difference"] == 0
    assert rows["dim", True]["mean_difference"] < rows["dim", False]["mean_difference"]
    assert rows["dim", True]["refused"] <= rows["dim", False]["refused"]
    assert set(record["costs"]) == {"resize", "light", "drift"} and record["slides"] == 1
    assert "| dim |" in light_markdown(record) and "one area resize" in light_markdown(record)


def test_a_split_without_whole_slides_is_named(slides, command):
    code, _, err = command(main, "light", slides, "--splits", slides / "splits.csv", "--split", "val")
    assert code == 2 and "expected whole slides of val" in err
