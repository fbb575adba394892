"""`cancernet export`: tables and lines, what is refused, and that no file is ever torn."""

import csv
import json
import sqlite3
from datetime import timedelta

import pytest

from edge_runtime.cli import main
from edge_runtime.errors import BadInput
from edge_runtime.export import extras, job
from edge_runtime.export.job import export_session
from edge_runtime.export.kinds import FILES
from edge_runtime.export.table import safe_cell
from edge_runtime.session.creating import create_session
from edge_runtime.session.rows import rows_of

from .fakes.sessions import NOON, about, frame_and_result, small_model, write_frames


@pytest.fixture
def session(lean, tmp_path):
    """A session of four frames, the last repeating the third; frame 1 is marked."""
    writer = create_session(tmp_path / "sessions", about(small_model(lean), slide="=cmd|' /C calc'!A0"), NOON)
    write_frames(writer, range(3))
    frame, result = frame_and_result(3, repeats=2)
    writer.write(rows_of(frame, result, NOON + timedelta(seconds=3)), ())
    writer.mark(1, True, "+look here")
    writer.close()
    return writer.folder


def _rows(path):
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_table_has_a_row_a_tile_and_none_of_repetitions(session, tmp_path):
    rows = _rows(export_session(session, "csv", tmp_path / "out"))
    assert [(row["frame"], row["row"], row["column"]) for row in rows[:4]] == [
        ("0", "0", "0"), ("0", "0", "1"), ("0", "0", "2"), ("0", "1", "0"),
    ]  # fmt: skip
    assert len(rows) == 3 * 6
    assert all((row["probability"] == "") != (row["reason"] == "") for row in rows)


def test_numbers_in_the_table_are_those_of_the_session_not_rounded(session, tmp_path):
    rows = _rows(export_session(session, "csv", tmp_path / "out"))
    _, result = frame_and_result(1)
    assert [float(row["probability"]) for row in rows if row["frame"] == "1" and row["probability"]] == [
        tile.probability for tile in result.tiles if tile.probability is not None
    ]


def test_places_are_given_in_micrometres_too(session, tmp_path):
    row = _rows(export_session(session, "csv", tmp_path / "out"))[1]
    assert float(row["x_um"]) == int(row["x_px"]) * float(row["um_per_px"])


