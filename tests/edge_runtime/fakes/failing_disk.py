"""Record sessions on a disk whose n-th call fails, for every n; run with failing_disk.c preloaded.

python failing_disk.py LIBRARY FOLDER ERRNO TIMES
"""

from __future__ import annotations

import ctypes
import itertools
import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from edge_runtime.model_file import open_model, shipped_path
from edge_runtime.session.mending import mend_sessions
from edge_runtime.session.reading import read_session
from tests.edge_runtime.fakes.sessions import NOON, frame_and_result, recorder, small_model

FRAMES, BACK_AFTER = 4, 3
"""Frames of a session, and after how many the disk works again where it failed for good."""


def main(library: str, folder: str, error: str, times: str) -> None:
    """Print a line of JSON for each n, until no call is left that could fail."""
    disk = ctypes.CDLL(library)
    model, root = small_model(open_model(shipped_path())), Path(folder)
    for n in itertools.count(1):
        shutil.rmtree(root, ignore_errors=True)
        disk.fail_at(ctypes.c_long(n), int(error), ctypes.c_long(int(times)))
        found = one_session(root, model, disk)
        failed = disk.failing_calls() >= n if found["calls"] is None else found["calls"] >= n
        if not failed:
            return
        print(json.dumps({"n": n, **found}))


def one_session(root: Path, model: object, disk: ctypes.CDLL) -> dict:
    """Record one, and return what was told, and what is on the disk."""
    record = recorder(root, model)
    alarms, told = [[alarm.reason for alarm in record.standing_alarms()]], []
    in_copy = calls = None
    for index in range(FRAMES):
        if index == BACK_AFTER:
            calls = disk.failing_calls()
            disk.fail_at(0, 0, 0)
        record.write(*frame_and_result(index))
        now = [alarm.reason for alarm in record.standing_alarms()]
        told += [alarm.message for alarm in record.standing_alarms()]
        alarms.append(now)
        if now and in_copy is None and record.folder is not None:
            in_copy = pulled_plug(root, record.folder, record.summary()["frames_recorded"], disk)
    record.end("asked")
    record.close()
    with read_session(record.folder) as session:
        frames = [frame.index for frame in session.frames() if session.picture(frame, "field")]
    left = sorted(path.name for path in root.iterdir())
    return {"alarms": alarms, "frames": frames, "in_copy": in_copy, "summary": record.summary(), "calls": calls,
            "left": left, "told": told[:1], "ended_by": session.info.ended_by}  # fmt: skip


def pulled_plug(root: Path, folder: Path, recorded: int, disk: ctypes.CDLL) -> list[int]:
    """Return how many frames were said to be recorded, and how many of them a session has whose plug is pulled now."""
    elsewhere = root.with_name("copy")
    shutil.rmtree(elsewhere, ignore_errors=True)
    shutil.copytree(folder, elsewhere / folder.name, ignore=shutil.ignore_patterns("*-shm"))
    mend_sessions(elsewhere, NOON)
    with read_session(elsewhere / folder.name) as session:
        return [recorded, sum(1 for frame in session.frames() if session.picture(frame, "field"))]


if __name__ == "__main__":
    main(*sys.argv[1:])
