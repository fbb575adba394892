"""What a slide's report says: counts, order, marks, losses; and that it needs nothing else, whatever was written."""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
from datetime import datetime, timezone

import pytest

pytest.importorskip("jinja2", reason="needs the extra `export`")

from edge_runtime.alarms import LAMP_DIM, Alarm
from edge_runtime.calibration import Calibration
from edge_runtime.calibration.instrument import CameraId, Scale
from edge_runtime.cli import main
from edge_runtime.export.placing import place
from edge_runtime.export.report import report_of, write_report
from edge_runtime.export.report_found import LEAST_WORST, MOST_MARKED, MOST_WORST
from edge_runtime.export.report_survey import survey
from edge_runtime.note import NOTE
from edge_runtime.session.folder import DATABASE
from edge_runtime.session.options import NONE, PICTURES
from edge_runtime.session.reading import read_session
from tests.edge_runtime.fakes.pages import read_page
from tests.edge_runtime.fakes.reported import GLASS, lost, record, repeats, seen_field
from tests.edge_runtime.fakes.sessions import small_model

NOW = datetime(2026, 11, 21, 18, tzinfo=timezone.utc)


@pytest.fixture
def model(lean):
    return small_model(lean)


def said_of(folder, with_place=False):
    """What the report of a session says."""
    with read_session(folder) as session:
        return report_of(session, place(session) if with_place else None, NOW)


def page_of(folder, tmp_path, with_place=False):
    """The report of a session, as HTML."""
    with read_session(folder) as session:
        write_report(session, place(session) if with_place else None, tmp_path / "report.html", NOW)
    return (tmp_path / "report.html").read_text("utf-8")


def test_the_counts_are_those_of_the_summary_of_the_same_run(tmp_path, capsys):
    words = ["run", "synthetic:?size=700x500&speed=400", "--frames", "12", "--no-overlay", "--heat", "off"]
    assert main([*words, "--out", str(tmp_path / "out"), "--session", str(tmp_path / "sessions")]) == 0
    capsys.readouterr()
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    (folder,) = (tmp_path / "sessions").iterdir()
    with read_session(folder) as session:
        found = survey(session)
    assert (found.frames, found.fields, found.repeats) == (
        summary["frames"],
        summary["fields"],
        summary["frames_repeated"],
    )
    assert {label: found.labels[label] for label in summary["labels"]} == summary["labels"]
    assert dict(sorted(found.reasons.items())) == summary["reasons"]


def test_the_worst_field_stands_first_and_fields_without_a_called_tile_only_fill_up(tmp_path, model):
    highest = [0.10, 0.95, 0.20, 0.99, 0.05, 0.30, 0.70]
    folder = record(tmp_path, model, [seen_field(n, [[0.01, p]]) for n, p in enumerate(highest)])
    report = said_of(folder)
    assert [card.frame for card in report.worst] == [3, 1, 6, 5]
    assert [card.number for card in report.worst] == [1, 2, 3, 4] and len(report.worst) == LEAST_WORST
    assert [card.positive for card in report.worst] == [1, 1, 1, 0]


def test_a_field_of_several_looks_and_repeats_counts_once_by_its_last_look(tmp_path, model):
    first, last = seen_field(0, [[0.9, 0.9]]), seen_field(1, [[0.2, 0.8]], looks=2)
    folder = record(tmp_path, model, [first, last, repeats(last, 2), seen_field(3, [[0.1, GLASS]])])
    report = said_of(folder)
    assert (report.found.frames, report.found.fields, report.found.repeats) == (4, 2, 1)
    assert (report.judged, report.called, report.called_fields) == (3, 1, 1)
    assert report.worst[0].frame == 1 and report.worst[0].highest == "0.80" and report.worst[0].looks == 2


def test_a_field_with_no_look_before_it_is_a_field_of_its_own(tmp_path, model):
    a_lost_first_look = [seen_field(0, [[0.9]]), seen_field(2, [[0.2]], looks=2)]
    assert said_of(record(tmp_path, model, a_lost_first_look)).found.fields == 2


def test_the_share_of_tissue_leaves_glass_out_and_counts_what_was_refused(tmp_path, model):
    folder = record(tmp_path, model, [seen_field(0, [[0.9, 0.1, GLASS], ["no_data", "out_of_focus", GLASS]])])
    report = said_of(folder)
    assert (report.judged, report.tissue) == (2, 3)
    assert [(part.words, part.tiles, part.mark) for part in report.parts] == [
        ("called IDC", 1, ""),
        ("called no IDC", 1, ""),
        ("out of focus", 1, "OF"),
        ("glass", 2, "GL"),
        ("no data", 1, "ND"),
    ]
    assert sum(part.width for part in report.parts) == pytest.approx(100, abs=0.01)
    page = page_of(folder, tmp_path)
    assert "2 of 3 tiles of tissue" in page and "66.7 %" in page