def test_a_label_or_note_that_is_a_formula_becomes_text(session, tmp_path):
    rows = _rows(export_session(session, "csv", tmp_path / "out"))
    assert rows[0]["slide"] == "'=cmd|' /C calc'!A0"
    assert {row["note"] for row in rows if row["marked"] == "1"} == {"'+look here"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_text_begins_as_a_formula_does(text):
    assert safe_cell(text) == f"'{text}"


def test_plain_text_stays_as_it_is():
    assert safe_cell("S 12/345") == "S 12/345"


def test_the_lines_are_the_records_with_the_marks(session, tmp_path):
    lines = [json.loads(line) for line in export_session(session, "jsonl", tmp_path / "out").read_text().splitlines()]
    assert [line["frame"] for line in lines] == [0, 1, 2, 3]
    assert [line["marked"] for line in lines] == [False, True, False, False]
    assert lines[1]["note"] == "+look here"
    assert lines[3]["repeats_frame"] == 2
    assert lines[3]["tiles"] == lines[2]["tiles"]


def test_the_command_writes_what_was_asked_for(session, tmp_path):
    assert main(["export", str(session), "--out", str(tmp_path / "out"), "--what", "csv,jsonl"]) == 0
    assert _names(tmp_path / "out") == [FILES["jsonl"], FILES["csv"]]


def test_files_of_an_earlier_export_stay_unless_they_may_go(session, tmp_path, capsys):
    out = tmp_path / "out"
    out.mkdir()
    (out / "tiles.csv").write_text("mine")
    (out / "other").write_text("mine")
    assert main(["export", str(session), "--out", str(out), "--what", "csv"]) == 2
    assert "tiles.csv already" in capsys.readouterr().err
    assert (out / "tiles.csv").read_text() == "mine"
    assert main(["export", str(session), "--out", str(out), "--what", "csv", "--overwrite"]) == 0
    assert len(_rows(out / "tiles.csv")) == 18
    assert (out / "other").read_text() == "mine"


def test_where_there_is_no_session_that_is_said(tmp_path, capsys):
    assert main(["export", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "expected a session" in capsys.readouterr().err


def test_an_unknown_kind_is_refused_by_name(session, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["export", str(session), "--out", str(tmp_path), "--what", "csv,xls"])
    assert ended.value.code == 2
    assert "'xls'" in capsys.readouterr().err
    with pytest.raises(BadInput, match="xls"):
        export_session(session, "xls", tmp_path)


def test_a_damaged_session_is_said_to_be_damaged(session, tmp_path, capsys):
    (session / "session.sqlite").write_bytes(b"\0" * 5000)
    assert main(["export", str(session), "--out", str(tmp_path / "out"), "--what", "csv"]) == 2
    assert "found" in capsys.readouterr().err
    assert not (tmp_path / "out" / "tiles.csv").exists()


def test_a_session_of_a_newer_version_is_left_alone(session, tmp_path, capsys):
    with sqlite3.connect(session / "session.sqlite") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    assert main(["export", str(session), "--out", str(tmp_path / "out"), "--what", "csv"]) == 2
    assert "newer" in capsys.readouterr().err


def test_a_session_that_goes_on_can_be_exported(lean, tmp_path):
    writer = create_session(tmp_path / "sessions", about(small_model(lean)), NOON)
    write_frames(writer, range(2))
    assert len(_rows(export_session(writer.folder, "csv", tmp_path / "out"))) == 12
    write_frames(writer, range(2, 3))
    assert len(_rows(export_session(writer.folder, "csv", tmp_path / "out"))) == 18
    writer.close()


def test_a_frame_that_changed_on_the_disk_is_left_out_and_named(session, tmp_path, capsys):
    with sqlite3.connect(session / "session.sqlite") as database:
        database.execute("UPDATE tiles SET probability = 0.123 WHERE frame = 1 AND probability IS NOT NULL")
    database.close()
    assert main(["export", str(session), "--out", str(tmp_path / "out"), "--what", "csv"]) == 0
    assert "frame 1: it is not what was written" in capsys.readouterr().err
    assert {row["frame"] for row in _rows(tmp_path / "out" / "tiles.csv")} == {"0", "2"}


def test_a_session_without_frames_has_tables_and_no_mosaic(lean, tmp_path, capsys):
    pytest.importorskip("shapely", reason="needs the extra `export`")
    writer = create_session(tmp_path / "sessions", about(small_model(lean)), NOON)
    writer.close()
    assert _rows(export_session(writer.folder, "csv", tmp_path / "out")) == []
    assert main(["export", str(writer.folder), "--out", str(tmp_path / "m"), "--what", "geojson"]) == 2
    assert "expected a frame that was looked at" in capsys.readouterr().err


def test_a_disk_that_fills_leaves_no_torn_file(session, tmp_path, monkeypatch, capsys):
    def full(session, file):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(job, "write_table", full)
    assert main(["export", str(session), "--out", str(tmp_path / "out"), "--what", "csv"]) == 3
    assert "No space left" in capsys.readouterr().err
    assert _names(tmp_path / "out") == []


def test_a_kind_whose_library_is_missing_is_none_that_can_be_made_here(monkeypatch):
    monkeypatch.setitem(extras.LIBRARIES, "csv", ("no-such-library",))
    extras.kinds_here.cache_clear()
    assert "csv" not in extras.kinds_here() and "jsonl" in extras.kinds_here()
    extras.kinds_here.cache_clear()


def test_a_package_that_is_missing_is_said_with_what_to_install(session, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(extras.importlib.util, "find_spec", lambda name: None)
    assert main(["export", str(session), "--out", str(tmp_path / "a"), "--what", "geojson"]) == 2
    assert "cancernet-edge[export]" in capsys.readouterr().err
    assert main(["export", str(session), "--out", str(tmp_path / "b")]) == 0  # what can be made is made
    assert _names(tmp_path / "b") == ["frames.jsonl", "mosaic.png", "tiles.csv"]
    assert "left out tiles.geojson" in capsys.readouterr().err
