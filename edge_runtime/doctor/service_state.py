"""The service, where one is installed: does it run, and did it have to be started again?"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from edge_runtime.service.unit import NAME

from .finding import FAILED, OK, WARNING, Finding
from .look import Look

_ASKED = ("ActiveState", "SubState", "Result", "NRestarts", "StatusText")


def check_service(look: Look) -> Iterator[Finding]:
    """Ask systemd for the service; nothing is said where none is installed."""
    if not (look.root / f"etc/systemd/system/{NAME}.service").exists():
        return
    state = _state() if look.root == Path("/") else {}
    if not state:
        yield Finding(
            "service", WARNING, "it is installed, and systemd does not answer", "boot this system with systemd"
        )
        return
    restarts = int(state.get("NRestarts", "0") or 0)
    now = f"{state.get('ActiveState')} ({state.get('SubState')})"
    what = f"{now}, started again {restarts} times; {state.get('StatusText') or 'it says nothing of itself'}"
    mend = f"look why: journalctl -u {NAME} -n 50"
    if state.get("ActiveState") == "failed" or state.get("SubState") == "auto-restart":
        yield Finding("service", FAILED, f"{what}; it ended by: {state.get('Result')}", mend)
    elif state.get("ActiveState") != "active":
        yield Finding("service", WARNING, what, f"start it: sudo systemctl start {NAME}")
    elif restarts:
        yield Finding("service", WARNING, what, mend)
    else:
        yield Finding("service", OK, what)


def _state() -> dict[str, str]:
    """Return what systemd says of the service; empty where it does not run."""
    if shutil.which("systemctl") is None:
        return {}
    words = ["systemctl", "show", NAME, *(f"--property={name}" for name in _ASKED)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
