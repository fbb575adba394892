"""The instrument's state for a page, put together of what its parts say."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime import __version__
from edge_runtime.alarms import Alarm
from edge_runtime.board import Board
from edge_runtime.calibration import Calibration
from edge_runtime.contract import CONTEXT, TILE
from edge_runtime.note import NOTE
from edge_runtime.tally import memory_mb

from .counts import Counts, tile_sums
from .hub import Hub
from .parts import Parts
from .state import RUNNING, State
from .state_parts import AlarmState, BoardState, CalibrationState, RecordingState

_READ_EVERY_S = 2.0
"""The disk and the memory are asked so often at most."""


@dataclass(frozen=True)
class Situation:
    """What the engine itself knows."""

    phase: str
    """One of PHASES."""
    message: str | None
    """What to do about it."""
    recording: RecordingState | None
    """The session."""
    calibration: Calibration | None
    """At work."""


class Snapshots:
    """Makes states; what never changes is worked out once."""

    def __init__(self, parts: Parts, hub: Hub, counts: Counts) -> None:
        """Take the parts, and who knows views and numbers."""
        contract, args = parts.model.contract, parts.args
        self._hub, self._counts = hub, counts
        self._folder: Path | None = args.session
        name, mode = operating_point_of(parts)
        point, calibration = contract.operating_point(name, mode)[1], contract.mode(mode).calibration
        threshold = float(calibration.probability(np.array([point.threshold_logit]))[0])
        self._fixed: dict[str, Any] = {
            "software": f"cancernet-edge {__version__}",
            "source": args.source,
            "model": f"{contract.name} {contract.version}",
            "model_sha256": parts.model.sha256,
            "operating_point": name,
            "threshold": threshold,
            "labels": tuple(contract.labels),
            "note": NOTE,
            "can_record": args.session is not None,
        }
        self._positive = contract.labels[-1]
        self._board = Board()
        self._read_at, self._memory_mb = -_READ_EVERY_S, 0.0
        self._free_gb: float | None = None

    def of(self, now: Situation) -> State:
        """Return the state in a situation."""
        view, counts = self._hub.newest(), self._counts
        lost = counts.lost
        message = lost.message if now.phase == RUNNING and lost is not None else now.message
        seen: dict[str, Any] = {}
        if view is not None:
            tiles, judged, positive, reasons = tile_sums(view.state, self._positive)
            bars = view.gauges
            seen = {
                "newest": view.state.number, "age_s": self._hub.age_s(), "tiles": tiles, "judged": judged,
                "positive": positive, "reasons": reasons, "focus": bars.focus, "light": bars.light,
                "tissue": bars.tissue,
            }  # fmt: skip
        return State(
            phase=now.phase,
            message=message,
            at=datetime.now(timezone.utc).isoformat(timespec="milliseconds"),
            fps=counts.fps(),
            frames=counts.frames,
            dropped=counts.dropped,
            board=self._board_state(),
            alarms=tuple(_alarm(alarm) for alarm in counts.alarms),
            recording=now.recording,
            calibration=None if now.calibration is None else calibration_state(now.calibration),
            **self._fixed,
            **seen,
        )

    def _board_state(self) -> BoardState:
        now = time.monotonic()
        if now - self._read_at >= _READ_EVERY_S:
            self._read_at = now
            self._free_gb, self._memory_mb = _free_gb(self._folder), memory_mb("VmRSS")
        board = self._board.state()
        return BoardState(board.cpu_c, self._counts.heat_step, board.throttled, self._free_gb, self._memory_mb or None)


def operating_point_of(parts: Parts) -> tuple[str, str]:
    """Return which threshold makes the labels, and in which mode; BadInput for one that is not there."""
    contract, args = parts.model.contract, parts.args
    mode = CONTEXT if args.context == "auto" and contract.context else TILE
    return contract.operating_point(args.operating_point, mode)[0], mode


def calibration_state(calibration: Calibration) -> CalibrationState:
    """Return a calibration as the page shows it."""
    end = calibration.expires_at
    return CalibrationState(
        name=calibration.name,
        sha256=calibration.sha256,
        objective=calibration.objective,
        um_per_px=calibration.um_per_px,
        expires_at=None if end is None else end.isoformat(timespec="seconds"),
        has=tuple(part for part in ("scale", "blank", "focus") if getattr(calibration, part) is not None),
    )


def _alarm(alarm: Alarm) -> AlarmState:
    return AlarmState(alarm.reason, alarm.message, alarm.value, alarm.limit)


def _free_gb(folder: Path | None) -> float | None:
    """Return what is free on the disk of a folder, which may not be there yet."""
    if folder is None:
        return None
    for place in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(place).free / 1e9
        except OSError:
            continue
    return None