def test_a_marked_field_is_shown_once_with_its_note_and_named_where_it_is(tmp_path, model):
    frames = [seen_field(n, [[0.9 - n / 100]]) for n in range(MOST_WORST + 2)]
    quiet = seen_field(len(frames), [[0.02]])
    folder = record(
        tmp_path, model, [*frames, quiet, repeats(quiet, len(frames) + 1)],
        marks={0: "nests", len(frames) + 1: "a fold"},
    )  # fmt: skip
    report = said_of(folder)
    assert [card.frame for card in report.marked] == [quiet[1].index]
    assert [mark.note for mark in report.worst[0].marks] == ["nests"]
    page = page_of(folder, tmp_path)
    assert page.count("nests") == 2 and page.count("a fold") == 2
    assert "as number 1 of the worst fields" in page and f"below, frame {quiet[1].index}" in page


def test_what_a_person_wrote_stays_text(tmp_path, model):
    evil = "<script>alert(1)</script>"
    folder = record(
        tmp_path, model, [seen_field(0, [[0.9]], source=f"pi:{evil}"), lost(1, message=evil)],
        slide=evil, operator=evil, source=evil, marks={0: f'{evil}"><img src=x onerror=y>', 1: "{{ 7 * 7 }}"},
    )  # fmt: skip
    page = page_of(folder, tmp_path, with_place=True)
    assert "<script" not in page and "<img src=x" not in page and "{{ 7 * 7 }}" in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 6


def test_a_report_needs_nothing_else(tmp_path, model):
    page = page_of(record(tmp_path, model, [seen_field(0, [[0.9, 0.2]])]), tmp_path, with_place=True)
    found = read_page(page)
    sources = [value for _, values in found.tags for key, value in values.items() if key in ("src", "href")]
    assert any(value.startswith("data:image/jpeg;base64,") for value in sources)
    assert all(value.startswith(("data:image/", "#")) for value in sources)
    assert not {name for name, _ in found.tags} & {"script", "link", "iframe", "object", "form"}
    assert "@import" not in page and "url(" not in page


def test_the_note_stands_at_the_top_at_the_bottom_and_in_the_margin_of_every_printed_page(tmp_path, model):
    page = page_of(record(tmp_path, model, [seen_field(0, [[0.9]])]), tmp_path)
    assert f'<p class="note" role="note">{NOTE}</p>' in page and f"<footer><p>{NOTE}</p></footer>" in page
    assert f'@bottom-left {{ content: "{NOTE}"' in page


def test_alarms_lost_frames_gaps_and_what_was_said_of_the_session_are_told(tmp_path, model):
    alarm = Alarm(LAMP_DIM, 0.8, 0.9)
    frames = [seen_field(n, [[0.1]], alarms=(alarm,) if n in (1, 2, 4) else ()) for n in range(6)]
    folder = record(tmp_path, model, [*frames, lost(6), lost(9, "unreadable")])
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("UPDATE session SET said = ?", (json.dumps(["one frame was torn"]),))
    report = said_of(folder)
    (seen,) = report.found.alarms
    assert (seen.reason, seen.first_frame, seen.times, seen.frames) == (LAMP_DIM, 1, 2, 3)
    assert seen.message == alarm.message
    assert report.found.lost == {"camera_hung": 1, "unreadable": 1} and report.found.gaps == 2
    assert report.lost == ["one frame was torn", "2 frames between the first and the last are not in the session."]
    page = page_of(folder, tmp_path)
    assert "lamp dim" in page and "camera hung" in page and "one frame was torn" in page
    assert "in 3 frames of 8" in page


def test_a_frame_that_changed_on_the_disk_is_left_out_and_said(tmp_path, model):
    folder = record(tmp_path, model, [seen_field(n, [[0.9]]) for n in range(3)])
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("UPDATE tiles SET probability = 0.1 WHERE frame = 1")
    report = said_of(folder, with_place=True)
    assert report.found.frames == 2 and report.found.gaps == 0
    assert report.lost == ["frame 1: it is not what was written, and is left out"]


def test_a_damaged_model_is_said_and_its_contract_still_names_the_label(tmp_path, model):
    folder = record(tmp_path, model, [seen_field(0, [[0.9]])])
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("UPDATE models SET content = ?", (b"spoiled",))
    report = said_of(folder)
    assert report.positive == "IDC" and report.called == 1 and report.points
    assert report.lost[0].startswith("The model in the session cannot be read")
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("DELETE FROM models")
    report = said_of(folder)
    assert report.positive == "" and report.model is None and report.worst[0].highest == "0.90"
    assert not re.search(r"Tiles called|tiles? called|\d called", page_of(folder, tmp_path))


def test_an_empty_session_says_that_nothing_was_judged(tmp_path, model):
    report = said_of(record(tmp_path, model, []))
    assert (report.found.frames, report.parts, report.worst, report.slide) == (0, [], [], None)
    page = page_of(record(tmp_path, model, [lost(0)], slide=""), tmp_path)
    assert "No field was judged" in page and "Slide without a label" in page and "camera hung" in page


