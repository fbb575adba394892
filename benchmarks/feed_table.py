"""The feed record as Markdown."""

from __future__ import annotations

from typing import Any

from .latency_table import board_line
from .markdown import table


def feed_markdown(record: dict[str, Any]) -> str:
    """Return the table of a record, with the board above it and the way of measuring below."""
    return f"{board_line(record)}\n\n{_rows(record)}\n\n{_words(record)}\n"


def _rows(record: dict[str, Any]) -> str:
    ratios = {row["fed"]: row for row in record["ratios"]}
    header = ("training fed by", "ms a step, median", "p90", "ratio", "p10 to p90 of rounds", "CPU, ms a step", "ratio")
    rows = (
        (
            row["fed"],
            f"{row['milliseconds_a_step']['median']:.1f}",
            f"{row['milliseconds_a_step']['p90']:.1f}",
            *_ratio(ratios.get(row["fed"])),
            f"{row['cpu_milliseconds_a_step']['median']:.1f}",
            f"{ratios[row['fed']]['cpu_median_of_rounds']:.3f}" if row["fed"] in ratios else "",
        )
        for row in record["rows"]
    )
    return table(header, rows)


def _ratio(row: dict[str, Any] | None) -> tuple[str, str]:
    if row is None:
        return "", ""
    return f"{row['median_of_rounds']:.3f}", f"{row['rounds_p10']:.3f} to {row['rounds_p90']:.3f}"


def _words(record: dict[str, Any]) -> str:
    threads = record["threads"] or "all"
    return (
        f"`{record['network']}`, batches of {record['batch']} from {record['tiles']:,} tiles in a mapped file, "
        f"threads: {threads}. {record['plan']['rounds']} rounds in one process; a turn is {record['steps']} steps, its "
        "pipeline started anew, all that is read and varied included. Ratios are medians over rounds."
    )
