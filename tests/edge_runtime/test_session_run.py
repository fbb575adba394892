"""Sessions as a person meets them: `cancernet run --session` and `cancernet sessions`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import cv2
import numpy as np
import pytest

from edge_runtime.calibration import read_calibration
from edge_runtime.cameras.degrade import falloff_map
from edge_runtime.cli import main
from edge_runtime.errors import CameraLost
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.network import Network
from edge_runtime.procedural import make_slide
from edge_runtime.session.folder import sessions_in
from edge_runtime.session.reading import read_session
from edge_runtime.session.replay import replay
from tests.conftest import ROOT
from tests.edge_runtime.fakes.sessions import frame_and_result, recorder, small_model

SOURCE = "synthetic:?frame=480x360&um_per_px=1.6&size=300x400"


def test_a_run_leaves_a_session_that_holds_the_lines_it_gave(command, tmp_path):
    sessions = tmp_path / "sessions"
    words = ("--session", sessions, "--slide", "S 12", "--operator", "Ada", "--out", tmp_path / "out", "--no-overlay")
    code, out, _ = command(main, "run", SOURCE, "--frames", 3, *words)
    assert code == 0
    (folder,) = sessions_in(sessions)
    with read_session(folder) as session:
        assert [json.dumps(frame.record) for frame in session.frames()] == out.splitlines()
        assert session.info.slide == "S 12" and session.info.operator == "Ada" and session.info.source == SOURCE
        assert session.info.ended_by == "frames_done" and session.info.settings["keep"] == "fields"
    told = json.loads((tmp_path / "out" / "summary.json").read_text())["session"]
    assert told["folder"] == str(folder) and told["frames_recorded"] == 3 and told["frames_not_recorded"] == 0
    code, out, _ = command(main, "sessions", sessions)
    (listed,) = map(json.loads, out.splitlines())
    assert code == 0 and listed["slide"] == "S 12" and listed["frames"] == 3 and listed["ended_by"] == "frames_done"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--slide", "S 12"), "--session DIR beside --slide"),
        (("--keep", "none"), "--session DIR beside --keep"),
        (("--storage-gb", "2"), "--session DIR beside --storage-gb"),
        (("--session", "S", "--storage-gb", "-1"), "gigabytes above 0"),
        (("--session", "S", "--storage-gb", "much"), "gigabytes above 0"),
        (("--session", "S", "--keep", "all"), "invalid choice"),
        (("--session", "S", "--slide", "x" * 300), "at most 200 printable"),
        (("--session", "S", "--operator", "\x07"), "at most 200 printable"),
    ],
)
def test_options_that_cannot_be_are_refused_before_anything_is_made(words, said, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = command(main, "run", SOURCE, *words)
    assert code == 2 and said in err and list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_refused(command, tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        code, _, err = command(main, "run", SOURCE, "--frames", 1, "--session", path)
        assert code == 2 and "give another --session" in err


def test_the_next_run_ends_a_session_that_was_cut_off(command, tmp_path, lean):
    record = recorder(tmp_path, small_model(lean))
    record.write(*frame_and_result(0))
    record.writer._lock.release()  # as the system does when a process is gone
    record.writer._connection.close()
    code, _, err = command(main, "run", SOURCE, "--frames", 1, "--session", tmp_path)
    assert code == 0 and "was cut off; it is whole, with 1 frames" in err
    first, _ = sessions_in(tmp_path)
    with read_session(first) as session:
        assert session.info.ended_by == "power" and len(session) == 1


def test_a_session_that_goes_on_is_listed_as_running_and_one_that_was_cut_off_as_such(command, tmp_path, lean):
    record = recorder(tmp_path, small_model(lean))
    record.write(*frame_and_result(0))
    _, out, _ = command(main, "sessions", tmp_path)
    assert json.loads(out)["ended_by"] == "running"
    record.writer._lock.release()
    _, out, _ = command(main, "sessions", tmp_path)
    assert json.loads(out)["ended_by"] == "cut_off"
    record.close()


def test_an_error_that_ends_a_run_ends_its_session_by_name(command, tmp_path, monkeypatch):
    def lost(*parts, **more):
        raise CameraLost("unplugged")

    monkeypatch.setattr("edge_runtime.run_job.run", lost)
    code, _, err = command(main, "run", SOURCE, "--session", tmp_path)
    assert code == 3 and "unplugged" in err
    (folder,) = sessions_in(tmp_path)
    with read_session(folder) as session:
        assert session.info.ended_by == "camera_lost" and session.info.ended_at


def test_a_killed_run_loses_no_frame_that_it_had_given(tmp_path, write_patch):
    pictures = tmp_path / "pictures"
    for n in range(60):
        write_patch(pictures / f"{n:03d}.png", 120, 160, seed=n)
    words = [sys.executable, "-m", "edge_runtime", "run", f"folder:{pictures}", "--um-per-px", "4", "--gates", "off"]
    for lines in (1, 7, 23):
        sessions = tmp_path / f"after-{lines}"
        with subprocess.Popen(
            [*words, "--session", str(sessions)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            given = [json.loads(process.stdout.readline()) for _ in range(lines)]
            os.kill(process.pid, signal.SIGKILL)
            given += [json.loads(line) for line in process.stdout if line.endswith("}\n")]
        (folder,) = sessions_in(sessions)
        assert main(["sessions", str(folder), "--mend"]) == 0
        with read_session(folder) as session:
            stored = {frame.index: frame.record for frame in session.frames()}
            assert [stored[record["frame"]] for record in given] == given
            assert len(stored) - len(given) in (0, 1) and session.info.ended_by == "power"


def test_a_session_under_an_uneven_lamp_is_judged_again_to_the_bit_with_its_calibration(command, tmp_path, write_patch):
    lamp = falloff_map((400, 600), 0.4)[..., None] * np.asarray([0.93, 0.9, 0.85])
    glass = np.clip(np.rint(GLASS_RGB) * lamp, 0, 255).astype(np.uint8)
    slide = make_slide(0, (400, 600)).rgb
    write_patch(tmp_path / "blank.png", pixels=glass)
    for n, (y, x) in enumerate([(0, 0), (0, 300), (200, 300)]):
        field = cv2.resize(slide[y : y + 200, x : x + 300], (600, 400), interpolation=cv2.INTER_CUBIC)
        write_patch(tmp_path / "fields" / f"{n}.png", pixels=(field * lamp).astype(np.uint8))
    words = ("--um-per-px", "2", "--camera", "pi:", "--out", tmp_path / "i.json", "--blank", tmp_path / "blank.png")
    assert command(main, "calibrate", tmp_path / "fields", *words)[0] == 0
    words = ("--calibration", tmp_path / "i.json", "--camera", "pi:", "--session", tmp_path / "sessions")
    code, _, err = command(main, "run", tmp_path / "fields", *words)
    assert code == 0 and "3 recorded in" in err
    (folder,) = sessions_in(tmp_path / "sessions")
    with read_session(folder) as session:
        assert session.calibration() == read_calibration(tmp_path / "i.json") and session.info.camera == "pi:"
        model = session.model()
        again = list(replay(session, model, Network(model, "auto", 1)))
    assert len(again) == 3 and any(tile.label for each in again for tile in each.result.tiles)
    for each in again:
        assert each.result.tiles == tuple(tile.result for tile in each.stored.tiles)
        assert each.stored.record["calibration_sha256"] == read_calibration(tmp_path / "i.json").sha256
