"""The sections of a comparison's report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ..evaluate.bands import precision_recall, roc
from ..evaluate.curve_plots import precision_recall_plot, roc_plot
from ..evaluate.evaluation import Evaluation
from ..evaluate.headings import FIGURES
from ..evaluate.history_plots import history_plots
from ..evaluate.scores import Interval
from ..evaluate.subject import Subject
from ..report.blocks import Block, Note, Row, Section, Table
from ..report.words import signed_with_bounds, with_bounds
from .differences import differing, paired


def figures(evaluations: Mapping[str, Evaluation], mode: str) -> Section:
    """Return the figures side by side, the differences to the first, and the curves; a column a subject."""
    names, (first, *others) = list(evaluations), evaluations.values()
    values = [
        (words, *(with_bounds(one.scores.values[name], one.scores.intervals.get(name)) for one in evaluations.values()))
        for name, words in FIGURES.items()
    ]
    found = [paired(first, other) for other in others]
    gaps = [(words, *(_gap(*differences[name]) for differences in found)) for name, words in FIGURES.items()]
    curves = _curves(evaluations, first)
    return Section(
        f"Figures, {mode} mode",
        [
            Table(
                ("figure", *names),
                values,
                "Each at its own operating point; below, the central 95 % over draws of slides.",
            ),
            Table(
                ("difference", *(f"{name} − {names[0]}" for name in names[1:])),
                gaps,
                "Paired: all see the same draws of slides. Bold where 95 % of the draws lie on one side of 0.",
            ),
            Row(curves),
        ],
    )


def _curves(evaluations: Mapping[str, Evaluation], first: Evaluation) -> list[Block]:
    labels, scores = first.data.labels, {name: one.scores for name, one in evaluations.items()}
    rocs = {name: roc(labels, one.reading.scores, one.units) for name, one in evaluations.items()}
    precisions = {name: precision_recall(labels, one.reading.scores, one.units) for name, one in evaluations.items()}
    return [roc_plot(rocs, scores, []), precision_recall_plot(precisions, scores, float(labels.mean()))]


def _gap(value: float, bounds: Interval) -> str:
    text = signed_with_bounds(value, bounds)
    clear = bounds is not None and (bounds[0] > 0 or bounds[1] < 0)
    return Markup("<strong>{}</strong>").format(text) if clear else text


def recipes(subjects: Mapping[str, Subject]) -> Section:
    """Return the keys of the recipes that differ."""
    return Section("Recipes", [_table([one.recipe for one in subjects.values()], list(subjects), "key", "recipe")])


def data(subjects: Mapping[str, Subject]) -> Section:
    """Return what the subjects were trained on."""
    keys = dict.fromkeys(key for one in subjects.values() for key in one.data)
    rows = [(key.replace("_", " "), *(_short(one.data.get(key, "–")) for one in subjects.values())) for key in keys]
    return Section("Training data", [Table(("", *subjects), rows)])


def versions(subjects: Mapping[str, Subject]) -> Section:
    """Return the versions that differ."""
    return Section(
        "Versions", [_table([one.versions for one in subjects.values()], list(subjects), "package", "version")]
    )


def _table(tables: Sequence[Mapping[str, Any]], names: Sequence[str], word: str, what: str) -> Block:
    found = differing(tables)
    if not any(tables):
        return Note(f"No {what} is recorded.")
    if not found:
        return Note(f"Every {what} is the same." if what == "version" else "The recipes are the same.")
    rows = [(key, *(_short(value) for value in values)) for key, values in found.items()]
    return Table((word, *names), rows, "Only what differs.")


def _short(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 24 else f"{text[:16]}…"


def training(subjects: Mapping[str, Subject]) -> Section:
    """Return the history of each run's chosen candidate, all in the same plots."""
    histories = {name: one.histories[one.chosen] for name, one in subjects.items() if one.chosen in one.histories}
    if not histories:
        return Section("Training", [Note("Model files carry no history; compare the folders of their runs to see it.")])
    return Section("Training", [Row(history_plots(histories))], "The candidate that each run chose, epoch by epoch.")
