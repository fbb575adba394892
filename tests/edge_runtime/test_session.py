"""What a session holds: that it comes back as it was written, who may write it, and what is no session."""

from __future__ import annotations

import dataclasses
import json
import sqlite3

import cv2
import numpy as np
import pytest

from edge_runtime.cli import main
from edge_runtime.errors import BadInput
from edge_runtime.session.creating import create_session
from edge_runtime.session.folder import DATABASE, check_label, folder_name, sessions_in
from edge_runtime.session.keep import FIELD, THUMBNAIL, pictures_of
from edge_runtime.session.lock import lock_folder
from edge_runtime.session.mending import mend
from edge_runtime.session.options import FRAMES, NONE, PICTURES
from edge_runtime.session.picture_file import PictureFile, picture_files
from edge_runtime.session.reading import read_session
from edge_runtime.session.rows import rows_of
from tests.edge_runtime.fakes.sessions import NOON, about, frame_and_result, small_model, write_frames


@pytest.fixture
def model(lean):
    return small_model(lean)


@pytest.fixture
def written(tmp_path, model):
    """A session that ended, and its records by their number."""
    writer = create_session(tmp_path, about(model), NOON)
    records = write_frames(writer, range(10))
    writer.end("asked", NOON)
    writer.close()
    return writer.folder, records


def test_every_record_comes_back_as_the_line_of_frames_jsonl_that_it_was(written):
    folder, records = written
    with read_session(folder) as session:
        assert len(session) == 10
        assert {frame.index: frame.record for frame in session.frames()} == records
        assert session.warnings == []


def test_numbers_come_back_to_the_bit_and_not_rounded_as_in_the_record(written):
    with read_session(written[0]) as session:
        for frame in session.frames():
            result = frame_and_result(frame.index)[1]
            assert tuple(tile.result for tile in frame.tiles) == result.tiles
            logits = [np.nan if tile.logit is None else tile.logit for tile in frame.tiles]
            np.testing.assert_array_equal(np.float32(logits), result.seen.logits)
            sharpness = np.float32([tile.sharpness for tile in frame.tiles])
            np.testing.assert_array_equal(sharpness, result.seen.measured.focus.sharpness)
            assert frame.measured["anisotropy"] == result.seen.measured.focus.anisotropy
            assert frame.measured["interval_ns"] == 33_000_000


