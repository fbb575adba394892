"""The light record as Markdown."""

from __future__ import annotations

from typing import Any

from .markdown import table


def light_markdown(record: dict[str, Any]) -> str:
    """Return the table of lamps, and what evening the light and watching it cost."""
    without = {row["lamp"]: row for row in record["lamps"] if not row["calibrated"]}
    lamps = table(
        (
            "lamp",
            "mean change of a probability: without",
            "calibrated",
            "other label: without",
            "calibrated",
            "refused: without",
            "calibrated",
        ),
        (
            (
                row["lamp"],
                *(
                    "" if each[key] is None else f"{each[key]:{form}}"
                    for key, form in (("mean_difference", ".3f"), ("other_label", ".1%"), ("refused", ".1%"))
                    for each in (without[row["lamp"]], row)
                ),
            )
            for row in record["lamps"]
            if row["calibrated"]
        ),
    )
    costs = record["costs"]
    tiles = record["lamps"][0]["tiles"]
    return (
        f"Measured {record['measured_at']}: {tiles:,} tiles of {record['slides']} slides, enlarged to "
        f"{record['um_per_px']:g} µm per px, `{record['model']['name']}` {record['model']['version']}; against the "
        "same tiles under even, white light, of those that are judged in both.\n\n"
        f"{lamps}\n\n"
        f"For a frame of {record['um_per_px']:g} µm per px evening the light takes {costs['light']:.2f} ms, the watch "
        f"{costs['drift']:.2f} ms where it looks at detail, in every second new view; one area resize of it "
        f"{costs['resize']:.2f} ms (the least of 160 calls in turn, one thread).\n"
    )
