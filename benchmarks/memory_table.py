"""The memory record as Markdown."""

from __future__ import annotations

from typing import Any

from .latency_table import board_line
from .markdown import table


def memory_markdown(record: dict[str, Any]) -> str:
    """Return the table of a record, with the board above it."""
    found = record["resident_mb"]
    header = ("`cancernet run`, resident MB", "peak", *(f"frame {n}" for n in found["at_frame"]))
    header += ("second tenth", "last tenth", "growth", "by 1,000 frames")
    row = (
        f"{record['frame']}, JPEG, {record['model']['model']}{', with overlays' if record['overlays'] else ''}",
        *(f"{value:.1f}" for value in (found["peak"], *found["at_frame"].values())),
        *(f"{found[key]:.1f}" for key in ("second_tenth", "last_tenth", "growth")),
        f"{found['growth_by_1000_frames']:+.2f}",
    )
    words = f"{found['frames']:,} frames. MB are 1e6 bytes; peak is VmHWM, the rest VmRSS as each line was written. "
    words += "Growth by 1,000 frames is the slope of the line of least squares, the first tenth left out."
    return "\n\n".join((board_line(record), table(header, [row]), words)) + "\n"
