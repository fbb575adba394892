"""The room that pictures may take: the oldest give theirs first, records never go, and what stops says so."""

from __future__ import annotations

import dataclasses

import pytest

from edge_runtime.session.budget import LOOK_AGAIN_S, Budget, used_bytes
from edge_runtime.session.folder import sessions_in
from edge_runtime.session.held import Entry, Held
from edge_runtime.session.keep import pictures_of
from edge_runtime.session.picture_file import Picture, picture_files
from edge_runtime.session.reading import read_session
from edge_runtime.session.rows import rows_of
from tests.edge_runtime.fakes.sessions import NOON, frame_and_result, recorder, small_model


@pytest.fixture
def model(lean):
    return small_model(lean)


def record_one(root, model, frames=4, **more):
    """Record a session to its end; return what became of it."""
    record = recorder(root, model, **more)
    for index in range(frames):
        record.write(*frame_and_result(index))
    alarms = [alarm.reason for alarm in record.standing_alarms()]
    record.end("asked")
    record.close()
    return record, alarms


def test_pictures_of_the_oldest_session_go_first_and_its_records_stay(tmp_path, model, caplog):
    oldest, second = (record_one(tmp_path, model)[0].folder for _ in range(2))
    size = sum(file.stat().st_size for file in picture_files(oldest))
    budget = Budget(tmp_path, cap_bytes=used_bytes(tmp_path) + 200_000, reserve_bytes=0)
    assert budget.take(200_000 + size // 2, own=second)
    assert not picture_files(oldest) and picture_files(second)
    assert "its records stay" in caplog.text and oldest.name in caplog.text
    with read_session(oldest) as session:
        assert [frame.record["frame"] for frame in session.frames()] == [0, 1, 2, 3]
        assert session.picture(next(session.frames()), "field") is None


def test_a_cap_is_never_passed_by_pictures_and_records_go_on_without_them(tmp_path, model):
    def taken() -> int:
        return sum(file.stat().st_size for folder in sessions_in(tmp_path) for file in picture_files(folder))

    budget = Budget(tmp_path, cap_bytes=200_000, reserve_bytes=0)
    record, alarms = record_one(tmp_path, model, frames=150, budget=budget)
    assert alarms == ["storage_full"] and taken() < 200_000
    told = record.summary()
    assert told["frames_recorded"] == 150 and 0 < told["frames_without_pictures"] < 150
    with read_session(record.folder) as session:
        kept = [bool(frame.pictures) for frame in session.frames()]
    assert len(kept) == 150 and kept.count(False) == told["frames_without_pictures"] and kept[0] and not kept[-1]


def test_a_disk_that_is_nearly_full_keeps_a_reserve_for_records(tmp_path):
    free = iter([1000, 400])
    budget = Budget(tmp_path, reserve_bytes=400, free_bytes=lambda root: next(free))
    assert budget.take(600, tmp_path / "own") and not budget.take(1, tmp_path / "own")


def test_a_full_folder_is_not_searched_for_every_frame_and_again_after_a_while(tmp_path):
    looked, now = [], [0.0]

    def free_bytes(root):
        looked.append(now[0])
        return 10

    budget = Budget(tmp_path, reserve_bytes=0, free_bytes=free_bytes, clock=lambda: now[0])
    assert not any(budget.take(11, tmp_path / "own") for _ in range(100))
    assert len(looked) == 1
    now[0] = LOOK_AGAIN_S
    assert not budget.take(11, tmp_path / "own") and len(looked) == 2


def test_a_session_that_is_being_written_keeps_its_pictures(tmp_path, model):
    running = recorder(tmp_path, model)
    running.write(*frame_and_result(0))
    budget = Budget(tmp_path, cap_bytes=1, reserve_bytes=0)
    assert not budget.take(10, own=tmp_path / "another")
    assert picture_files(running.folder)
    running.close()


def test_frames_that_wait_for_a_disk_give_up_pictures_first_and_then_the_oldest():
    held = Held(most_frames=3, most_picture_bytes=250)
    for index in range(5):
        rows = rows_of(*frame_and_result(index), NOON)
        held.add(Entry(rows, (Picture("field", "png", bytes(100)),)))
        held.hold_memory()
    assert (held.lost, len(held)) == (2, 3)
    left = []
    while len(held):
        left.append((held.first().rows.frame[0], held.first().picture_bytes))
        held.pop()
    assert left == [(2, 0), (3, 100), (4, 100)] and held.without_pictures == 3


def test_a_lost_frame_is_recorded_without_pictures(tmp_path, model):
    record = recorder(tmp_path, model)
    _, result = frame_and_result(0)
    lost = dataclasses.replace(
        result, tiles=(), grid=(0, 0), size_px=None, um_per_px=None, seen=None, reason="unreadable", message="empty"
    )
    assert pictures_of(None, lost, "frames") == ()
    record.write(None, lost)
    record.close()
    with read_session(record.folder) as session:
        (frame,) = session.frames()
    assert frame.record["reason"] == "unreadable" and frame.tiles == () and frame.measured is None
