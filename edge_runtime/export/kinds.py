"""What a session can be exported as, and the name of each file."""

from __future__ import annotations

CSV, JSONL, GEOJSON, MOSAIC, REPORT, PDF = WHAT = ("csv", "jsonl", "geojson", "mosaic", "report", "pdf")
"""What a person asks for."""
HEAT, PREVIEW = ("heat", "preview")
"""What comes along with a mosaic, in files of their own."""

FILES = {
    CSV: "tiles.csv",
    JSONL: "frames.jsonl",
    GEOJSON: "tiles.geojson",
    MOSAIC: "mosaic.ome.tiff",
    HEAT: "heat.ome.tiff",
    PREVIEW: "mosaic.png",
    REPORT: "report.html",
    PDF: "report.pdf",
}
"""Kind -> file."""
EXTRAS = {
    GEOJSON: ("shapely",),
    MOSAIC: ("tifffile",),
    HEAT: ("tifffile",),
    REPORT: ("jinja2",),
    PDF: ("jinja2", "weasyprint", "PIL"),
}
"""Kind -> the packages that it needs; they are in the extra `export`."""
LIBRARIES = {PDF: ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")}
"""Kind -> the system's libraries that it needs."""
PAPERS = ("A4", "letter")
"""Sizes of paper of the PDF."""
INSTALL = "pip install 'cancernet-edge[export]'"
"""Where they come from."""
