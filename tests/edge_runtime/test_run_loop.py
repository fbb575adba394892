import json
import signal
import subprocess
import sys
import threading
import weakref

import numpy as np
import pytest

from edge_runtime import run_job
from edge_runtime.alarms import Alarm
from edge_runtime.board import BoardState
from edge_runtime.cli import main
from edge_runtime.errors import CameraLost
from edge_runtime.heat import HeatPlan
from edge_runtime.model_file import shipped_path
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame, LostFrame
from edge_runtime.results import FrameResult, TileResult
from edge_runtime.run import Watcher, run
from edge_runtime.stopping import Stop, stopped_by_signals
from edge_runtime.tally import Tally
from edge_runtime.waiting import Dropped, Taken
from tests.conftest import ROOT


def frame(index):
    return Frame(np.zeros((4, 4, 3), np.uint8), 4.0, index, f"test#{index}", dropped=index)


class Source:
    def __init__(self, *given):
        self._given = given

    def frames(self):
        for one in self._given:
            if isinstance(one, BaseException):
                raise one
            yield one

    def close(self):
        pass


class Judge:
    """A pipeline that says nothing of a frame but that it saw it."""

    def judge(self, seen):
        reason = seen.reason if isinstance(seen, LostFrame) else None
        return FrameResult(seen.index, seen.source, "0" * 64, "balanced_accuracy", reason=reason)


class Paper:
    """A sink that remembers."""

    def __init__(self):
        self.results = []

    def write(self, seen, result):
        self.results.append(result)


class Thermometer:
    def __init__(self, *temperatures):
        self._temperatures = iter(temperatures)

    def state(self):
        return BoardState(cpu_c=next(self._temperatures))


@pytest.fixture
def tally(lean):
    return Tally(lean.contract, "test")


def test_each_result_carries_its_circumstances_and_the_time_before_the_pipeline(tally):
    paper = Paper()
    run(Source(frame(0), frame(1)), Judge(), [paper], tally)
    assert [one.circumstances.dropped_by_camera for one in paper.results] == [0, 1]
    assert all(list(one.milliseconds) == ["capture", "queue"] for one in paper.results)
    assert tally.summary()["circumstances"]["dropped_by_camera"] == 1


def test_what_came_before_a_camera_was_lost_is_recorded(tally):
    paper = Paper()
    with pytest.raises(CameraLost):
        run(Source(frame(0), LostFrame(1, "test#1", "camera_hung", ""), CameraLost("gone")), Judge(), [paper], tally)
    assert [one.reason for one in paper.results] == [None, "camera_hung"] and tally.frames == 2


def test_no_frame_is_kept_longer_than_it_is_needed(tally):
    made, most = [], []

    class Many(Source):
        def frames(self):
            for n in range(30):
                most.append(sum(one() is not None for one in made))
                one = frame(n)
                made.append(weakref.ref(one))
                yield one
                del one

    run(Many(), Judge(), [Paper()], tally)
    assert max(most) <= 1  # one is judged while the next is made


def test_a_sink_that_fails_ends_the_run_and_its_thread(tally):
    class Full(Paper):
        def write(self, seen, result):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run(Source(*(frame(n) for n in range(9))), Judge(), [Full()], tally)
    assert "capture" not in {thread.name for thread in threading.enumerate()}


def test_a_hot_board_rests_after_a_frame_and_the_next_record_says_so():
    watcher = Watcher(Thermometer(60, 80, 80), HeatPlan())
    taken = Taken(frame(0), 0.0, 0.0, Dropped())
    assert watcher.before(taken).heat_step == "normal" and watcher.pause_s(0.2, 0.0) == 0
    assert watcher.before(taken).heat_step == "hot" and watcher.pause_s(0.2, 0.0) == pytest.approx(0.6)
    assert watcher.before(taken).pause_ms == pytest.approx(600)


def test_without_a_plan_a_hot_board_goes_on():
    watcher = Watcher(Thermometer(99), None)
    found = watcher.before(Taken(frame(0), 0.0, 0.0, Dropped()))
    assert found.heat_step == "normal" and found.board.cpu_c == 99 and watcher.pause_s(1.0, 0.0) == 0


def test_a_run_by_the_heat_plan_sums_up_its_rests(tally, monkeypatch):
    rests = []
    monkeypatch.setattr(Stop, "wait", lambda self, seconds: rests.append(seconds))
    run(Source(frame(0), frame(1)), Judge(), [], tally, watcher=Watcher(Thermometer(60, 90), HeatPlan()))
    around = tally.summary()["circumstances"]
    assert around["frames_by_heat_step"] == {"normal": 1, "too_hot": 1} and around["hottest_cpu_c"] == 90
    assert len(rests) <= 1 and all(seconds > 0 for seconds in rests)


