"""What a pulled plug and a failing card do to a session, on damaged copies of one; kill -9 alone shows none of it."""

from __future__ import annotations

import re
import shutil
import struct
from pathlib import Path

import pytest

from edge_runtime.cli import main
from edge_runtime.session.creating import create_session
from edge_runtime.session.folder import DATABASE, IN_THE_MAKING
from edge_runtime.session.lock import lock_folder
from edge_runtime.session.mending import mend, mend_sessions
from edge_runtime.session.reading import read_session
from edge_runtime.session.salvage import salvage
from edge_runtime.session.saving import DAMAGED, MENDING, POWER
from edge_runtime.session.wal import look_at_log
from tests.edge_runtime.fakes.sessions import NOON, about, small_model, write_frames

PAGE, LOG_HEADER, FRAME_HEADER = 4096, 32, 24
CHECKPOINTED, FRAMES = 8, 14
"""Frames that lie in the database, and all of them: the rest lie in its log."""


@pytest.fixture(scope="module")
def cut_off(lean, tmp_path_factory):
    """A copy of a session as a pulled plug leaves it, and its records by their number."""
    root = tmp_path_factory.mktemp("sessions")
    writer = create_session(root, about(small_model(lean)), NOON)
    records = write_frames(writer, range(CHECKPOINTED))
    writer._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    records |= write_frames(writer, range(CHECKPOINTED, FRAMES))
    copy = root / "copy"
    shutil.copytree(writer.folder, copy)
    writer.close()
    return copy, records


@pytest.fixture
def copy_of(cut_off, quick_disk):
    """A function that gives a fresh copy of that session, without its shared memory."""

    def fresh() -> Path:
        folder = quick_disk / "session"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(cut_off[0], folder, ignore=shutil.ignore_patterns("*-shm"))
        return folder

    return fresh


def commits_in(log: bytes) -> int:
    """How many commits are whole in a log that was cut, by its frames' marks."""
    starts = range(LOG_HEADER, len(log) - FRAME_HEADER - PAGE + 1, FRAME_HEADER + PAGE)
    return sum(struct.unpack_from(">I", log, start + 4)[0] > 0 for start in starts)


def check(folder: Path, records: dict) -> tuple[set[int], tuple[str, ...]]:
    """Return which frames a mended session has, all as they were written, and what is said of it."""
    with read_session(folder) as session:
        frames = {frame.index: frame for frame in session.frames()}
        assert session.info.ended_by == POWER and session.info.ended_at
        assert session.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert session.warnings == []
        for index, frame in frames.items():
            assert frame.record == records[index]
            assert all(session.picture(frame, kind) for kind in ("thumbnail", "field"))
        return set(frames), session.info.said


def numbers_in(words: tuple[str, ...]) -> set[int]:
    """The frames that a sentence says could not be saved."""
    found = set()
    for sentence in words:
        if "could not be saved: " in sentence:
            for low, high in re.findall(r"(\d+)(?:-(\d+))?", sentence.split("could not be saved: ")[1]):
                found |= set(range(int(low), int(high or low) + 1))
    return found


def test_a_session_that_was_cut_off_is_ended_with_all_that_was_committed(cut_off, copy_of):
    folder = copy_of()
    found = mend(folder, NOON)
    assert found is not None and found.frames == FRAMES and found.said == ()
    assert check(folder, cut_off[1]) == (set(range(FRAMES)), ())
    assert sorted(path.name for path in folder.iterdir()) == ["pictures-0001.bin", DATABASE]
    assert mend(folder, NOON) is None


def test_a_log_cut_at_every_page_and_inside_every_page_loses_no_commit_before_the_cut(cut_off, copy_of):
    log = (cut_off[0] / f"{DATABASE}-wal").read_bytes()
    step = FRAME_HEADER + PAGE
    pages = (len(log) - LOG_HEADER) // step
    cuts = {0, 7, LOG_HEADER} | {LOG_HEADER + n * step + inside for n in range(pages) for inside in (0, 12, 24, 2000)}
    for cut in sorted(cuts):
        folder = copy_of()
        (folder / f"{DATABASE}-wal").write_bytes(log[:cut])
        mend(folder, NOON)
        expected = CHECKPOINTED + commits_in(log[:cut])
        assert check(folder, cut_off[1]) == (set(range(expected)), ()), cut


