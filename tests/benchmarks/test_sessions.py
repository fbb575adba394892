"""What the benchmark of sessions counts, and its table."""

from __future__ import annotations

import json

from benchmarks.sessions_killed import COUNTED, _look
from benchmarks.sessions_table import sessions_markdown
from edge_runtime.session.creating import create_session
from edge_runtime.session.mending import mend_sessions
from edge_runtime.session.picture_file import picture_files
from tests.edge_runtime.fakes.sessions import NOON, about, small_model, write_frames


def cut_off(root, lean):
    """A session that was killed and mended, with another one behind it; returns the records that it gave."""
    model = small_model(lean)
    writer = create_session(root, about(model), NOON)
    records = write_frames(writer, range(3))
    writer._connection.close()
    writer._lock.release()
    mend_sessions(root, NOON)
    create_session(root, about(model, slide="the next"), NOON).close()
    return writer.folder, list(records.values())


def test_frames_and_pictures_that_are_missing_are_counted(lean, tmp_path):
    folder, given = cut_off(tmp_path, lean)
    found = _look(tmp_path, given)
    assert found["reopened"] and found["frames_committed"] == 3 and found["frames_lost"] == found["pictures_lost"] == 0
    found = _look(tmp_path, [*given, {**given[0], "frame": 3}, {**given[1], "um_per_px": 9}])
    assert found["frames_lost"] == 2
    picture_files(folder)[0].write_bytes(b"")
    assert _look(tmp_path, given)["pictures_lost"] == 3


def test_a_run_that_was_killed_before_its_session_existed_must_have_given_nothing(tmp_path):
    assert _look(tmp_path, []) == {"killed_before_the_session": 1, "frames_given": 0, "frames_lost": 0}
    assert _look(tmp_path, [{"frame": 0}])["frames_lost"] == 1


def test_the_table_has_a_row_a_level_and_the_kills():
    spread = {"median": 1.25, "p90": 2.0, "p99": 3.0, "min": 1.0, "count": 10}
    row = {"frame": "4056x3040", "tiles": 48, "frames": 10, "stored_kb_per_frame": 1250.5, "written_kb_per_frame": None}
    rows = [{**row, "keep": keep, "encode_ms": spread, "commit_ms": spread, "judge_ms": spread} for keep in "abcd"]
    state = dict.fromkeys(("governor", "clock_mhz", "temperature_c", "load_1min", "throttled"))
    board = dict.fromkeys(("board", "cpu", "cores", "machine", "os", "python", "cancernet_edge", "git_commit"))
    record = {
        "measured_at": "today",
        "board": {**board, "packages": {}},
        "state_before": state,
        "state_after": state,
        "frames": rows,
        "killed": {**dict.fromkeys(COUNTED, 7), "runs": 200},
    }
    text = sessions_markdown(json.loads(json.dumps(record)))
    assert text.count("| 4056x3040, 48 tiles |") == 4 and "1,250.5" in text and "not told" in text
    assert "killed (SIGKILL) 200 times" in text
