"""The guided calibration, as a technician walks through it, and what an instrument without one does."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge_runtime.calibration import read_calibration
from edge_runtime.cameras.degrade import falloff_map
from edge_runtime.errors import BadInput
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.live.instrument import BLANK, BUSY, DONE, REFUSED, SCALE_MICROMETER, SCALE_STATED, TISSUE, NotNow
from edge_runtime.live.state import CALIBRATING, ENDED, NEEDS_CALIBRATION, RUNNING
from edge_runtime.live.state_parts import UNKNOWN
from edge_runtime.procedural import make_slide
from edge_runtime.procedural.micrometer import Micrometer

from .fakes.stage import Stage, field, served

SIZE = 480, 640
UM_PER_PX = 1.0


def save(path, rgb):
    assert cv2.imwrite(str(path), np.ascontiguousarray(rgb[..., ::-1]))


def light():
    return 0.9 * falloff_map(SIZE, 0.3)[..., None]


def micrometer():
    return Micrometer(UM_PER_PX, angle=5, vignette=0.3).draw(SIZE)


def blank():
    return np.rint(light() * np.asarray(GLASS_RGB)).astype(np.uint8)


def tissue():
    slide = make_slide(0, (400, 500)).rgb[100 : 100 + SIZE[0] // 4, 150 : 150 + SIZE[1] // 4]
    return np.rint(light() * cv2.resize(slide, SIZE[::-1], interpolation=cv2.INTER_CUBIC)).astype(np.uint8)


@pytest.fixture
def shown(tmp_path):
    """A source that is one picture, which shows what the technician puts under the objective."""
    path = tmp_path / "view.png"
    save(path, tissue())
    return path


def step(found, name, um=None):
    assert {each.name: each.status for each in found.engine.take_step(name, um).steps}[name] == BUSY
    found.until(lambda _: all(each.status != BUSY for each in found.engine.walk().steps))
    return next(each for each in found.engine.walk().steps if each.name == name)


def test_all_steps_in_turn_give_a_calibration_that_is_put_to_work(lean, monkeypatch, shown, tmp_path):
    out = tmp_path / "i.json"
    with served(lean, monkeypatch, None, "--calibration", out, source=str(shown)) as found:
        engine = found.engine
        found.until(lambda state: state.phase == NEEDS_CALIBRATION and state.frames == 1)
        assert "found none yet" in engine.state().message and engine.state().judged == 0
        assert engine.newest().um_per_px is None and engine.newest().reason == "unknown_scale"
        assert engine.walk() is None
        walk = engine.begin_walk("4x")
        assert (walk.objective, walk.can_apply, engine.state().phase) == ("4x", False, CALIBRATING)
        save(shown, micrometer())
        seen = step(found, SCALE_MICROMETER)
        assert seen.status == DONE and seen.figures["um_per_px"] == pytest.approx(UM_PER_PX, rel=0.003)
        assert "µm per px, by" in seen.message and engine.walk().can_apply
        save(shown, blank())
        assert step(found, BLANK).figures["evenness"] == pytest.approx(0.7, abs=0.03)
        save(shown, tissue())
        assert step(found, TISSUE).status == DONE
        engine.apply_walk()
        found.until(lambda state: state.phase == ENDED)
        state = engine.state()
        assert state.calibration.has == ("scale", "blank", "focus") and state.calibration.objective == "4x"
        assert state.judged > 0 and engine.walk() is None
    assert read_calibration(out).sha256 == state.calibration.sha256


def test_a_step_that_shows_the_wrong_thing_is_refused_with_what_to_do_and_may_be_taken_again(
    lean, monkeypatch, shown, tmp_path
):
    with served(lean, monkeypatch, None, "--calibration", tmp_path / "i.json", source=str(shown)) as found:
        found.engine.begin_walk("")
        refused = step(found, SCALE_MICROMETER)
        assert refused.status == REFUSED and "expected the lines of a stage micrometer" in refused.message
        with pytest.raises(NotNow, match="the scale first"):
            found.engine.take_step(BLANK)
        assert step(found, SCALE_STATED, UM_PER_PX).status == DONE
        save(shown, micrometer())
        assert "found something in view" in step(found, BLANK).message
        assert step(found, SCALE_MICROMETER).status == DONE
        assert found.engine.walk().steps[1].status == "to_do", "there is one scale"
    assert not (tmp_path / "i.json").exists()


@pytest.mark.parametrize(
    ("name", "um"), [("coffee", None), (SCALE_STATED, None), (SCALE_STATED, -1), (SCALE_MICROMETER, 0), (TISSUE, 1e9)]
)
def test_a_step_with_words_or_numbers_that_cannot_be_is_bad_input(lean, monkeypatch, tmp_path, name, um):
    stage = Stage()
    with served(lean, monkeypatch, stage, "--session", tmp_path) as found:
        found.engine.begin_walk("")
        found.engine._walks.walk.calibration = object()
        with pytest.raises(BadInput):
            found.engine.take_step(name, um)


def test_while_somebody_calibrates_frames_are_shown_and_not_judged(lean, monkeypatch, tmp_path):
    with served(lean, monkeypatch, Stage(), "--session", tmp_path) as found:
        assert found.judge(field(0))[0].reason is None
        found.engine.begin_walk("")
        assert found.judge(field(1))[0].reason == "unknown_scale"
        with pytest.raises(NotNow, match="found it calibrating"):
            found.engine.start_session("S", "", "")
        found.engine.cancel_walk()
        assert found.judge(field(2))[0].reason is None and found.engine.walk() is None
        assert found.stage.opened == 1


def test_there_is_no_walk_while_a_session_is_recorded_nor_without_a_place_for_the_file(lean, monkeypatch, tmp_path):
    with served(lean, monkeypatch, Stage(), "--session", tmp_path) as found:
        found.until(lambda state: state.phase == RUNNING)
        found.engine.start_session("S", "", "")
        with pytest.raises(NotNow, match="expected no session"):
            found.engine.begin_walk("")
        for ask in (lambda: found.engine.take_step(BLANK), found.engine.apply_walk):
            with pytest.raises(NotNow, match="begin one"):
                ask()
    for words in ((), ("--session", tmp_path, "--um-per-px", "4")):
        with served(lean, monkeypatch, Stage(), *words) as found, pytest.raises(NotNow, match="a place for"):
            found.engine.begin_walk("")


def test_a_walk_for_another_objective_than_that_in_use_is_refused(lean, monkeypatch, tmp_path):
    with served(lean, monkeypatch, Stage(), "--session", tmp_path, "--objective", "4x") as found:
        with pytest.raises(BadInput, match="started for"):
            found.engine.begin_walk("10x")
        assert found.engine.begin_walk("4.0").objective == "4.0"


def test_the_calibration_lies_beside_the_sessions_the_one_before_is_kept_and_the_next_start_takes_it(
    lean, monkeypatch, shown, tmp_path
):
    sessions = tmp_path / "sessions"
    for um_per_px in (1.0, 1.5):
        with served(lean, monkeypatch, None, "--session", sessions, source=str(shown)) as found:
            found.engine.begin_walk("")
            step(found, SCALE_STATED, um_per_px)
            found.engine.apply_walk()
            found.until(lambda state: state.phase == ENDED and state.calibration is not None)
            assert found.engine.state().calibration.um_per_px == um_per_px
    assert read_calibration(sessions / "instrument.json").um_per_px == 1.5
    assert read_calibration(sessions / "instrument.json.previous").um_per_px == 1.0
    with served(lean, monkeypatch, None, "--session", sessions, source=str(shown)) as found:
        found.until(lambda state: state.phase == ENDED)
        assert found.engine.state().calibration.um_per_px == 1.5
    with served(lean, monkeypatch, Stage(), "--session", sessions) as found:  # another camera, which nobody calibrated
        found.judge(field(0))
        assert found.engine.state().calibration is None and found.engine.state().judged > 0


def test_a_calibration_of_other_frames_is_not_used_and_the_page_says_so(lean, monkeypatch, shown, tmp_path):
    out = tmp_path / "i.json"
    with served(lean, monkeypatch, None, "--calibration", out, source=str(shown)) as found:
        found.engine.begin_walk("")
        step(found, SCALE_STATED, 1.0)
        found.engine.apply_walk()
        found.until(lambda state: state.phase == ENDED)
    save(shown, tissue()[:400])
    with served(lean, monkeypatch, None, "--calibration", out, source=str(shown)) as found:
        found.until(lambda state: state.phase == NEEDS_CALIBRATION and state.newest is not None)
        assert "640x480" in found.engine.state().message and found.engine.state().judged == 0
        assert found.engine.state().focus.level == UNKNOWN


def test_a_damaged_calibration_leaves_an_instrument_that_can_be_calibrated(lean, monkeypatch, shown, tmp_path):
    out = tmp_path / "i.json"
    out.write_text("{")
    with served(lean, monkeypatch, None, "--calibration", out, source=str(shown)) as found:
        found.until(lambda state: state.phase == NEEDS_CALIBRATION)
        assert "is no calibration file" in found.engine.state().message
        found.engine.begin_walk("")
        step(found, SCALE_STATED, 1.0)
        found.engine.apply_walk()
        found.until(lambda state: state.phase == ENDED)
    assert read_calibration(out).um_per_px == 1.0 and (tmp_path / "i.json.previous").read_text() == "{"
