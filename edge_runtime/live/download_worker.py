"""Makes one file of a session: `python -m edge_runtime.live.download_worker SESSION KIND FOLDER`; says how it went.

A process of its own, so that its memory goes with it. It has the lowest priority, so that the frames go first, and
the kernel ends it first where memory is short, so that they go on.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

from edge_runtime.errors import CancerNetError, MissingDependency


def main(words: list[str]) -> dict[str, object]:
    """Make it; return where it is, or what is wrong."""
    session, kind, out = words
    _step_back()
    import cv2

    from edge_runtime.export.job import export_session

    cv2.setNumThreads(1)
    try:
        return {"made": str(export_session(Path(session), kind, Path(out)))}
    except CancerNetError as error:
        return {"error": str(error), "missing": isinstance(error, MissingDependency)}
    except OSError as error:
        return {"error": f"the disk failed: {error.strerror}; make room, or take another disk"}


def _step_back() -> None:
    with contextlib.suppress(OSError, AttributeError):  # a sandbox may forbid it, and another system has none of it
        os.nice(19)
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))
