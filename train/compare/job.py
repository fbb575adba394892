"""Set runs and models side by side, and write the report."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput

from ..bootstrap import LEVEL
from ..evaluate.banners import banners
from ..evaluate.evaluation import Evaluation, evaluate, record_of
from ..evaluate.headings import FIGURES
from ..evaluate.judging import Scoring, Sides, judge, read_sides
from ..evaluate.opening import open_subject
from ..evaluate.reading import units_of
from ..evaluate.subject import Subject
from ..report.blocks import LEAK, Note, Page
from ..report.page import write_report
from ..report.words import plain
from . import sections
from .differences import differing, paired, refuse_other_data

log = logging.getLogger(__name__)
Modes = Mapping[str, Mapping[str, Evaluation]]
"""By mode, then by subject."""
_SHOWN = ("auc", "balanced_accuracy", "sensitivity", "specificity", "f1", "ece")


def compare_job(given: Sequence[str], how: Scoring, out: Path, other_data: bool) -> str:
    """Write compare_SPLIT.html and .json; return a short table for a person."""
    if len(given) < 2:
        raise BadInput(f"expected two or more runs or models to compare, found {len(given)}; name another")
    subjects = _named([open_subject(one, how.threads) for one in given])
    conflicts = refuse_other_data(list(subjects.values()), other_data)
    for conflict in conflicts:
        log.warning("NOT THE SAME DATA: other %s", conflict)
    sides = read_sides(how)
    modes = _evaluations(subjects, sides)
    page, record = _page(subjects, sides, modes, conflicts), _record(subjects, sides, modes, conflicts)
    html, figures = write_report(out, f"compare_{how.split}", page, record)
    log.info("%s and %s", html, figures)
    return _text(modes)


def _named(subjects: Sequence[Subject]) -> dict[str, Subject]:
    """Return the subjects by a name that no other has."""
    often = Counter(one.name for one in subjects)
    named = {one.name if often[one.name] == 1 else f"{one.name} ({one.where})": one for one in subjects}
    if len(named) < len(subjects):
        raise BadInput(f"expected runs or models that differ, found {subjects[0].where} twice; name each once")
    return named


def _evaluations(subjects: Mapping[str, Subject], sides: Sides) -> Modes:
    units = units_of(sides.scored, sides.how.resampling)
    modes: dict[str, dict[str, Evaluation]] = {}
    for name, subject in subjects.items():
        for reading in judge(subject, sides).readings:
            evaluation = evaluate(sides.scored, reading, units, subject.format.labels, None, ())
            modes.setdefault(reading.mode, {})[name] = evaluation
    return {mode: evaluations for mode, evaluations in modes.items() if len(evaluations) > 1}


def _page(subjects: Mapping[str, Subject], sides: Sides, modes: Modes, conflicts: Sequence[str]) -> Page:
    first, data = next(iter(subjects.values())), sides.scored
    notes = [note for subject in subjects.values() for note in banners(subject, data, sides.how.split)]
    different = [Note(f"NOT THE SAME DATA. The subjects differ in {'; '.join(conflicts)}.", LEAK)] if conflicts else []
    slides = len(set(data.patients.tolist()))
    return Page(
        title=", ".join(subjects),
        subtitle=f"Side by side on {sides.how.split}: {len(data):,} tiles of {slides} slides, "
        f"positive: {first.format.labels[1]}.",
        banners=[*different, *dict.fromkeys(notes)],
        sections=[
            *(sections.figures(evaluations, mode) for mode, evaluations in modes.items()),
            sections.recipes(subjects),
            sections.data(subjects),
            sections.training(subjects),
            sections.versions(subjects),
        ],
        about=[
            *((name, " · ".join(one.facts.values())) for name, one in subjects.items()),
            ("index", f"{sides.how.index}, split {sides.how.split}, split by {data.split_by}"),
            ("data SHA-256", data.digest()),
        ],
    )


def _record(subjects: Mapping[str, Subject], sides: Sides, modes: Modes, conflicts: Sequence[str]) -> dict[str, Any]:
    return {
        "report": "compare",
        "schema_version": 1,
        "subjects": [
            {"name": name, "kind": one.kind, "where": str(one.where), **one.facts} for name, one in subjects.items()
        ],
        "split": sides.how.split,
        "split_by": sides.scored.split_by,
        "data_sha256": sides.scored.digest(),
        "bootstrap": {"of": "slides", "level": LEVEL, **asdict(sides.how.resampling)},
        "data_conflicts": list(conflicts),
        "modes": {
            mode: {
                "subjects": {name: record_of(one) for name, one in evaluations.items()},
                "differences": _differences(evaluations),
            }
            for mode, evaluations in modes.items()
        },
        "recipes": differing([one.recipe for one in subjects.values()]),
        "training_data": {name: dict(one.data) for name, one in subjects.items()},
        "versions": differing([one.versions for one in subjects.values()]),
    }


def _differences(evaluations: Mapping[str, Evaluation]) -> list[dict[str, Any]]:
    (name, first), *others = evaluations.items()
    return [
        {
            "subject": other,
            "minus": name,
            "figures": {
                figure: {"difference": plain(value), "interval": bounds}
                for figure, (value, bounds) in paired(first, one).items()
            },
        }
        for other, one in others
    ]


def _text(modes: Modes) -> str:
    """Return the main figures as a table in plain text."""
    header = ("mode", "subject", *(FIGURES[name] for name in _SHOWN))
    rows = [
        (mode, name, *(f"{one.scores.values[figure]:.3f}" for figure in _SHOWN))
        for mode, evaluations in modes.items()
        for name, one in evaluations.items()
    ]
    widths = [max(len(row[n]) for row in (header, *rows)) for n in range(len(header))]
    lines = (
        "  ".join(
            cell.ljust(width) if n < 2 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (header, *rows)
    )
    return "\n".join(line.rstrip() for line in lines)
