import csv
import io
import json
import sqlite3
import zipfile
from contextlib import closing

import cv2
import numpy as np
import pytest

pytest.importorskip("fastapi", reason="needs the extra `live`")
pytest.importorskip("httpx2", reason="needs httpx2, by which Starlette is asked")

from edge_runtime.live import downloads
from edge_runtime.live.downloads import KINDS
from edge_runtime.live.downloads_zip import zipped
from edge_runtime.live.shelf import Shelf
from edge_runtime.session.budget import Budget
from edge_runtime.session.creating import create_session
from edge_runtime.session.folder import DATABASE, SPARE
from edge_runtime.session.lock import lock_folder
from edge_runtime.session.reading import read_session
from tests.edge_runtime.fakes.instrument import FakeInstrument
from tests.edge_runtime.fakes.reported import record
from tests.edge_runtime.fakes.sessions import NOON, about, frame_and_result, small_model, write_frames
from tests.edge_runtime.fakes.web import browser

SESSIONS = "/api/v1/sessions"


@pytest.fixture
def written(tmp_path, lean):
    """A folder of one session that ended, with frame 3 marked."""
    root = tmp_path / "sessions"
    root.mkdir()
    return record(root, small_model(lean), map(frame_and_result, range(10)), marks={3: "<b>look</b> here"})


@pytest.fixture
def page(written):
    with browser(FakeInstrument(written.parent)) as found:
        yield found


def test_sessions_are_listed_with_what_a_person_knows_them_by(page, written):
    (listed,) = page.get(SESSIONS).json()["sessions"]
    assert listed["id"] == written.name and listed["slide"] == "S-12" and listed["operator"] == "Ada"
    assert listed["frames"] == 10 and listed["marked"] == 1 and listed["ended_by"] == "asked"
    assert listed["trouble"] is None and str(written.parent) not in json.dumps(listed)


def test_without_a_folder_for_sessions_there_are_none(tmp_path):
    assert browser(FakeInstrument()).get(SESSIONS).json() == {"sessions": []}
    assert browser(FakeInstrument(tmp_path / "not yet")).get(SESSIONS).json() == {"sessions": []}


def test_a_session_that_did_not_change_is_not_read_again(page, written, monkeypatch):
    first = page.get(SESSIONS).json()
    monkeypatch.setattr("edge_runtime.live.shelf.describe", lambda folder: 1 / 0)
    assert page.get(SESSIONS).json() == first


def test_more_is_told_of_one(page, written):
    told = page.get(f"{SESSIONS}/{written.name}").json()
    assert told["marks"] == [{"frame": 3, "note": "<b>look</b> here"}] and told["keep"] == "fields"
    assert sum(told["tiles"].values()) == 60 and told["tiles"]["out_of_focus"] == 20


def test_what_can_be_made_here_is_told_and_what_cannot_is_not(page, written, no_pdf):
    told = page.get(f"{SESSIONS}/{written.name}").json()["exports"]
    assert {"csv", "jsonl", "session"} <= set(told) <= set(KINDS) and "pdf" not in told


def test_a_session_that_goes_on_is_not_offered_as_a_whole(tmp_path, lean):
    with closing(create_session(tmp_path, about(small_model(lean)), NOON)) as writer:
        write_frames(writer, range(2))
        with browser(FakeInstrument(tmp_path)) as page:
            told = page.get(f"{SESSIONS}/{writer.folder.name}").json()["exports"]
            assert "csv" in told and "session" not in told
            assert page.get(f"{SESSIONS}/{writer.folder.name}/export/session").status_code == 409


def test_the_worst_fields_come_first(page, written):
    told = page.get(f"{SESSIONS}/{written.name}/worst", params={"limit": 4}).json()
    with read_session(written) as session:
        highest = {frame.index: max(tile.result.probability or 0 for tile in frame.tiles) for frame in session.frames()}
    wanted = sorted(highest, key=highest.get, reverse=True)[:4]
    assert [field["frame"] for field in told["fields"]] == wanted and not told["warnings"]
    for field in told["fields"]:
        assert field["probability"] == highest[field["frame"]] and field["judged"] == 4 and field["tiles"] == 6
        assert field["marked"] == (field["frame"] == 3) and field["has_thumbnail"]


