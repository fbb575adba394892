"""From what a report says to its page; the templates say how it looks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from edge_runtime.errors import MissingDependency

from . import report_words as words
from .kinds import INSTALL

if TYPE_CHECKING:
    from .report_content import Report

_TEMPLATES = Path(__file__).parent / "templates"


def render(report: Report) -> str:
    """Return a report as HTML; whatever a person wrote is escaped. Raises MissingDependency without Jinja."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ImportError as error:
        raise MissingDependency(f"report: expected the package jinja2, found none; install it: {INSTALL}") from error
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=words.count, counted=words.counted, moment=words.moment, plain=words.plain, share=words.share
    )
    return environment.get_template("report.html").render(report=report, words=words)