def test_a_session_without_pictures_shows_the_heat_on_white(tmp_path, model):
    page = page_of(record(tmp_path, model, [seen_field(0, [[0.9, 0.8]])], keep=NONE), tmp_path, with_place=True)
    assert "No picture was kept." in page and "<img" not in page
    assert page.count("<title>IDC, probability 0.90</title>") == 1


def test_thumbnails_serve_where_they_are_all_that_was_kept(tmp_path, model):
    looks = [seen_field(0, [[0.9]]), seen_field(1, [[0.8]], looks=2)]
    report = said_of(record(tmp_path, model, looks, keep=PICTURES))
    assert report.worst[0].frame == 1 and report.worst[0].picture.startswith("data:image/jpeg")


def test_a_long_session_makes_a_short_report(tmp_path, model, quick_disk):
    frames = [seen_field(n, [[0.4 + n / 1000]]) for n in range(400)]
    folder = record(quick_disk, model, frames, keep=NONE, marks=dict.fromkeys(range(0, 400, 2), "look"))
    report = said_of(folder)
    assert len(report.worst) == MOST_WORST and report.worst[0].frame == 399
    assert len(report.marked) <= MOST_MARKED
    assert len(report.found.marks) == 100 and report.found.mark_count == 200
    assert len(page_of(folder, tmp_path)) < 400_000


def test_the_operating_point_is_told_as_the_contract_knows_it(tmp_path, model):
    settings = {"operating_point": "sensitivity95", "context": True}
    said = [seen_field(0, [[0.9]], operating_point="sensitivity95")]
    report = said_of(record(tmp_path, model, said, settings=settings))
    points = [model.contract.operating_point("sensitivity95", mode)[1] for mode in ("context", "tile")]
    assert [row.sensitivity for row in report.points] == [f"{point.val_sensitivity:.3f}" for point in points]
    assert [row.specificity for row in report.points] == [f"{point.val_specificity:.3f}" for point in points]
    assert report.legend.threshold == report.points[0].threshold


def test_an_operating_point_that_the_model_does_not_have_is_left_out(tmp_path, model):
    report = said_of(record(tmp_path, model, [seen_field(0, [[0.9]])], settings={"operating_point": "odd"}))
    assert report.points == [] and "odd" in report.lost[-1]


def test_an_expired_calibration_is_warned_of_by_the_date_of_the_session(tmp_path, model):
    scale = Scale(0.8, "micrometer", 0.001, "2026-10-01T08:00:00+00:00", "31 lines")
    calibration = Calibration(scale, CameraId("pi", "imx477", 1920, 1080), "4x", "Field box 7")
    folder = record(tmp_path, model, [seen_field(0, [[0.9]])], calibration=calibration)
    report = said_of(folder)
    assert len(report.warnings) == 1 and "expired on 2026-10-31" in report.warnings[0]
    rows = dict(report.instrument)
    assert rows["Calibration"] == "Field box 7" and rows["Good until"].startswith("2026-10-31")
    assert "0.8 ± 0.001 µm per px, micrometer" in rows["Scale, calibrated"]
    assert "not calibrated" in said_of(record(tmp_path, model, [seen_field(0, [[0.9]])])).warnings[0]


def test_places_are_those_of_the_mosaic(tmp_path, model):
    frames = [seen_field(n, [[0.5 + n / 10, 0.1]], origin_xy=(100 + 400 * n, 50)) for n in range(2)]
    report = said_of(record(tmp_path, model, frames), with_place=True)
    assert [card.place for card in report.worst] == ["x 1.60 mm, y 0.00 mm", "x 0.00 mm, y 0.00 mm"]
    top = report.worst[0].top_tiles[0]
    assert (top.probability, top.in_field, top.on_slide) == ("0.60", "100, 100", "1.70, 0.10")
    assert [(pin.number, round(pin.left)) for pin in report.slide.pins] == [(1, 1600), (2, 0)]


def test_a_report_is_the_same_for_the_same_session(tmp_path, model):
    folder = record(tmp_path, model, [seen_field(0, [[0.9]])])
    assert page_of(folder, tmp_path, True) == page_of(folder, tmp_path, True)


def test_reading_a_report_is_possible_while_its_session_goes_on(tmp_path, model):
    folder = record(tmp_path, model, [seen_field(0, [[0.9]])])
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("UPDATE session SET ended_at = NULL, ended_by = NULL")
    assert "not ended" in page_of(folder, tmp_path)


def test_a_tile_of_a_reason_that_nobody_knows_yet_speaks_for_itself(tmp_path, model):
    frame, result = seen_field(0, [[0.9, "too_wet"]])
    folder = record(tmp_path, model, [(frame, dataclasses.replace(result))])
    assert "too wet" in page_of(folder, tmp_path) and ("too wet", "TO") in [
        (part.words, part.mark) for part in said_of(folder).parts
    ]