def result(index, label="idc", **more):
    tiles = (TileResult(0, 0, 0.9, label), TileResult(1, 0, reason="no_tissue"))
    return FrameResult(index, "test", "0" * 64, "balanced_accuracy", tiles=tiles, **more)


def test_a_field_counts_once_by_its_last_look(tally):
    tally.add(result(0, "no_idc"))
    tally.add(result(1, "idc", looks=2))
    tally.add(result(2, "idc", looks=2, repeats_frame=1))
    tally.add(result(3, "idc"))
    found = tally.summary()
    assert (found["frames"], found["fields"], found["frames_repeated"]) == (4, 2, 1)
    assert found["labels"] == {"no_idc": 0, "idc": 2} and found["reasons"] == {"no_tissue": 2}


def test_alarms_are_counted_by_frames_and_by_how_often_they_began(lean):
    dim = Alarm("lamp_dim", 0.8, 0.9)
    tally = Tally(lean.contract, "test", "c" * 64, ["it expired"])
    for index, alarms in enumerate([(), (dim,), (dim,), (), (dim,)]):
        tally.add(result(index, alarms=alarms))
    found = tally.summary()
    assert found["alarms"] == {"lamp_dim": {"first_frame": 1, "times": 2, "frames": 3}}
    assert (found["calibration_sha256"], found["warnings"]) == ("c" * 64, ["it expired"])


def test_the_first_ctrl_c_asks_and_the_second_interrupts():
    before = signal.getsignal(signal.SIGINT)
    with stopped_by_signals() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.asked
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGINT) is before


def test_whoever_is_asked_first_is_still_told_later():
    stop, woken = Stop(), []
    stop.ask()
    stop.also_wakes(lambda: woken.append(1))
    assert woken == [1] and stop.wait(3600)


def records_of(text):
    return [json.loads(line) for line in text.splitlines()]


STILL = "synthetic:?path=still&rounds=5&size=400x400&frame=960x540&um_per_px=1.6&noise=3"


def test_a_stage_that_stands_is_looked_at_some_times_and_then_its_result_stands(command):
    code, out, _ = command(main, "run", STILL, "--looks", 3)
    records = records_of(out)
    assert code == 0 and [one["looks"] for one in records] == [1, 2, 3, 3, 3]
    assert [one["repeats_frame"] for one in records] == [None, None, None, 2, 2]
    assert records[4]["tiles"] == records[2]["tiles"] and "network" not in records[4]["milliseconds"]


def test_looks_can_be_switched_off(command):
    records = records_of(command(main, "run", STILL, "--looks", "off")[1])
    assert [(one["looks"], one["repeats_frame"]) for one in records] == [(1, None)] * 5


def test_equal_pictures_of_a_folder_are_never_taken_for_one_field(command, tmp_path, write_patch):
    for name in "abc":
        write_patch(tmp_path / f"{name}.png", pixels=make_slide(seed=3, size=(200, 200)).rgb)
    records = records_of(command(main, "run", tmp_path, "--um-per-px", "4")[1])
    assert [(one["looks"], one["repeats_frame"]) for one in records] == [(1, None)] * 3


@pytest.mark.parametrize("words", [("--looks", "0"), ("--looks", "many"), ("--ahead", "0"), ("--heat", "cold")])
def test_an_option_that_cannot_be_is_refused(command, words):
    code, out, err = command(main, "run", "synthetic:", *words)
    assert code == 2 and out == "" and words[0] in err


def test_a_lost_camera_is_exit_code_3_and_what_was_recorded_stays(command, tmp_path, monkeypatch):
    pixels = make_slide(seed=3, size=(200, 200)).rgb
    camera = Source(Frame(pixels, 4.0, 0, "scope#0"), CameraLost("the camera is gone; check its cable"))
    monkeypatch.setattr(run_job, "open_camera", lambda *_, **__: camera)
    code, out, err = command(main, "run", "usb:0", "--out", tmp_path)
    assert code == 3 and "check its cable" in err
    assert out == (tmp_path / "frames.jsonl").read_text() and len(records_of(out)) == 1
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["frames"] == 1 and summary["ended_by"] == "camera_lost"


def test_sigterm_ends_a_run_that_waits_for_its_camera(tmp_path, write_patch):
    write_patch(tmp_path / "in" / "a.png", pixels=make_slide(seed=3, size=(200, 200)).rgb)
    words = ["run", f"folder:{tmp_path / 'in'}?watch=1", "--um-per-px", "4", "--out", str(tmp_path / "out")]
    words += ["--model", str(shipped_path())]
    given = [sys.executable, "-m", "edge_runtime", *words]
    with subprocess.Popen(given, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert json.loads(process.stdout.readline())["frame"] == 0
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "Traceback" not in err
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["ended_by"] == "asked"
