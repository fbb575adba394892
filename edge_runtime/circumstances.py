"""What goes on around a frame, beside what it shows: frames dropped, how warm the board is, rests; and their sums."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from .board import NOT_TOLD, BoardState
from .heat import NORMAL


@dataclass(frozen=True)
class Circumstances:
    """What went on around one frame."""

    dropped_by_camera: int = 0
    """Frames that the sensor took since the frame before, and nobody got; by the gaps between its timestamps."""
    dropped_by_queue: int = 0
    """Frames that were taken since the frame before and left out, because a live camera is faster than the judging."""
    board: BoardState = NOT_TOLD
    """How the computer was doing."""
    heat_step: str = NORMAL.name
    """Where it stood in the heat plan."""
    pause_ms: float = 0.0
    """How long it rested before this frame, by the heat plan."""

    def to_json(self) -> dict[str, Any]:
        """Return them as JSON holds them; null is what the computer does not tell."""
        return {
            "dropped_by_camera": self.dropped_by_camera,
            "dropped_by_queue": self.dropped_by_queue,
            "cpu_c": self.board.cpu_c,
            "throttled": self.board.throttled,
            "under_voltage": self.board.under_voltage,
            "clock_mhz": self.board.clock_mhz,
            "heat_step": self.heat_step,
            "pause_ms": round(self.pause_ms, 1),
        }


class CircumstanceSums:
    """Sums of the circumstances of a run."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._by_camera = self._by_queue = self._throttled = self._under_voltage = 0
        self._pause_ms = 0.0
        self._hottest_c: float | None = None
        self._steps: Counter[str] = Counter()

    def add(self, found: Circumstances) -> None:
        """Add those of one frame."""
        self._by_camera += found.dropped_by_camera
        self._by_queue += found.dropped_by_queue
        self._throttled += found.board.throttled is True
        self._under_voltage += found.board.under_voltage is True
        self._pause_ms += found.pause_ms
        self._steps[found.heat_step] += 1
        if found.board.cpu_c is not None and (self._hottest_c is None or found.board.cpu_c > self._hottest_c):
            self._hottest_c = found.board.cpu_c

    def to_json(self) -> dict[str, Any]:
        """Return the sums as JSON holds them."""
        return {
            "dropped_by_camera": self._by_camera,
            "dropped_by_queue": self._by_queue,
            "hottest_cpu_c": self._hottest_c,
            "frames_throttled": self._throttled,
            "frames_under_voltage": self._under_voltage,
            "frames_by_heat_step": dict(self._steps),
            "paused_s": round(self._pause_ms / 1e3, 1),
        }
