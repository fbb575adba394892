"""The sections that an evaluation's report has of each mode: decisions, calibration, slide by slide."""

from __future__ import annotations

from collections.abc import Sequence

from ..report.blocks import Block, Note, Row, Section, Stack, Table
from ..report.words import NONE, count, number, with_bounds
from .curve_plots import confusion_plot, reliability_plot, score_plot
from .evaluation import Evaluation
from .headings import where
from .operating import Reached, spread
from .patient_plots import patient_histogram, patient_plot, patient_table, sensitivity_plot


def decisions(evaluation: Evaluation, names: tuple[str, str]) -> Section:
    """Return the decisions at the thresholds."""
    labels, reading = evaluation.data.labels, evaluation.reading
    blocks: list[Block] = [
        Row(
            [
                confusion_plot(evaluation.scores.confusion, names, reading.default),
                score_plot(labels, reading.probabilities, names, evaluation.points),
            ]
        ),
        _report(evaluation, names),
        _points(
            evaluation.points,
            "Operating points. Thresholds were chosen on validation slides; what they reach here stands beside what "
            "they promised there, with the sensitivity of the worst slide, of the lower tenth and of the middle one.",
        ),
    ]
    if evaluation.wanted:
        blocks.append(
            _points(evaluation.wanted, "Thresholds at sensitivities of your choice, chosen on validation slides.")
        )
    return Section("Decisions" + where(evaluation), blocks)


def _report(evaluation: Evaluation, names: tuple[str, str]) -> Table:
    report = evaluation.scores.report
    rows = [
        (
            name,
            *(number(report[name][figure]) for figure in ("precision", "recall", "f1-score")),
            count(report[name]["support"]),
        )
        for name in (*names, "macro avg", "weighted avg")
    ]
    header = ("class", "precision", "recall", "F1", "tiles")
    return Table(header, rows, f"Classification report at {evaluation.reading.default}.")


def _points(points: Sequence[Reached], caption: str) -> Table:
    figures = ("sensitivity", "specificity", "precision")
    header = (
        "operating point",
        "logit",
        "probability",
        "promised sens. / spec.",
        *figures,
        "worst / tenth / middle slide",
    )
    rows = [
        (
            one.name,
            number(one.threshold_logit, 2),
            number(one.threshold_probability),
            f"{number(one.val_sensitivity)} / {number(one.val_specificity)}",
            *(with_bounds(one.figures[name], one.intervals[name]) for name in figures),
            " / ".join(number(share, 2) for share in spread(one).values()) or NONE,
        )
        for one in points
    ]
    return Table(header, rows, caption)


def calibration(evaluation: Evaluation) -> Section:
    """Return what the probabilities are worth."""
    after, before = evaluation.scores.values, evaluation.before
    plot = reliability_plot(
        evaluation.data.labels,
        evaluation.reading.uncalibrated(),
        evaluation.reading.probabilities,
        (before["ece"], after["ece"]),
    )
    names = {"ece": "ECE", "brier": "Brier score", "loss": "loss (cross-entropy)"}
    rows = [(words, number(before[name], 4), number(after[name], 4)) for name, words in names.items()]
    table = Table(
        ("lower is better", "before", "after Platt"), rows, "Scale and bias (Platt 1999) come from validation slides."
    )
    return Section(
        "Calibration" + where(evaluation),
        [Row([plot, table])],
        "Whether 0.7 means that seven of ten such tiles are carcinoma.",
    )


def patients(evaluation: Evaluation, positive: str) -> Section:
    """Return the spread over slides."""
    scores = evaluation.patients
    if not scores:
        return Section("Slide by slide" + where(evaluation), [Note("Which tiles are of one slide is not known.")])
    points = evaluation.points
    spreads = sensitivity_plot(
        {one.name: one.slides for one in points}, {one.name: one.val_sensitivity for one in points}
    )
    plots: list[Block] = [patient_plot(scores, evaluation.reading.default), Stack([patient_histogram(scores), spreads])]
    return Section("Slide by slide" + where(evaluation), [Row(plots), patient_table(scores, positive)])
