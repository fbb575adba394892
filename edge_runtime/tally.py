"""Add up a run as it goes: frames, tiles, reasons, circumstances, time and memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .alarms import Standing
from .circumstances import CircumstanceSums
from .contract import Contract
from .results import SCHEMA_VERSION, FrameResult
from .timing import Spreads

SOURCE_ENDED, ASKED, FRAMES_DONE = "source_ended", "asked", "frames_done"
"""What ends a run: its source, a person or the system, --frames; or the reason of an error."""


class Tally:
    """Sums of the results seen so far, in a fixed size. A field that was looked at often counts once."""

    def __init__(
        self, contract: Contract, source: str, calibration_sha256: str | None = None, warnings: Sequence[str] = ()
    ) -> None:
        """Begin with nothing; `warnings` are what was said of the calibration before the first frame."""
        self._contract = contract
        self._source = source
        self._frames = self._lost = self._fields = self._repeats = 0
        self._labels: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._last: FrameResult | None = None
        self._around = CircumstanceSums()
        self._times = Spreads()
        self._calibration_sha256, self._warnings = calibration_sha256, list(warnings)
        self._standing = Standing()
        self._alarms: dict[str, dict[str, int]] = {}
        self._model_sha256 = self._operating_point = self._mode = ""
        self.ended_by = SOURCE_ENDED
        """Why the run ended, as a code."""

    def add(self, result: FrameResult, seconds: Mapping[str, float] | None = None) -> None:
        """Count one frame; `seconds` are times of stages that its own record cannot hold."""
        self._frames += 1
        self._model_sha256, self._operating_point, self._mode = result.model_sha256, result.operating_point, result.mode
        if result.reason is not None:
            self._lost += 1
            self._reasons[result.reason] += 1
        elif result.repeats_frame is not None:
            self._repeats += 1
        else:
            self._count_field(result)
        self._count_alarms(result)
        if result.circumstances is not None:
            self._around.add(result.circumstances)
        for stage, spent in result.milliseconds.items():
            self._times.add(stage, spent)
        for stage, spent in (seconds or {}).items():
            self._times.add(stage, spent * 1e3)

    def _count_alarms(self, result: FrameResult) -> None:
        begun, _ = self._standing.update(result.alarms)
        for alarm in begun:
            self._alarms.setdefault(alarm.reason, {"first_frame": result.index, "times": 0, "frames": 0})["times"] += 1
        for alarm in result.alarms:
            self._alarms[alarm.reason]["frames"] += 1

    def _count_field(self, result: FrameResult) -> None:
        """Count the tiles of a field; another look at it takes the place of the one before."""
        if result.looks == 1:
            self._fields += 1
        elif self._last is not None:
            self._count_tiles(self._last, -1)
        self._count_tiles(result, 1)
        self._last = result

    def _count_tiles(self, result: FrameResult, by: int) -> None:
        for tile in result.tiles:
            if tile.label is None:
                self._reasons[str(tile.reason)] += by
            else:
                self._labels[tile.label] += by

    @property
    def frames(self) -> int:
        """How many frames there were."""
        return self._frames

    @property
    def anything_judged(self) -> bool:
        """Whether any frame was looked at: tiles of glass count, frames lost or of an impossible scale do not."""
        return self._frames > self._lost

    def summary(self) -> dict[str, Any]:
        """Return the sums as JSON holds them."""
        judged = sum(self._labels.values())
        positive = self._contract.labels[1]
        return {
            "schema_version": SCHEMA_VERSION,
            "source": self._source,
            "model": {
                "name": self._contract.name,
                "version": self._contract.version,
                "sha256": self._model_sha256 or None,
            },
            "calibration_sha256": self._calibration_sha256,
            "warnings": self._warnings,
            "alarms": self._alarms,
            "operating_point": self._operating_point,
            "mode": self._mode,
            "ended_by": self.ended_by,
            "frames": self._frames,
            "frames_not_judged": self._lost,
            "frames_repeated": self._repeats,
            "fields": self._fields,
            "tiles_judged": judged,
            "labels": {label: self._labels[label] for label in self._contract.labels},
            "positive_share": round(self._labels[positive] / judged, 4) if judged else None,
            "reasons": dict(sorted((+self._reasons).items())),
            "circumstances": self._around.to_json(),
            "milliseconds": self._times.to_json(),
            "memory_mb": round(memory_mb("VmRSS"), 1),
            "peak_memory_mb": round(memory_mb("VmHWM"), 1),
            "note": "research use only, not a diagnosis",
        }


def memory_mb(kind: str) -> float:
    """Return this process's memory, MB (1e6 bytes): VmRSS now, VmHWM the most at once; 0 where the system is silent.

    From proc(5): getrusage's peak would begin with that of the process that started this one.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:  # not Linux
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith(kind)), 0.0)
