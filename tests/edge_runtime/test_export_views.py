"""A view is what was seen once: its last look speaks, and what moved is none."""

import dataclasses

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from edge_runtime.export.ground import STEP_UM, areas_um2, ground_of
from edge_runtime.export.placing import ORIGINS, place
from edge_runtime.export.views import read_views
from edge_runtime.results import TileResult
from edge_runtime.session.creating import create_session
from edge_runtime.session.reading import read_session
from edge_runtime.session.rows import rows_of

from .fakes.sessions import NOON, about, frame_and_result, small_model


def _session(lean, tmp_path, *changes):
    """A session of frames of 2x2 tiles of 100x100 px at 2 µm per px, each with some values changed."""
    writer = create_session(tmp_path, about(small_model(lean)), NOON)
    for index, change in enumerate(changes):
        _, result = frame_and_result(index)
        change = dict(change)
        x0, y0 = origin = change.pop("at", (0, 0))
        said = change.pop("said", 0.25)
        tiles = tuple(
            TileResult(x0 + x, y0 + y, reason=said) if isinstance(said, str)
            else TileResult(x0 + x, y0 + y, said, "idc" if said > 0.5 else "no_idc")
            for y in (0, 100) for x in (0, 100)
        )  # fmt: skip
        base = {"um_per_px": 2.0, "size_px": (200, 200), "grid": (2, 2), "tile_size_px": 100.0, "seen": None}
        result = dataclasses.replace(result, origin_xy=origin, tiles=tiles, **{**base, **change})
        writer.write(rows_of(None, result, NOON), ())
    writer.close()
    return read_session(writer.folder)


def test_looks_at_one_field_are_one_view_and_the_last_speaks(lean, tmp_path):
    with _session(lean, tmp_path, {}, {"looks": 2, "said": 0.75}, {"repeats_frame": 1}, {"at": (500, 0)}) as session:
        found = read_views(session)
    assert [view.frame for view in found.views] == [1, 3]
    assert found.views[0].probability.tolist() == [0.75] * 4
    assert found.stands_for == {0: 1, 1: 1, 2: 1, 3: 3}


def test_frames_of_a_moving_stage_are_no_views(lean, tmp_path):
    with _session(lean, tmp_path, {"said": "moving"}, {}) as session:
        found, placed = read_views(session), place(session)
    assert [view.frame for view in found.views] == [1]
    assert found.moving == 1
    assert "while the stage moved" in placed.said[0]


def test_a_session_in_which_nothing_was_looked_at_has_no_mosaic(lean, tmp_path):
    with _session(lean, tmp_path, {"said": "moving"}) as session, pytest.raises(BadInput, match="looked at"):
        place(session)


def test_views_that_know_their_places_lie_there(lean, tmp_path):
    with _session(lean, tmp_path, {"at": (1000, 300)}, {"at": (1200, 350)}) as session:
        placed = place(session)
    assert placed.how == ORIGINS
    assert [(view.left_um, view.top_um) for view in placed.views] == [(0.0, 0.0), (400.0, 100.0)]
    assert (placed.width_um, placed.height_um) == (800.0, 500.0)
    assert placed.origin_um == (2000.0, 600.0)
    assert placed.size_px == (125, 200)  # at the model's 4 µm per px


def test_each_place_counts_once_however_often_it_was_seen(lean, tmp_path):
    with _session(lean, tmp_path, {"said": 0.75}, {"at": (100, 0), "said": 0.75}) as session:
        areas = areas_um2(ground_of(place(session)))
    assert areas["positive"] == areas["judged"] == areas["seen"]
    assert areas["seen"] == pytest.approx(600 * 400, rel=0.03)


def test_of_views_that_overlap_the_one_speaks_that_has_more_around_a_place(lean, tmp_path):
    with _session(lean, tmp_path, {"said": 0.25}, {"at": (100, 0), "said": 0.75}) as session:
        ground = ground_of(place(session))
    middle = ground.probability[len(ground.probability) // 2]
    middle = middle[np.isfinite(middle)]
    change = np.flatnonzero(np.diff(middle))
    assert len(change) == 1
    assert (change[0] + 1) * STEP_UM == pytest.approx(300, abs=STEP_UM)  # the middle of the overlap


def test_what_one_view_judged_is_not_lost_by_another_that_could_not(lean, tmp_path):
    with _session(lean, tmp_path, {"said": "out_of_focus"}, {"at": (100, 0), "said": 0.75}) as session:
        areas = areas_um2(ground_of(place(session)))
    assert areas["judged"] == pytest.approx(400 * 400, rel=0.03)
