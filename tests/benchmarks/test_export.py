"""What is measured of exports."""

import numpy as np
import pytest

from benchmarks import export_table
from benchmarks.export import _rows
from benchmarks.export_sessions import hand_moved
from edge_runtime.procedural import make_slide

pytest.importorskip("tifffile")
pytest.importorskip("shapely")


def test_a_hand_covers_the_slide_with_views_that_overlap():
    boxes = hand_moved((3000, 4000), (1000, 1500), 0.2, 1)
    seen = np.zeros((3000, 4000), int)
    for box in boxes:
        seen[box.slices] += 1
    assert (seen > 0).mean() > 0.99
    assert (seen > 1).mean() > 0.2


def test_a_drawn_slide_is_exported_where_it_is(tmp_path):
    told, found = _rows(make_slide(3, (420, 560)), tmp_path)
    assert (told["places"], found["places"]) == ("told", "found")
    assert told["place_off_um"] == 0
    for row in (told, found):
        assert row["pieces"] == 1
        assert row["place_off_um"] < 4 and row["mosaic_off_um"] < 4 and row["centre_off_um"] < 200
        assert abs(row["area_heat"]) < 0.02
    assert "area_by_network" in told


def test_the_table_has_a_row_a_slide_and_way(monkeypatch):
    slide = {"seed": 1, "places": "told", "views": 4, "pieces": 1, "placing_s": 1.0, "place_off_um": 0.5}
    slide |= {"mosaic_off_um": 1.0, "centre_off_um": 8.0, "area_geojson": -0.011, "area_heat": 5e-4}
    match = {"slide": "drawn", "overlap": [0.1, 0.15], "way": "ORB", "pairs": 24, "right": 0, "wrong": 1}
    monkeypatch.setattr(export_table, "board_line", lambda record: "a board")
    text = export_table.export_markdown(
        {"slides": [slide | {"area_by_network": -0.09}], "matching": [match | {"off_px": None, "ms": 9.0}]}
    )
    assert "| drawn, seed 1 | told | 4 | 1 | 1.0 | 0.5 | 1.0 | 8 | -1.1% | +0.05% | -9% |" in text
    assert "| drawn | 10%-15% | ORB | 0 of 24 | 1 |  | 9 |" in text
