"""A disk that fails at its n-th call, for every n of a session: an alarm, and nothing that was recorded is lost."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge_runtime.session.folder import sessions_in
from edge_runtime.session.reading import read_session
from tests.conftest import ROOT

FAKES = Path(__file__).parent / "fakes"


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The disk that fails, as a library to preload."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("a disk that fails is a preloaded C library: needs Linux and a C compiler")
    path = tmp_path_factory.mktemp("library") / "failing_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", path, FAKES / "failing_disk.c", "-ldl"], check=True)
    return path


@pytest.fixture
def folder(quick_disk):
    """Where sessions go; the library watches it."""
    return quick_disk / "sessions"


def preloaded(library: Path, folder: Path, *words: object, **more: object) -> subprocess.CompletedProcess[str]:
    told = {name: str(value) for name, value in more.items()}
    environment = {**os.environ, "LD_PRELOAD": str(library), "FAILING_FOLDER": str(folder), **told}
    return subprocess.run(
        [sys.executable, *map(str, words)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("error", "times"), [(errno.ENOSPC, -1), (errno.EIO, 1)], ids=["full until there is room again", "one call failed"]
)
def test_whichever_call_fails_an_alarm_is_raised_and_every_frame_is_there_in_the_end(error, times, library, folder):
    ran = preloaded(library, folder, FAKES / "failing_disk.py", library, folder, error, times)
    assert ran.returncode == 0, ran.stderr
    found = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(found) > 80 and [each["n"] for each in found] == list(range(1, len(found) + 1))
    silent = [each["n"] for each in found if not any("storage_failed" in alarms for alarms in each["alarms"])]
    assert len(silent) <= (3 if times == 1 else 0), silent  # SQLite makes up for one failed sync of a folder's list
    for each in found:
        assert each["alarms"][-1] == [] and each["ended_by"] == "asked", each
        assert each["frames"] == [0, 1, 2, 3] and each["summary"]["frames_recorded"] == 4, each
        assert each["summary"]["frames_not_recorded"] == 0
        assert (each["summary"]["storage_failures"] > 0) == (each["n"] not in silent)
        assert len(each["left"]) == 1, each
        if each["in_copy"]:  # pulled while it failed
            recorded, there = each["in_copy"]
            assert there >= recorded
    assert any(each["in_copy"] for each in found)


SOURCE = "synthetic:?frame=400x300&um_per_px=1.6&size=300x400"


@pytest.mark.parametrize("n", [1, 60, 101])
def test_a_run_whose_disk_stays_full_goes_on_judging_with_an_alarm(n, library, folder):
    words = ("-m", "edge_runtime", "run", SOURCE, "--frames", 4, "--session", folder)
    ran = preloaded(library, folder, *words, FAIL_AT=n, FAIL_ERRNO=errno.ENOSPC, FAIL_TIMES=-1)
    assert ran.returncode == 0 and "Traceback" not in ran.stderr, ran.stderr
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [record["frame"] for record in records] == [0, 1, 2, 3]
    assert records[-1]["alarms"][0]["reason"] == "storage_failed" and "make room" in records[-1]["alarms"][0]["message"]
    assert "storage_failed" in ran.stderr and "frames could not be recorded" in ran.stderr
    without_alarm = [record["frame"] for record in records if not record["alarms"]]
    for session in sessions_in(folder):
        with read_session(session) as found:
            assert {frame.index for frame in found.frames()} >= set(without_alarm[:-1])