def test_a_field_comes_back_pixel_by_pixel_and_a_thumbnail_as_a_picture(written):
    with read_session(written[0]) as session:
        frame = next(session.frames())
        field = cv2.imdecode(np.frombuffer(session.picture(frame, FIELD), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        np.testing.assert_array_equal(field, frame_and_result(0)[1].seen.field.pixels)
        assert session.picture(frame, THUMBNAIL)[:2] == b"\xff\xd8"
        assert session.picture(frame, "frame") is None


@pytest.mark.parametrize(
    ("keep", "kinds"),
    [(NONE, []), (PICTURES, ["thumbnail"]), ("fields", ["thumbnail", "field"]),
     (FRAMES, ["thumbnail", "field", "frame"])],
)  # fmt: skip
def test_each_level_keeps_the_pictures_that_it_says(keep, kinds):
    assert [picture.kind for picture in pictures_of(*frame_and_result(0), keep)] == kinds


def test_a_frame_that_repeats_another_has_the_tiles_of_that_and_no_pictures(tmp_path, model):
    writer = create_session(tmp_path, about(model), NOON)
    write_frames(writer, range(1))
    frame, again = frame_and_result(0, repeats=0)
    again = again.__class__(**{**vars(again), "index": 1})
    writer.write(rows_of(frame, again, NOON), pictures_of(frame, again, "frames"))
    with read_session(writer.folder) as session:
        first, second = session.frames()
    assert second.tiles == first.tiles and second.pictures == {} and second.record["repeats_frame"] == 0
    assert second.record == json.loads(json.dumps(again.to_json()))
    writer.close()


def test_what_is_known_of_a_session_comes_back_with_its_model_whole(written, model):
    with read_session(written[0]) as session:
        info = session.info
        assert (info.slide, info.operator, info.camera, info.source) == ("S-12", "Ada", "pi:imx477", "pi:")
        assert (info.ended_by, info.session_version, info.settings) == ("asked", 1, {"keep": "fields"})
        assert session.model().content == model.content and session.calibration() is None


def test_a_session_is_read_while_it_is_written_and_shows_what_was_committed(tmp_path, model):
    writer = create_session(tmp_path, about(model), NOON)
    write_frames(writer, range(3))
    with read_session(writer.folder) as session:
        assert [frame.index for frame in session.frames()] == [0, 1, 2]
        write_frames(writer, range(3, 5))
        assert [frame.index for frame in session.frames(after=2)] == [3, 4]
        assert session.info.ended_at is None
    writer.close()


def test_a_session_that_ended_is_one_database_and_its_pictures(written):
    assert sorted(path.name for path in written[0].iterdir()) == ["pictures-0001.bin", DATABASE]


def test_a_reader_in_the_way_of_the_end_costs_nothing(tmp_path, model):
    writer = create_session(tmp_path, about(model), NOON)
    write_frames(writer, range(3))
    with read_session(writer.folder) as session:
        frames = session.frames()
        next(frames)
        writer.end("asked", NOON)
        writer.close()
        assert [frame.index for frame in frames] == [1, 2]
    with read_session(writer.folder) as session:
        assert len(session) == 3 and session.info.ended_by == "asked"


def test_a_reader_changes_nothing(written):
    with read_session(written[0]) as session, pytest.raises(sqlite3.OperationalError, match="readonly"):
        session.connection.execute("DELETE FROM frames")


def test_a_frame_is_marked_and_the_slide_is_labelled_while_it_is_written(tmp_path, model):
    writer = create_session(tmp_path, about(model), NOON)
    write_frames(writer, range(2))
    writer.mark(1, note="ask about this one")
    writer.relabel("S-13")
    with read_session(writer.folder) as session:
        assert [(frame.marked, frame.note) for frame in session.frames()] == [(False, ""), (True, "ask about this one")]
        assert session.info.slide == "S-13"
    with pytest.raises(BadInput, match="none of number 7"):
        writer.mark(7)
    writer.mark(1, marked=False)
    writer.close()
    with read_session(writer.folder) as session:
        assert not any(frame.marked for frame in session.frames())


def test_one_process_writes_a_session_at_a_time(tmp_path, model):
    writer = create_session(tmp_path, about(model), NOON)
    assert lock_folder(writer.folder) is None
    writer.close()
    lock = lock_folder(writer.folder)
    assert lock is not None
    lock.release()


def test_two_sessions_of_one_slide_in_one_second_get_folders_of_their_own(tmp_path, model):
    writers = [create_session(tmp_path, about(model), NOON) for _ in range(2)]
    name = "2026-11-21T120000Z-S-12"
    assert [path.name for path in sessions_in(tmp_path)] == [name, f"{name}-2"]
    for writer in writers:
        writer.close()


@pytest.mark.parametrize("label", ["../../etc/passwd", "a/b\\c:d", "..", "ü" * 100, "", ". .", "-rf"])
def test_any_label_becomes_a_folder_that_stays_where_it_is(label, tmp_path, model):
    writer = create_session(tmp_path, about(model, slide=label), NOON)
    assert writer.folder.parent == tmp_path and writer.folder.name.isascii() and len(writer.folder.name) < 100
    with read_session(writer.folder) as session:
        assert session.info.slide == label
    writer.close()


@pytest.mark.parametrize("label", ["a\nb", "x" * 201, "\x1b[2J"])
def test_a_label_that_would_spoil_a_screen_is_refused(label):
    with pytest.raises(BadInput, match="printable"):
        check_label(label, "label")


def test_folders_of_sessions_are_named_by_utc():
    assert folder_name(NOON, "S 12") == "2026-11-21T120000Z-S_12"


def test_a_number_that_changed_on_the_disk_is_left_out_and_told(written):
    folder, records = written
    with sqlite3.connect(folder / DATABASE) as other:
        other.execute("UPDATE tiles SET probability = 0.99 WHERE frame = 4 AND probability IS NOT NULL")
    other.close()
    with read_session(folder) as session:
        assert [frame.index for frame in session.frames()] == [n for n in records if n != 4]
        assert len(session.warnings) == 1 and "frame 4" in session.warnings[0]


def test_a_picture_that_changed_or_went_is_none_and_its_numbers_stay(written):
    folder, records = written
    (pictures,) = picture_files(folder)
    with read_session(folder) as session:
        frame = next(session.frames())
        data = bytearray(pictures.read_bytes())
        data[frame.pictures[FIELD].place.place + 5] ^= 1
        pictures.write_bytes(data)
        assert session.picture(frame, FIELD) is None and session.picture(frame, THUMBNAIL) is not None
        pictures.unlink()
        assert session.picture(frame, THUMBNAIL) is None
        assert {frame.index: frame.record for frame in session.frames()} == records


def test_pictures_go_on_in_another_file_where_one_grew_large(tmp_path, monkeypatch):
    monkeypatch.setattr("edge_runtime.session.picture_file.LARGEST_BYTES", 1000)
    pictures = PictureFile(tmp_path)
    places = []
    for n in range(6):
        places += pictures.add(pictures_of(*frame_and_result(n), FRAMES)[-1:])
        pictures.settle()
    pictures.close()
    assert [place.file for place in places] == [1, 2, 3, 4, 5, 6] and len(picture_files(tmp_path)) == 6


def test_a_session_of_a_newer_version_is_refused_and_the_others_are_listed(written, tmp_path, command):
    folder, _ = written
    with sqlite3.connect(folder / DATABASE) as other:
        other.execute("PRAGMA user_version = 2")
        other.execute("UPDATE session SET session_version = 2")
    other.close()
    with pytest.raises(BadInput, match="newer"):
        read_session(folder)
    before = (folder / DATABASE).read_bytes()
    code, out, _ = command(main, "sessions", tmp_path, "--mend")
    assert code == 2 and "newer" in out and (folder / DATABASE).read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no database at all" * 300])
def test_a_file_that_is_no_session_is_said_to_be_none(content, tmp_path):
    (tmp_path / DATABASE).write_bytes(content)
    with pytest.raises(BadInput, match="expected a"):
        read_session(tmp_path)


def test_another_programs_database_is_said_to_be_none(tmp_path):
    with sqlite3.connect(tmp_path / DATABASE) as other:
        other.execute("CREATE TABLE mine (a)")
    other.close()
    with pytest.raises(BadInput, match="another SQLite database"):
        read_session(tmp_path)


def test_a_folder_without_a_session_is_said_to_have_none(tmp_path, command):
    with pytest.raises(BadInput, match="found none"):
        read_session(tmp_path)
    code, _, err = command(main, "sessions", tmp_path)
    assert code == 2 and "found none" in err


def test_a_frame_whose_original_changed_is_left_out_with_it(tmp_path, model):
    writer = create_session(tmp_path, about(model), NOON)
    write_frames(writer, range(2))
    for index in (2, 3):
        _, again = frame_and_result(1, repeats=1)
        writer.write(rows_of(None, dataclasses.replace(again, index=index), NOON))
    writer._connection.execute("UPDATE tiles SET x = x + 1 WHERE frame = 1")
    with read_session(writer.folder) as session:
        assert [frame.index for frame in session.frames()] == [0]
        assert [warning.split(":")[0] for warning in session.warnings] == ["frame 1", "frame 2", "frame 3"]
    writer.close()
    assert "3 frames could not be saved: 1-3" in mend(writer.folder, NOON, look=True).said
    with read_session(writer.folder) as session:
        assert [frame.index for frame in session.frames()] == [0] and session.warnings == []


def test_a_session_whose_model_was_lost_keeps_its_frames_and_says_so(written):
    folder, records = written
    with sqlite3.connect(folder / DATABASE) as other:
        other.execute("UPDATE models SET content = zeroblob(1000)")
    other.close()
    said = mend(folder, NOON, look=True).said
    assert any("its model could not be saved" in sentence for sentence in said)
    with read_session(folder) as session:
        assert {frame.index: frame.record for frame in session.frames()} == records
        with pytest.raises(BadInput, match="give --model"):
            session.model()
