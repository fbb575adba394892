"""The drift record as Markdown."""

from __future__ import annotations

from typing import Any

from .markdown import table


def drift_markdown(record: dict[str, Any]) -> str:
    """Return the tables of alarms and of scales."""
    alarms = table(
        ("what goes wrong", "runs", "alarm", "frames until then, median", "runs with another alarm"),
        (
            (
                row["trouble"],
                row["runs"],
                f"{row['told']} ({' or '.join(f'`{code}`' for code in row['expected'])})"
                if row["expected"]
                else "none due",
                "" if row["frames_to_alarm"] is None else f"{row['frames_to_alarm']:g}",
                ", ".join(f"{count} `{code}`" for code, count in row["other_alarms"].items()) or "0",
            )
            for row in record["troubles"]
        ),
    )
    scales = table(
        ("scale stated, of the true one", "fields", "off", "agrees", "cannot tell"),
        (
            (f"{row['claim']:g}x", row["fields"], row["off"], row["agrees"], row["cannot_tell"])
            for row in record["scales"]
        ),
    )
    return (
        f"Measured {record['measured_at']}: {record['slides']} slides, enlarged to {record['um_per_px']:g} µm per px; "
        f"{record['frames']} frames a run, something goes wrong from frame {record['onset']} on, over 8 frames.\n\n"
        f"{alarms}\n\n{scales}\n"
    )
