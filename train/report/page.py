"""Turn a page into one HTML file with everything in it, and write it with its record beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from edge_runtime import __version__
from edge_runtime.atomic import write_text

from .blocks import Page

_TEMPLATES = Path(__file__).parent / "templates"


def render(page: Page) -> str:
    """Return a page as HTML; whatever is not Markup is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(page=page, version=__version__)


def write_report(folder: Path, name: str, page: Page, record: dict[str, Any]) -> tuple[Path, Path]:
    """Write `name`.html and `name`.json into a folder, each whole or not at all; return where they lie."""
    html, figures = folder / f"{name}.html", folder / f"{name}.json"
    write_text(figures, json.dumps(record, indent=2, allow_nan=False) + "\n")
    write_text(html, render(page))
    return html, figures
