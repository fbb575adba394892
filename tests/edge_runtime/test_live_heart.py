"""The sign of life of a served instrument, in each of its phases."""

from __future__ import annotations

import pytest

from edge_runtime.cameras.trouble import Backoff
from edge_runtime.errors import CameraLost
from edge_runtime.live import rounds
from edge_runtime.live.state import ENDED, FAILED, NEEDS_CALIBRATION, RUNNING
from edge_runtime.service.heart import STALL_S, Heart
from edge_runtime.service.notify import Notifier

from .fakes.stage import END, Stage, field, served


class Hands:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def long_after(found):
    """Whether it lives when nothing happened for as long as it is waited for."""
    clock = Hands()
    found.heart._clock, found.heart._since = clock, 0.0
    clock.now = STALL_S + 1
    return found.heart.beat()


@pytest.mark.parametrize("live", [True, False])
def test_while_running_silence_of_a_live_camera_is_death_and_that_of_a_folder_is_not(lean, monkeypatch, live):
    with served(lean, monkeypatch, Stage(live=live)) as found:
        found.judge(field(0))
        found.until(lambda state: state.phase == RUNNING and not found.heart._is_working)
        assert long_after(found) is not live


def test_after_the_end_of_its_source_it_waits_for_a_person(lean, monkeypatch):
    with served(lean, monkeypatch, Stage()) as found:
        found.judge(field(0))
        found.stage.put(END)
        found.until(lambda state: state.phase == ENDED and not found.heart._is_live)
        assert long_after(found)


def test_between_two_tries_of_a_camera_that_is_away_it_lives(lean, monkeypatch):
    monkeypatch.setattr(rounds, "Backoff", lambda: Backoff(first_s=3600, cap_s=3600))
    stage = Stage()
    stage.fails = [CameraLost("away")]
    with served(lean, monkeypatch, stage) as found:
        found.until(lambda state: state.phase == FAILED and not found.heart._is_live)
        assert long_after(found)
        assert "away; it is tried again" in found.engine.state().message


def test_a_live_camera_without_calibration_is_held_to_its_frames_too(lean, monkeypatch, tmp_path):
    with served(lean, monkeypatch, Stage(), "--calibration", tmp_path / "i.json") as found:
        found.judge(field(0))
        found.until(lambda state: state.phase == NEEDS_CALIBRATION and not found.heart._is_working)
        assert not long_after(found)


def test_a_heart_that_is_told_to_wait_forgets_what_it_waited_for():
    clock = Hands()
    heart = Heart(Notifier(), is_live=True, clock=clock)
    heart.frame_begins()
    clock.now = STALL_S + 1
    assert not heart.beat()
    heart.follows(False)
    assert heart.beat()
    heart.follows(True)
    assert heart.beat(), "its time begins now"
    clock.now = 2 * STALL_S + 2
    assert not heart.beat()
