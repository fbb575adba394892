"""Kill running sessions at random moments, and hold what is left against the lines that the runs had given."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from edge_runtime.errors import BadInput
from edge_runtime.session.folder import sessions_in
from edge_runtime.session.reading import read_session

PICTURES, SIZE = 40, (150, 200, 3)
"""What a run judges, over and over: small pictures, so that many frames are committed before it is killed."""
LONGEST_S = 1.5
"""A run is killed by then after its first line; a fifth of them before it, while the session is made."""
SEED = 0
COUNTED = (
    "killed_before_the_session",
    "sessions",
    "reopened",
    "said",
    "frames_given",
    "frames_committed",
    "frames_lost",
    "pictures_lost",
)
_CHECKOUT = Path(__file__).resolve().parents[1]


def kill_runs(work: Path, times: int, python: Path) -> dict[str, Any]:
    """Kill so many sessions of `cancernet run --session`; each is opened by the next run, as in use.

    Some runs are killed before their session is there; these are counted apart.
    """
    pictures, sessions = _pictures(work / "pictures"), work / "killed"
    command = [str(python), "-m", "edge_runtime", "run", str(pictures), "--um-per-px", "4", "--gates", "off"]
    command += ["--session", str(sessions), "--slide", "killed"]
    chance, found = random.Random(SEED), Counter(dict.fromkeys(COUNTED, 0))
    bar = tqdm(total=times, unit="kill", desc="sessions", disable=not sys.stderr.isatty())
    runs = 0
    while found["sessions"] < times:
        runs += 1
        shutil.rmtree(sessions, ignore_errors=True)
        early = chance.random() < 0.2
        given = _killed_run(command, chance.random() * LONGEST_S, early)
        subprocess.run([*command, "--frames", "1"], cwd=_CHECKOUT, capture_output=True, check=True)  # it mends
        found.update(_look(sessions, given))
        bar.update(found["sessions"] - bar.n)
    bar.close()
    return {"runs": runs, **found}


def _killed_run(command: list[str], after_s: float, early: bool) -> list[dict[str, Any]]:
    """Run, kill -9 after a while, and return the records that it had given."""
    with subprocess.Popen(
        command, cwd=_CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None  # it was asked for
        lines = [] if early else [process.stdout.readline()]
        try:
            process.wait(after_s)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
        lines += process.stdout.readlines()
    return [json.loads(line) for line in lines if line.endswith("}\n")]


def _look(sessions: Path, given: list[dict[str, Any]]) -> dict[str, int]:
    """Hold the first session that a run left against the records that it gave."""
    folders = sessions_in(sessions)[:-1]  # the last is that of the run that mended
    if not folders:
        return {"killed_before_the_session": 1, "frames_given": len(given), "frames_lost": len(given)}
    found = {"sessions": 1, "frames_given": len(given)}
    try:
        with read_session(folders[0]) as session:
            stored = {frame.index: frame for frame in session.frames()}
            whole = session.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            found["reopened"] = whole and session.info.ended_at is not None and not session.warnings
            found["said"] = bool(session.info.said)
            found["frames_committed"] = len(stored)
            kept = {n: all(session.picture(frame, kind) for kind in frame.pictures) for n, frame in stored.items()}
    except BadInput:
        return {**found, "frames_lost": len(given)}
    found["frames_lost"] = sum(
        record["frame"] not in stored or stored[record["frame"]].record != record for record in given
    )
    found["pictures_lost"] = sum(not there for there in kept.values())
    return found


def _pictures(folder: Path) -> Path:
    """Write some pictures, and links to them: enough for the longest run."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(SEED)
    for n in range(PICTURES):
        cv2.imwrite(str(folder / f"{n:06d}.png"), noise.integers(80, 220, SIZE, np.uint8))
    for n in range(PICTURES, 100 * PICTURES):
        os.link(folder / f"{n % PICTURES:06d}.png", folder / f"{n:06d}.png")
    return folder
