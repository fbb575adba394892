"""Try something in a process of its own, so that a library that crashes or a driver that hangs is a finding."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tried:
    """How a try ended."""

    code: int | None
    """Its exit code; negative: the signal that ended it; None: it did not end in time."""
    out: str = ""
    """Its standard output."""
    error: str = ""
    """Its standard error."""

    @property
    def went_well(self) -> bool:
        """Whether it ended with exit code 0."""
        return self.code == 0

    @property
    def why(self) -> str:
        """What it died of, or its own last word, in one line."""
        if self.code is None:
            return "it did not come back in time"
        if self.code < 0:
            return f"it died of {signal.Signals(-self.code).name}"
        lines = [line.strip() for line in self.error.splitlines() if line.strip()]
        return lines[-1].removeprefix("cancernet: ") if lines else f"it ended with exit code {self.code}"


Try = Callable[[Sequence[str], float], Tried]
"""(words for this Python, s to wait) -> how it ended."""


def try_python(words: Sequence[str], patience_s: float) -> Tried:
    """Run this very Python with `words`, as ["-c", "import cv2"], for `patience_s` at most."""
    command = [sys.executable, *(["-I"] if sys.flags.isolated else []), *words]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=patience_s, check=False
        )
    except subprocess.TimeoutExpired:
        return Tried(None)
    return Tried(done.returncode, done.stdout, done.stderr)
