"""Add up a run as it goes: frames, tiles, reasons, time and memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from .contract import Contract
from .records import SCHEMA_VERSION, FrameResult


class Tally:
    """Counts of the results seen so far; times are kept for the last 10,000 frames."""

    def __init__(self, contract: Contract, source: str) -> None:
        self._contract = contract
        self._source = source
        self._frames = self._lost = 0
        self._labels: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._milliseconds: dict[str, list[float]] = defaultdict(list)
        self._model_sha256 = self._operating_point = self._mode = ""

    def add(self, result: FrameResult) -> None:
        """Count one frame."""
        self._frames += 1
        self._model_sha256, self._operating_point, self._mode = result.model_sha256, result.operating_point, result.mode
        if result.reason is not None:
            self._lost += 1
            self._reasons[result.reason] += 1
        for tile in result.tiles:
            if tile.label is None:
                self._reasons[str(tile.reason)] += 1
            else:
                self._labels[tile.label] += 1
        for stage, spent in result.milliseconds.items():
            kept = self._milliseconds[stage]
            kept.append(spent)
            del kept[:-10_000]

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
            "model": {"name": self._contract.name, "version": self._contract.version, "sha256": self._model_sha256},
            "operating_point": self._operating_point,
            "mode": self._mode,
            "frames": self._frames,
            "frames_not_judged": self._lost,
            "tiles_judged": judged,
            "labels": {label: self._labels[label] for label in self._contract.labels},
            "positive_share": round(self._labels[positive] / judged, 4) if judged else None,
            "reasons": dict(sorted(self._reasons.items())),
            "milliseconds": {stage: _spread(values) for stage, values in self._milliseconds.items()},
            "peak_memory_mb": round(peak_memory_mb(), 1),
            "note": "research use only, not a diagnosis",
        }


def _spread(values: list[float]) -> dict[str, float]:
    low, high, top = np.quantile(values, [0.5, 0.95, 1.0])
    return {"p50": round(float(low), 3), "p95": round(float(high), 3), "max": round(float(top), 3)}


def peak_memory_mb() -> float:
    """Return the most memory that this process held at once, MB (1e6 bytes); 0 where the system does not tell.

    From VmHWM (proc(5)): getrusage's figure would begin with that of the process that started this one.
    """
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:  # not Linux
        return 0.0
    return next((int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)