def test_of_a_field_that_was_looked_at_often_the_last_look_stands(page, written):
    with sqlite3.connect(written / DATABASE) as connection:
        for looks, frame in enumerate(range(2, 6), 1):
            connection.execute(
                "UPDATE frames SET record = json_set(record, '$.looks', ?) WHERE frame = ?", (looks, frame)
            )
    connection.close()
    told = page.get(f"{SESSIONS}/{written.name}/worst", params={"limit": 100}).json()
    assert not {2, 3, 4} & {field["frame"] for field in told["fields"]}
    assert len(told["warnings"]) == 1 and "frame 5" in told["warnings"][0]  # it is not what was written: left out


def test_a_thumbnail_is_the_one_that_was_kept(page, written):
    answer = page.get(f"{SESSIONS}/{written.name}/frames/4/thumbnail")
    assert answer.headers["content-type"] == "image/jpeg"
    assert cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR) is not None
    for frame in (10, 999, 2**53):
        assert page.get(f"{SESSIONS}/{written.name}/frames/{frame}/thumbnail").status_code == 404


def test_a_table_is_made_in_a_process_of_its_own_and_made_once(page, written):
    answer = page.get(f"{SESSIONS}/{written.name}/export/csv")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{written.name}-tiles.csv"'
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) == 60
    made = list((written.parent / SPARE).glob("*/tiles.csv"))
    assert len(made) == 1
    made[0].write_text("made once")
    assert page.get(f"{SESSIONS}/{written.name}/export/csv").text == "made once"
    assert [each["id"] for each in page.get(SESSIONS).json()["sessions"]] == [written.name]


def test_a_file_that_takes_long_is_asked_for_again(page, written):
    first = page.get(f"{SESSIONS}/{written.name}/export/jsonl", params={"wait": 0})
    assert first.status_code == 202 and first.json() == {"busy": "jsonl"} and first.headers["retry-after"]
    second = page.get(f"{SESSIONS}/{written.name}/export/jsonl")
    assert second.status_code == 200 and len(second.text.splitlines()) == 10


def test_a_file_that_cannot_be_made_says_why_without_paths(page, written):
    with read_session(written) as session, sqlite3.connect(written / DATABASE) as connection:
        assert len(session) == 10
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DROP TABLE tiles")
    connection.close()
    answer = page.get(f"{SESSIONS}/{written.name}/export/csv")
    assert answer.status_code == 422 and str(written.parent) not in answer.text, answer.text


def test_on_a_disk_that_is_nearly_full_nothing_is_made(page, written, monkeypatch):
    monkeypatch.setattr(downloads, "LEAST_FREE_BYTES", 1 << 60)
    answer = page.get(f"{SESSIONS}/{written.name}/export/csv")
    assert answer.status_code == 422 and "free room" in answer.json()["error"]["message"]


def test_where_pictures_need_room_downloads_go_before_pictures_do(page, written):
    page.get(f"{SESSIONS}/{written.name}/export/csv")
    made = written.parent / SPARE
    (made / "large").write_bytes(bytes(1_000_000))
    assert Budget(written.parent, cap_bytes=900_000, reserve_bytes=0).take(1000, written.with_name("present"))
    assert not made.exists() and (written / "pictures-0001.bin").exists()


def test_a_worker_that_dies_is_a_failure_and_no_trace(page, written, monkeypatch, caplog):
    monkeypatch.setattr(downloads.sys, "executable", "/bin/false")
    answer = page.get(f"{SESSIONS}/{written.name}/export/csv")
    assert answer.status_code == 500 and answer.json()["error"]["reason"] == "failed" and "ended with 1" in caplog.text
    monkeypatch.undo()
    assert page.get(f"{SESSIONS}/{written.name}/export/csv").status_code == 200


def test_a_worker_that_the_system_ended_is_told_with_what_to_do(page, written, monkeypatch, tmp_path):
    ended = tmp_path / "ended"
    ended.write_text("#!/bin/sh\nkill -9 $$\n")
    ended.chmod(0o755)
    monkeypatch.setattr(downloads.sys, "executable", str(ended))
    answer = page.get(f"{SESSIONS}/{written.name}/export/csv")
    assert answer.status_code == 500 and "export it on a PC" in answer.json()["error"]["message"]


def test_the_whole_session_comes_as_a_zip_that_can_be_read(page, written, tmp_path):
    answer = page.get(f"{SESSIONS}/{written.name}/export/session")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "copy")
    with read_session(tmp_path / "copy" / written.name) as session:
        frames = list(session.frames())
        assert len(frames) == 10 and all(session.picture(frame, "field") for frame in frames)
    lock = lock_folder(written)
    assert lock is not None  # it was let go
    lock.release()


