"""Evaluate a model file or a run on one side of an index, and write the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..bootstrap import LEVEL
from ..report.blocks import Page, Section
from ..report.page import write_report
from . import galleries, mode_sections, sections
from .banners import banners
from .context_mode import FieldScore, context_record, context_section, score_fields
from .evaluation import Evaluation, evaluate, record_of
from .judging import Judged, Scoring, Sides, judge, read_sides
from .opening import open_subject
from .reading import Reading, units_of
from .subject import Subject, versions_words


def evaluate_job(given: str, sensitivities: Sequence[float], how: Scoring, out: Path | None) -> dict[str, Any]:
    """Write evaluate_SPLIT.html and .json; return what a machine wants to know at once."""
    subject = open_subject(given, how.threads)
    sides = read_sides(how)
    judged = judge(subject, sides)
    evaluations = _evaluations(judged, sides, sensitivities)
    fields = []
    if len(evaluations) > 1:
        fields = score_fields(judged.contract, judged.logits, sides.scored, evaluations[0].units)
    page, record = _page(subject, sides, evaluations, fields), _record(subject, sides, evaluations, fields)
    html, figures = write_report(out or _default_folder(subject), f"evaluate_{how.split}", page, record)
    values = evaluations[0].scores.values
    return {"report": str(html), "json": str(figures)} | {name: round(value, 4) for name, value in values.items()}


def _default_folder(subject: Subject) -> Path:
    """Return where a report goes when nobody says: into the run, or beside the runs."""
    return subject.where / "report" if subject.where.is_dir() else Path("runs/reports") / subject.where.stem


def _evaluations(judged: Judged, sides: Sides, sensitivities: Sequence[float]) -> list[Evaluation]:
    units, names = units_of(sides.scored, sides.how.resampling), judged.subject.format.labels
    val_readings: Sequence[Reading | None] = judged.val_readings or [None] * len(judged.readings)
    return [
        evaluate(
            sides.scored,
            reading,
            units,
            names,
            None if sides.val is None or val is None else (sides.val, val),
            sensitivities,
        )
        for reading, val in zip(judged.readings, val_readings, strict=True)
    ]


def _page(subject: Subject, sides: Sides, evaluations: Sequence[Evaluation], fields: Sequence[FieldScore]) -> Page:
    first, names, how = evaluations[0], subject.format.labels, sides.how
    return Page(
        title=f"{subject.name} on {how.split}",
        subtitle=subject.format.task[0].upper() + subject.format.task[1:] + ".",
        banners=banners(subject, sides.scored, how.split),
        sections=[
            sections.summary(first, names[1], how.resampling),
            *filter(None, [context_section(evaluations, fields)]),
            sections.discrimination(evaluations),
            *(section for one in evaluations for section in _sections(one, names)),
            galleries.slides(evaluations, names),
            *(galleries.mistakes(one, names) for one in evaluations),
            sections.training(subject.histories),
        ],
        about=[
            *subject.facts.items(),
            ("trained with", versions_words(subject.versions)),
            ("index", f"{how.index}, split {how.split}, split by {sides.scored.split_by}"),
            ("data SHA-256", sides.scored.digest()),
            ("trained on", ", ".join(f"{word.replace('_', ' ')} {value}" for word, value in subject.data.items())),
            ("source", subject.format.source),
        ],
    )


def _sections(one: Evaluation, names: tuple[str, str]) -> list[Section]:
    return [mode_sections.decisions(one, names), mode_sections.calibration(one), mode_sections.patients(one, names[1])]


def _record(
    subject: Subject, sides: Sides, evaluations: Sequence[Evaluation], fields: Sequence[FieldScore]
) -> dict[str, Any]:
    data = sides.scored
    return {
        "report": "evaluate",
        "schema_version": 1,
        "subject": {"name": subject.name, "kind": subject.kind, "where": str(subject.where), **subject.facts},
        "versions": dict(subject.versions),
        "labels": list(subject.format.labels),
        "split": sides.how.split,
        "split_by": data.split_by,
        "leaky": data.leaky,
        "tiles": len(data),
        "positives": int(data.labels.sum()),
        "patients": len(set(data.patients.tolist())),
        "data_sha256": data.digest(),
        "bootstrap": {"of": "slides", "level": LEVEL, **asdict(sides.how.resampling)},
        "modes": [record_of(one) for one in evaluations],
        **context_record(evaluations, fields),
        "histories": {fit: list(records) for fit, records in subject.histories.items()},
    }
