"""The kind `report`: a slide on a few pages, for a pathologist to read or print; one HTML file, all in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from edge_runtime.calibration import Calibration
from edge_runtime.errors import BadInput
from edge_runtime.session.reading import Session
from edge_runtime.session.stored import SessionInfo

from .kinds import PAPERS
from .placing import Placed
from .report_content import Report
from .report_fields import field_card
from .report_found import LEAST_WORST, Survey
from .report_legend import legend_of
from .report_model import KnownModel, known_model, model_words
from .report_overview import overview
from .report_page import render
from .report_pdf import lay_out
from .report_sections import PointRow, Rows, calibration_warnings, instrument_rows, parts_of, point_rows
from .report_survey import survey
from .report_words import NOT_TISSUE, label_words


def write_report(session: Session, placed: Placed | None, path: Path, now: datetime | None = None) -> None:
    """Write a session's report as one HTML file; `placed` None: without an overview of the slide.

    Raises BadInput where the database is damaged, MissingDependency where Jinja is missing, OSError where the disk
    failed.
    """
    path.write_text(render(report_of(session, placed, now)), "utf-8")


def write_report_pdf(session: Session, placed: Placed | None, path: Path, paper: str = PAPERS[0]) -> None:
    """Write a session's report as a PDF, with no page of HTML left beside it.

    Raises as `write_report`, and MissingDependency where WeasyPrint or Pango is missing.
    """
    lay_out(render(report_of(session, placed)), path, paper)


def report_of(session: Session, placed: Placed | None, now: datetime | None = None) -> Report:
    """Return what a report says of a session; reads its frames twice, in bounded memory."""
    info, found, model = session.info, survey(session), known_model(session)
    calibration, no_calibration = _calibration(session)
    label = None if model.contract is None else model.contract.labels[-1]
    chosen = [seen for n, seen in enumerate(found.worst) if n < LEAST_WORST or seen.calls(label)]
    worst = [field_card(session, seen, n, label, placed) for n, seen in enumerate(chosen, 1)]
    shown = {card.frame for card in worst}
    rest = [seen for seen in found.marked if seen.shown.index not in shown]
    marked = [field_card(session, seen, 0, label, placed) for seen in rest]
    slide = None if placed is None else overview(session, placed, [*worst, *marked])
    name = str(info.settings.get("operating_point", ""))
    points, no_point = _points(model, name, found)
    judged = sum(found.labels.values())
    return Report(
        info=info,
        found=found,
        positive="" if label is None else label_words(label),
        tissue=judged + sum(number for code, number in found.reasons.items() if code not in NOT_TISSUE),
        judged=judged,
        called=found.labels[label] if label else 0,
        called_fields=found.fields_by_label[label] if label else 0,
        legend=legend_of(points[0].threshold if points else ""),
        slide=slide,
        worst=worst,
        marked=marked,
        shown_at={mark.frame: card for card in [*worst, *marked] for mark in card.marks},
        parts=parts_of(found, () if model.contract is None else model.contract.labels, label),
        points=points,
        operating_point=name,
        instrument=instrument_rows(info, found, calibration),
        warnings=calibration_warnings(calibration, info.made_at) if no_calibration is None else [],
        model=None if model.contract is None else model_words(model.contract, model.parity, model.card),
        hashes=_hashes(info),
        lost=_lost(session, found, [model.trouble, no_calibration, no_point]),
        has_pictures=any(card.picture for card in [*worst, *marked]),
        made_at=(now or datetime.now(timezone.utc)).isoformat(timespec="seconds"),
    )


def _calibration(session: Session) -> tuple[Calibration | None, str | None]:
    """Return the calibration, or what is wrong with it."""
    try:
        return session.calibration(), None
    except (BadInput, ValueError, KeyError) as error:
        return None, f"The calibration in the session cannot be read: {error}"


def _hashes(info: SessionInfo) -> Rows:
    return [
        ("Session", info.id),
        ("Recorded by", f"{info.software}, session layout {info.session_version}"),
        ("Model, SHA-256", info.model_sha256),
        ("Calibration, SHA-256", info.calibration_sha256 or "none"),
    ]


def _points(model: KnownModel, name: str, found: Survey) -> tuple[list[PointRow], str | None]:
    """Return what is known of the operating point, or what is wrong with it."""
    try:
        return ([] if model.contract is None else point_rows(model.contract, name, found.modes)), None
    except BadInput as error:
        return [], f"The operating point is not known: {error}"


_MOST_WARNINGS = 20
"""Damaged frames that are named."""


def _lost(session: Session, found: Survey, troubles: Sequence[str | None]) -> list[str]:
    """Return what the session does not hold, or cannot be read of it, in sentences."""
    said = [*session.info.said, *troubles]
    if found.gaps:
        said.append(f"{found.gaps:,} frames between the first and the last are not in the session.")
    warnings = list(dict.fromkeys(session.warnings))
    said += warnings[:_MOST_WARNINGS]
    if len(warnings) > _MOST_WARNINGS:
        said.append(f"and {len(warnings) - _MOST_WARNINGS:,} more such frames")
    return [each for each in said if each]