def test_two_take_a_zip_at_once_and_when_nobody_does_the_session_is_let_go(written):
    parts, others = zipped(written), zipped(written)
    next(parts)
    others.close()
    assert lock_folder(written) is None
    parts.close()
    lock = lock_folder(written)
    assert lock is not None
    lock.release()


def test_a_session_is_deleted_when_its_id_is_said_twice(page, written):
    for body in ({}, {"confirm": ""}, {"confirm": "another"}, {"confirm": True}):
        assert page.request("DELETE", f"{SESSIONS}/{written.name}", json=body).status_code == 422
    assert page.delete(f"{SESSIONS}/{written.name}").status_code == 422 and written.exists()
    assert page.request("DELETE", f"{SESSIONS}/{written.name}", json={"confirm": written.name}).status_code == 204
    assert list(written.parent.iterdir()) == [] and page.get(SESSIONS).json() == {"sessions": []}


def test_one_that_is_being_recorded_is_neither_deleted_nor_zipped(page, written):
    lock = lock_folder(written)
    assert lock is not None
    answer = page.request("DELETE", f"{SESSIONS}/{written.name}", json={"confirm": written.name})
    assert answer.status_code == 409 and answer.json()["error"]["reason"] == "not_now"
    assert page.get(f"{SESSIONS}/{written.name}/export/session").status_code == 409
    assert page.get(SESSIONS).json()["sessions"][0]["ended_by"] == "asked"
    assert page.get(f"{SESSIONS}/{written.name}/export/csv").status_code == 200
    lock.release()
    assert written.exists()


def test_what_a_pulled_plug_left_of_a_deletion_goes_at_the_next_start(written):
    half = written.with_name(f".gone-{written.name}")
    written.rename(half)
    (written.parent / SPARE / "old").mkdir(parents=True)
    browser(FakeInstrument(written.parent))
    assert list(written.parent.iterdir()) == []


def test_links_that_lead_out_of_the_folder_are_no_sessions(page, written, tmp_path):
    outside = tmp_path / "outside"
    written.rename(outside)
    (written.parent / "linked").symlink_to(outside)
    inner = written.parent / "inner"
    inner.mkdir()
    (inner / DATABASE).symlink_to(outside / DATABASE)
    for name in ("linked", "inner"):
        for path in ("", "/worst", "/export/csv", "/export/session", "/frames/0/thumbnail"):
            assert page.get(f"{SESSIONS}/{name}{path}").status_code == 404, (name, path)
        assert page.request("DELETE", f"{SESSIONS}/{name}", json={"confirm": name}).status_code == 404
    assert outside.exists()


def test_a_link_inside_a_session_is_not_sent(page, written, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (written / "pictures-0009.bin").symlink_to(tmp_path / "secret")
    (written / "notes.txt").write_text("not of the session")
    answer = page.get(f"{SESSIONS}/{written.name}/export/session")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {name.rpartition("/")[2] for name in archive.namelist()} == {DATABASE, "pictures-0001.bin"}


def test_a_damaged_session_says_so_and_the_others_are_usable(page, written):
    damaged = written.with_name("2026-01-01T000000Z-damaged")
    damaged.mkdir()
    (damaged / DATABASE).write_bytes(b"SQLite format 3\0" + bytes(5000))
    listed = {each["id"]: each for each in page.get(SESSIONS).json()["sessions"]}
    assert listed[damaged.name]["trouble"] and listed[written.name]["trouble"] is None
    for path in ("", "/worst", "/frames/0/thumbnail", "/export/csv"):
        answer = page.get(f"{SESSIONS}/{damaged.name}{path}")
        assert answer.status_code == 422 and str(written.parent) not in answer.text, answer.text
    assert page.get(f"{SESSIONS}/{damaged.name}/export/session").status_code == 200  # whoever mends it needs it
    assert page.get(f"{SESSIONS}/{written.name}/worst").status_code == 200


@pytest.mark.parametrize("kind", ["exe", "CSV", "csv%00", "csv%2f..%2fx"])
def test_a_kind_that_is_none_is_refused(page, written, kind):
    assert page.get(f"{SESSIONS}/{written.name}/export/{kind}").status_code in (404, 422)


def test_the_shelf_knows_no_name_that_is_not_in_its_list(written):
    shelf = Shelf(written.parent)
    assert shelf.find(written.name) == written and set(shelf.folders()) == {written.name}
    assert "session" in KINDS and "csv" in KINDS
