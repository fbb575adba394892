"""The engine behind the page: frames, sessions and faults, as its threads meet them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge_runtime.cameras.trouble import Backoff, GivenUp
from edge_runtime.errors import BadInput, CameraLost
from edge_runtime.live import rounds
from edge_runtime.live.instrument import Instrument, NotNow, NotThere
from edge_runtime.live.state import ENDED, FAILED, PHASES, RUNNING
from edge_runtime.session.listing import sessions_in
from edge_runtime.session.reading import read_session

from .fakes.stage import END, Served, Stage, field, served


@pytest.fixture
def sessions(tmp_path):
    return tmp_path / "sessions"


@pytest.fixture
def at_work(lean, monkeypatch, sessions):
    with served(lean, monkeypatch, Stage(), "--session", sessions) as found:
        found.until(lambda state: state.phase == RUNNING)
        yield found


def frames_of(folder):
    with read_session(folder) as session:
        return session.info, list(session.frames())


def test_a_page_gets_the_newest_view_its_picture_and_the_state_of_the_instrument(at_work, lean):
    engine: Instrument = at_work.engine
    at_work.judge(field(0))
    view, state = engine.newest(), engine.state()
    assert (state.phase, state.newest, state.frames) == (RUNNING, view.number, 1)
    assert (view.frame, view.grid, len(view.tiles)) == (0, (5, 7), 35)
    assert state.tiles == 35 == state.judged + sum(state.reasons.values())
    assert state.positive == sum(tile.label == "idc" for tile in view.tiles)
    assert state.age_s >= 0 and state.fps > 0
    picture = cv2.imdecode(np.frombuffer(engine.picture(view.number), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (view.height, view.width, 3) == (240, 320, 3)
    assert engine.newest(view.number) is None
    assert set(state.labels) == {"idc", "no_idc"} and 0 < state.threshold < 1 and "not a diagnosis" in state.note
    assert state.model_sha256 == lean.sha256


def test_tiles_lie_on_the_picture_where_they_were_cut_from(at_work):
    at_work.judge(field(1))
    view = at_work.engine.newest()
    last = view.tiles[-1]
    assert (view.tiles[0].x, view.tiles[0].y, last.row, last.column) == (0, 0, 4, 6)
    assert last.x + view.tile_width == pytest.approx(1) and last.y + view.tile_height == pytest.approx(1)


def test_a_view_that_is_no_longer_held_is_not_there(at_work):
    for n in range(10):
        at_work.judge(field(n))
        assert at_work.engine.newest() is not None
    with pytest.raises(NotThere, match="number 0"):
        at_work.engine.picture(0)


def test_whoever_asks_within_a_moment_gets_the_same_state(at_work):
    at_work.judge(field(0))
    at_work.engine.newest()
    assert at_work.engine.state() is at_work.engine.state()
    at_work.engine.start_session("S", "", "")
    assert at_work.engine.state().recording.slide == "S"


def test_a_session_holds_the_frames_between_its_start_and_its_end(at_work, sessions):
    at_work.judge(field(0), field(1))
    begun = at_work.engine.start_session(" B 7 ", "Ada", "pictures")
    assert (begun.slide, begun.operator, begun.keep, begun.frames) == ("B 7", "Ada", "pictures", 0)
    at_work.judge(field(2), field(3))
    assert at_work.engine.state().recording.frames == 2
    at_work.engine.stop_session()
    at_work.judge(field(4))
    assert at_work.engine.state().recording is None
    info, frames = frames_of(sessions / begun.id)
    assert [frame.index for frame in frames] == [2, 3]
    assert (info.slide, info.operator, info.ended_by) == ("B 7", "Ada", "asked")
    assert set(frames[0].pictures) == {"thumbnail"}


def test_a_session_begins_with_a_field_that_was_judged_and_not_with_a_repeat(at_work, sessions):
    still = field(0)
    before = at_work.judge(*[still] * 3)
    assert before[-1].repeats_frame == 0
    begun = at_work.engine.start_session("S", "", "none")
    first, second = at_work.judge(still, still)
    assert (first.repeats_frame, second.repeats_frame) == (None, first.index)
    at_work.engine.stop_session()
    assert [frame.index for frame in frames_of(sessions / begun.id)[1]] == [first.index, second.index]


def test_a_field_is_marked_with_a_note_and_the_slide_gets_another_label(at_work, sessions):
    begun = at_work.engine.start_session("S", "", "")
    at_work.judge(field(0), field(1))
    assert at_work.engine.mark(1, True, "mitoses?\nlook again").marked == (1,)
    assert at_work.engine.mark(0, True).marked == (0, 1)
    assert at_work.engine.mark(0, False).marked == (1,)
    assert at_work.engine.relabel("S-2").slide == "S-2"
    at_work.engine.stop_session()
    info, frames = frames_of(sessions / begun.id)
    assert info.slide == "S-2"
    assert [(frame.marked, frame.note) for frame in frames] == [(False, ""), (True, "mitoses?\nlook again")]


def test_what_cannot_be_done_now_is_said(at_work):
    engine = at_work.engine
    for ask in (engine.stop_session, lambda: engine.relabel("S"), lambda: engine.mark(0, True)):
        with pytest.raises(NotNow, match="expected a session under way"):
            ask()
    engine.start_session("S", "", "")
    with pytest.raises(NotNow, match="expected no session under way"):
        engine.start_session("S", "", "")
    with pytest.raises(NotThere, match="none of number 99"):
        engine.mark(99, True)
    with pytest.raises(BadInput, match="at most 2000"):
        engine.mark(0, True, "x" * 2001)
    with pytest.raises(BadInput, match="at most 200"):
        engine.relabel("x" * 201)


@pytest.mark.parametrize(("slide", "operator", "keep"), [("a\nb", "", ""), ("a", "\0", ""), ("a", "", "everything")])
def test_a_session_with_words_that_cannot_be_used_does_not_begin(at_work, slide, operator, keep):
    with pytest.raises(BadInput):
        at_work.engine.start_session(slide, operator, keep)
    assert at_work.engine.state().recording is None


def test_without_a_folder_nothing_is_recorded(lean, monkeypatch):
    with served(lean, monkeypatch, Stage()) as found:
        found.until(lambda state: state.phase == RUNNING)
        assert not found.engine.state().can_record
        with pytest.raises(NotNow, match="--session"):
            found.engine.start_session("S", "", "")


def test_the_session_of_the_command_line_begins_with_the_first_frame_and_ends_with_the_program(
    lean, monkeypatch, sessions
):
    words = ("--session", sessions, "--record", "S-1", "--operator", "Ada", "--keep", "none")
    with served(lean, monkeypatch, Stage(), *words) as found:
        found.judge(field(0), field(1))
    info, frames = frames_of(sessions_in(sessions)[0])
    assert (info.slide, info.operator, info.ended_by, len(frames)) == ("S-1", "Ada", "asked", 2)


def test_a_session_of_which_nobody_says_more_is_kept_as_the_instrument_was_started(lean, monkeypatch, sessions):
    words = ("--session", sessions, "--operator", "Ada", "--keep", "pictures")
    with served(lean, monkeypatch, Stage(), *words) as found:
        found.until(lambda state: state.phase == RUNNING)
        for operator, keep, expected in (("", "", ("Ada", "pictures")), ("Grace", "none", ("Grace", "none"))):
            begun = found.engine.start_session("S", operator, keep)
            found.engine.stop_session()
            assert (begun.operator, begun.keep) == expected
            assert frames_of(sessions / begun.id)[0].settings["keep"] == expected[1]


def test_a_camera_that_fails_is_tried_again_and_its_session_goes_on_with_numbers_of_its_own(
    lean, monkeypatch, sessions
):
    monkeypatch.setattr(rounds, "Backoff", lambda: Backoff(first_s=0.05))
    stage, told = Stage(), []
    with served(lean, monkeypatch, stage, "--session", sessions) as found:
        say = found.engine._frames.says
        monkeypatch.setattr(
            found.engine._frames, "says", lambda phase, words: (told.append((phase, words)), say(phase, words))
        )
        found.judge(field(0))
        begun = found.engine.start_session("S", "", "none")
        found.judge(field(1))
        stage.fails = [CameraLost("still away")]
        stage.put(CameraLost("unplugged"))
        after = found.judge(field(2))
        assert [words.partition(";")[0] for phase, words in told if phase == FAILED] == ["unplugged", "still away"]
        assert found.engine.state().phase == RUNNING and after[0].index == 2
        found.engine.stop_session()
    assert [frame.index for frame in frames_of(sessions / begun.id)[1]] == [1, 2]


def test_a_driver_that_only_a_restart_helps_ends_the_program_and_its_session(lean, monkeypatch, tmp_path):
    sessions = tmp_path / "sessions"
    with pytest.raises(GivenUp), served(lean, monkeypatch, Stage(), "--session", sessions, "--record", "S") as found:
        found.judge(field(0), GivenUp("stuck"))
    assert frames_of(sessions_in(sessions)[0])[0].ended_by == GivenUp.reason


def test_a_source_that_cannot_be_opened_as_it_was_given_ends_the_program(lean, monkeypatch):
    stage = Stage()
    stage.fails = [BadInput("no such file")]
    with pytest.raises(BadInput, match="no such file"), served(lean, monkeypatch, stage) as found:
        found.results.get(timeout=60)


def test_a_lost_frame_is_told_of_until_the_next_one_comes(at_work):
    at_work.judge(field(0), "camera_lost")
    assert at_work.engine.state().message == "lost on purpose"
    at_work.judge(field(1))
    assert at_work.engine.state().message is None


def test_the_end_of_a_source_ends_its_session_and_leaves_the_last_view(lean, monkeypatch, sessions):
    with served(lean, monkeypatch, Stage(live=False), "--session", sessions) as found:
        found.judge(field(0))
        begun = found.engine.start_session("S", "", "none")
        found.judge(field(1))
        found.stage.put(END)
        found.until(lambda state: state.phase == ENDED)
        assert found.engine.newest().frame == 1 and found.engine.state().recording is None
        with pytest.raises(NotNow, match="found it ended"):
            found.engine.start_session("S", "", "")
        assert found.heart.beat(), "it waits for a person"
    assert frames_of(sessions / begun.id)[0].ended_by == "source_ended"


def test_alarms_of_the_disk_reach_the_page(at_work, monkeypatch):
    begun = at_work.engine.start_session("S", "", "none")
    at_work.judge(field(0))
    writer = at_work.engine._sessions.recording._recorder.writer

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "write", fails)
    at_work.judge(field(1), field(2))
    state = at_work.engine.state()
    assert [alarm.reason for alarm in state.alarms] == ["storage_failed"] and state.recording.waiting == 2
    assert state.recording.id == begun.id and state.judged > 0


def test_an_operating_point_that_is_not_there_is_bad_input(lean, monkeypatch):
    with (
        pytest.raises(BadInput, match="operating point"),
        served(lean, monkeypatch, Stage(), "--operating-point", "best"),
    ):
        pass


def test_every_phase_and_gauge_is_one_of_those_agreed(at_work):
    assert at_work.engine.state().phase in PHASES
    for n in range(3):
        at_work.judge(field(n))
        state = at_work.engine.state()
        assert all(bar.value is None or 0 <= bar.value <= 1 for bar in (state.focus, state.light, state.tissue))


def test_served_is_what_the_page_expects(at_work):
    assert isinstance(at_work, Served)
    needed = [name for name in vars(Instrument) if not name.startswith("_")]
    assert all(hasattr(at_work.engine, name) for name in needed)
