"""Run a command and tell its wall time, that to its first line, its CPU time and peak memory; imports next to nothing.

A child's peak, as the system counts it, begins at what its parent held when it forked (Linux: ru_maxrss outlives
exec). A parent that has loaded NumPy would hand its own memory on; this one stands between.

python -m benchmarks.launcher python -m edge_runtime --version
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any


def launch(command: Sequence[str]) -> dict[str, Any]:
    """Run a command to its end and return what it took; its standard error passes through."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None  # it was asked for
        process.stdout.readline()
        first_line = time.perf_counter() - began
        process.stdout.read()
        peak_mb = cpu_s = None
        if hasattr(os, "wait4"):  # Unix alone has it
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            peak_mb = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6  # bytes on macOS, else KiB
            cpu_s = usage.ru_utime + usage.ru_stime
        else:
            process.wait()
    return {
        "exit_code": process.returncode,
        "wall_s": time.perf_counter() - began,
        "first_line_s": first_line,
        "peak_memory_mb": peak_mb,
        "cpu_s": cpu_s,
    }


if __name__ == "__main__":
    print(json.dumps(launch(sys.argv[1:])))
