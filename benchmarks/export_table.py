"""The record of exports as Markdown."""

from __future__ import annotations

from typing import Any

from .latency_table import board_line
from .markdown import table


def export_markdown(record: dict[str, Any]) -> str:
    """Return the tables of a record, with the board above them."""
    header = ("slide", "places", "views", "pieces", "placing, s", "view off, µm", "mosaic off, µm", "regions off, µm",
              "area, regions", "area, heat", "area by network")  # fmt: skip
    rows = (
        (
            f"drawn, seed {row['seed']}",
            row["places"],
            row["views"],
            row["pieces"],
            f"{row['placing_s']:.1f}",
            f"{row['place_off_um']:.1f}",
            f"{row['mosaic_off_um']:.1f}",
            f"{row['centre_off_um']:.0f}",
            f"{row['area_geojson']:+.1%}",
            f"{row['area_heat']:+.2%}",
            f"{row['area_by_network']:+.0%}" if "area_by_network" in row else "",
        )
        for row in record["slides"]
    )
    matching = ("slide", "overlap", "way", "found", "wrong", "off, px", "ms a pair")
    pairs = (
        (
            row["slide"],
            "-".join(f"{share:.0%}" for share in row["overlap"]),
            row["way"],
            f"{row['right']} of {row['pairs']}",
            row["wrong"],
            "" if row["off_px"] is None else f"{row['off_px']:.2f}",
            f"{row['ms']:.0f}",
        )
        for row in record["matching"]
    )
    words = (
        "`places`: told by the stage, or found from the pictures. `off` is the farthest of a view, that of a part of "
        "the mosaic, and the distance of the middle of the regions from the truth's. Areas are against the mask of "
        "carcinoma, where each tile says what it truly holds, so that geometry is measured and not the network: `heat` "
        "sums the shares of all tiles, `regions` are the outlines in the GeoJSON of those that hold half or more, to "
        "which tiles of 200 µm add their coarseness. The network's own labels are the last column."
    )
    return "\n\n".join((board_line(record), table(header, rows), words, table(matching, pairs))) + "\n"
