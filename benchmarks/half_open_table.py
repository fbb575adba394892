"""The record of half-open connections as Markdown."""

from __future__ import annotations

from typing import Any

from .half_open import lost
from .half_open_clients import EACH, ONE
from .latency_table import board_line
from .markdown import table

_FROM = {ONE: "one address, the operator's own", EACH: "an address each"}


def half_open_markdown(record: dict[str, Any]) -> str:
    """Return the table of a record, with the board above it."""
    header = ("camera", "from", "frames a second alone", "held", "ratio", "lost", "operator alone, ms: p50", "max",
              "held: p50", "p99", "max", "closed by us")  # fmt: skip
    rows = (
        (
            "waits" if row["pace"] is None else f"{row['pace']:g} a second",
            _FROM[row["way"]],
            f"{row['fps_alone']:.1f}",
            f"{row['fps_held']:.1f}",
            f"{100 * row['ratio']:.1f} %",
            "" if (share := lost(row)) is None else f"{100 * share:.1f} %",
            f"{row['operator_ms_alone']['p50']:.0f}",
            f"{row['operator_ms_alone']['max']:.0f}",
            f"{row['operator_ms_held']['p50']:.0f}",
            f"{row['operator_ms_held']['p99']:.0f}",
            f"{row['operator_ms_held']['max']:.0f}",
            str(row["closed"]),
        )
        for row in record["rows"]
    )
    first = record["rows"][0]
    words = (
        "`cancernet serve` over a drawn slide whose frames come as fast as they are judged (`waits`), and over a "
        "camera on loopback (motion JPEG, 1920x1080) that does not wait; `lost` is the share of its frames that nobody "
        f"judged while connections were held. {first['turns']} turns of {record['turn_s']:g} s alone and "
        f"{first['turns']} with {record['half_open']} half-open connections (nothing, half a head, half a body, a byte "
        "a second) and a client that asks for pictures and never reads, all of another process on the same computer, "
        "which opens again what is closed. The operator's page asks five times a second, each time over a new "
        f"connection ({first['asked']} answers a row); the ratio is the median over pairs of turns."
    )
    return "\n\n".join((board_line(record), table(header, rows), words)) + "\n"
