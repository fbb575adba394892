"""All that a report says, as its templates get it."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge_runtime import __version__
from edge_runtime.note import NOTE
from edge_runtime.session.stored import SessionInfo

from .report_fields import FieldCard
from .report_found import Survey
from .report_legend import Legend
from .report_model import ModelWords
from .report_overview import Overview
from .report_sections import Part, PointRow, Rows


@dataclass(frozen=True)
class Report:
    """What a report says."""

    info: SessionInfo
    found: Survey
    positive: str
    """Label that is looked for, in words; empty where nobody knows."""
    tissue: int
    """Tiles of tissue: judged, or refused for another reason than that there is none."""
    judged: int
    """Of these."""
    called: int
    """Of these, tiles with the positive label."""
    called_fields: int
    """Fields with one of these."""
    legend: Legend
    slide: Overview | None
    worst: list[FieldCard]
    marked: list[FieldCard]
    """Those that are not among the worst."""
    shown_at: dict[int, FieldCard]
    """Number of a marked frame -> where it is shown."""
    parts: list[Part]
    points: list[PointRow]
    operating_point: str
    instrument: Rows
    warnings: list[str]
    """Of the calibration."""
    model: ModelWords | None
    hashes: Rows
    lost: list[str]
    """What is not in it, and why."""
    has_pictures: bool
    """Whether any field that is shown has one."""
    note: str = NOTE
    version: str = __version__
    made_at: str = field(default="")
    """ISO 8601, UTC."""