@pytest.mark.parametrize("harm", ["a flipped bit", "zeros"])
def test_a_damaged_page_of_the_log_loses_only_what_follows_and_says_so(harm, cut_off, copy_of):
    log = (cut_off[0] / f"{DATABASE}-wal").read_bytes()
    step = FRAME_HEADER + PAGE
    for n in range((len(log) - LOG_HEADER) // step):
        folder, start = copy_of(), LOG_HEADER + n * step
        spoiled = bytearray(log)
        if harm == "zeros":
            spoiled[start + FRAME_HEADER : start + step] = bytes(PAGE)
        else:
            spoiled[start + FRAME_HEADER + 100] ^= 4
        if spoiled == log:
            continue
        (folder / f"{DATABASE}-wal").write_bytes(spoiled)
        whole = commits_in(log[:start])
        mend(folder, NOON)
        there, said = check(folder, cut_off[1])
        assert there == set(range(CHECKPOINTED + whole)), n
        lost = FRAMES - CHECKPOINTED - whole - 1
        assert any(f"and {lost} later frames" in sentence for sentence in said) == (lost > 0), (n, said)


@pytest.mark.parametrize("harm", ["a flipped bit", "zeros", "noise"])
def test_a_damaged_page_of_the_database_loses_no_frame_without_a_word(harm, cut_off, copy_of):
    database = (cut_off[0] / DATABASE).read_bytes()
    kept = []
    for start in range(0, len(database), PAGE):
        for at in {"a flipped bit": (start + 5, start + 57, start + 2100, start + 4090)}.get(harm, (start,)):
            folder = copy_of()
            spoiled = bytearray(database)
            if harm == "a flipped bit":
                spoiled[at] ^= 16
            else:
                spoiled[start : start + PAGE] = bytes(PAGE) if harm == "zeros" else bytes(range(256)) * 16
            (folder / DATABASE).write_bytes(spoiled)
            mend(folder, NOON)
            there, said = check(folder, cut_off[1])
            assert there | numbers_in(said) == set(range(FRAMES)), (start, at)
            assert not there & numbers_in(said)
            kept.append(len(there) / FRAMES)
            if said:
                assert (folder / DAMAGED).read_bytes() == bytes(spoiled)
    assert sum(kept) / len(kept) > 0.8


def test_a_database_that_was_cut_keeps_the_frames_of_its_log_and_of_what_is_left(cut_off, copy_of):
    database = (cut_off[0] / DATABASE).read_bytes()
    for cut in range(0, len(database), PAGE):
        folder = copy_of()
        (folder / DATABASE).write_bytes(database[:cut])
        mend(folder, NOON)
        there, said = check(folder, cut_off[1])
        assert there | numbers_in(said) == set(range(FRAMES)) or "could not be read" in " ".join(said), cut


def lose_first_page(folder: Path) -> None:
    """What a session that ended looks like after its first page was lost."""
    mend(folder, NOON)
    data = bytearray((folder / DATABASE).read_bytes())
    data[:PAGE] = bytes(PAGE)
    (folder / DATABASE).write_bytes(data)


def test_a_database_whose_first_page_is_lost_comes_back_whole(cut_off, copy_of):
    folder = copy_of()
    lose_first_page(folder)
    mend(folder, NOON)
    assert check(folder, cut_off[1])[0] == set(range(FRAMES))


def test_mending_that_is_cut_off_itself_goes_on_the_next_time(cut_off, copy_of, monkeypatch):
    folder = copy_of()
    lose_first_page(folder)

    def pulled(*where: Path) -> tuple[int, list[int]]:
        salvage(*where)
        raise KeyboardInterrupt

    monkeypatch.setattr("edge_runtime.session.saving.salvage", pulled)
    with pytest.raises(KeyboardInterrupt):
        mend(folder, NOON)
    assert not (folder / DATABASE).exists() and (folder / MENDING).exists()
    monkeypatch.undo()
    mend_sessions(folder.parent, NOON)
    assert check(folder, cut_off[1])[0] == set(range(FRAMES))


def test_a_session_that_is_being_written_is_left_alone(cut_off, copy_of):
    folder = copy_of()
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    lock = lock_folder(folder)
    assert mend(folder, NOON) is None
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    lock.release()


def test_a_session_that_never_began_is_swept_away_unless_it_is_being_made(quick_disk, copy_of):
    folder = copy_of()
    left, being_made = (quick_disk / f"{IN_THE_MAKING}{name}" for name in "ab")
    for half in (left, being_made):
        half.mkdir()
        (half / DATABASE).write_bytes(b"half")
    lock = lock_folder(being_made)
    mended, troubles = mend_sessions(quick_disk, NOON)
    assert [each.folder for each in mended] == [folder] and troubles == []
    assert not left.exists() and being_made.exists()
    lock.release()


def test_one_session_that_cannot_be_mended_does_not_keep_the_others_from_it(quick_disk, copy_of):
    folder = copy_of()
    broken = quick_disk / "a-broken-one"
    broken.mkdir()
    (broken / f"{DATABASE}-wal").write_bytes(b"a log alone")
    mended, troubles = mend_sessions(quick_disk, NOON)
    assert [each.folder for each in mended] == [folder] and len(troubles) == 1 and "only a log" in troubles[0]


def test_a_finished_session_that_a_card_spoiled_later_is_mended_when_asked(cut_off, copy_of, command):
    folder = copy_of()
    mend(folder, NOON)
    data = bytearray((folder / DATABASE).read_bytes())
    data[:100] = bytes(100)
    (folder / DATABASE).write_bytes(data)
    code, out, _ = command(main, "sessions", folder)
    assert code == 2 and "--mend" in out
    code, out, err = command(main, "sessions", folder, "--mend")
    assert code == 0 and "14 frames were saved" in err and '"frames": 14' in out
    assert check(folder, cut_off[1])[0] == set(range(FRAMES))


def test_the_state_of_a_log_tells_commits_that_cannot_be_read(cut_off, tmp_path):
    log = bytearray((cut_off[0] / f"{DATABASE}-wal").read_bytes())
    path = tmp_path / "log"
    assert look_at_log(path).commits == 0
    path.write_bytes(log)
    state = look_at_log(path)
    assert (state.commits, state.beyond, state.lost) == (FRAMES - CHECKPOINTED, 0, 0)
    log[LOG_HEADER + FRAME_HEADER + 9] ^= 1
    path.write_bytes(log)
    state = look_at_log(path)
    assert (state.commits, state.beyond, state.lost) == (0, FRAMES - CHECKPOINTED, FRAMES - CHECKPOINTED - 1)
