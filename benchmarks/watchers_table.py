"""The record of watchers as Markdown."""

from __future__ import annotations

from typing import Any

from .latency_table import board_line
from .markdown import table


def watchers_markdown(record: dict[str, Any]) -> str:
    """Return the table of a record, with the board above it."""
    count = record["watchers"]
    header = ("frames", "alone, a second", f"{count} watch", "ratio", "CPU ms a frame", "watched",
              "views a second, each", "MB a second, all", "picture, ms")  # fmt: skip
    rows = (
        (
            row["source"],
            f"{row['fps_alone']:.1f}",
            f"{row['fps_watched']:.1f}",
            f"{100 * row['ratio']:.1f} %",
            f"{row['cpu_ms_a_frame_alone']:.1f}",
            f"{row['cpu_ms_a_frame_watched']:.1f}",
            f"{row['views_a_second']:.1f}",
            f"{row['megabytes_a_second']:.1f}",
            f"{row['picture_ms']:.0f}",
        )
        for row in record["rows"]
    )
    words = (
        f"`cancernet serve --looks off` over a drawn slide whose frames come as fast as they are judged, in turns of "
        f"{record['turn_s']:g} s alone and with {count} clients in another process on the same computer; each waits "
        "for a view, fetches its picture, and waits again. Medians over "
        f"{record['rows'][0]['turns']} turns each; the ratio is the median over pairs of turns. CPU is that of the "
        "instrument's process for each frame, the page's included, the clients' not."
    )
    return "\n\n".join((board_line(record), table(header, rows), words)) + "\n"
