"""The sections of an evaluation's report: figures, plots and tables."""

from __future__ import annotations

from collections.abc import Sequence

from edge_runtime.contract import TILE

from ..bootstrap import Resampling
from ..report.blocks import Block, Fact, Facts, Note, Row, Section, Stack, Table
from ..report.words import NONE, bounds, count, number, percent, with_bounds
from .bands import precision_recall, roc
from .curve_plots import confusion_plot, precision_recall_plot, reliability_plot, roc_plot, score_plot
from .evaluation import Evaluation
from .history_plots import history_plots
from .operating import Reached, spread
from .patient_plots import patient_histogram, patient_plot, patient_table, sensitivity_plot
from .reading import slides_known
from .subject import Histories

FIGURES = {
    "auc": "AUC",
    "balanced_accuracy": "Balanced accuracy",
    "sensitivity": "Sensitivity (recall)",
    "specificity": "Specificity",
    "precision": "Precision",
    "f1": "F1",
    "average_precision": "Average precision",
    "accuracy": "Accuracy",
    "loss": "Loss",
    "ece": "ECE",
}
"""As they are headed, in the order they are shown."""


def summary(evaluation: Evaluation, positive: str, resampling: Resampling) -> Section:
    """Return the figures that one wants to see first."""
    scores, data = evaluation.scores, evaluation.data
    facts = [
        Fact(words, number(scores.values[name]), bounds(scores.intervals.get(name))) for name, words in FIGURES.items()
    ]
    units, word = evaluation.units.weights.shape[1], "slides" if slides_known(data) else "pictures"
    drawn = (
        f"Below each figure the central 95 % over {count(resampling.resamples)} draws of {units} {word} with "
        f"replacement (specimens, where sections share one; parcels of pictures, where no slide is known; seed "
        f"{resampling.seed}): how far it could move with other {word}."
        if units > 1
        else "One slide only: how far a figure could move with other slides cannot be told."
    )
    positives, patients = int(data.labels.sum()), len(set(data.patients.tolist()))
    return Section(
        "Summary",
        [Facts(facts), Note(drawn)],
        f"{count(len(data))} tiles of {count(patients)} {word}, {count(positives)} of them {positive} "
        f"({percent(positives / len(data))}), {evaluation.reading.mode} mode, at the operating point "
        f"{evaluation.reading.default}. The positive label is {positive}; loss is the cross-entropy of the calibrated "
        "probabilities.",
    )


def where(evaluation: Evaluation) -> str:
    """Return what is added to a heading outside tile mode."""
    return "" if evaluation.reading.mode == TILE else f", {evaluation.reading.mode} mode"


def training(histories: Histories) -> Section:
    """Return the curves of a run, or where they would be."""
    if not histories:
        return Section(
            "Training", [Note("A model file carries no history; evaluate its run's folder to see the curves.")]
        )
    plots = history_plots(histories)
    return Section("Training", [Row(plots, columns=2)], "Epoch by epoch, a colour a fit.")


def discrimination(evaluations: Sequence[Evaluation]) -> Section:
    """Return the curves over all thresholds."""
    first, named = evaluations[0], {f"{one.reading.mode} mode": one for one in evaluations}
    labels = first.data.labels
    scores = {name: one.scores for name, one in named.items()}
    rocs = {name: roc(labels, one.reading.scores, one.units) for name, one in named.items()}
    precisions = {name: precision_recall(labels, one.reading.scores, one.units) for name, one in named.items()}
    plots = [roc_plot(rocs, scores, first.points), precision_recall_plot(precisions, scores, float(labels.mean()))]
    return Section("All thresholds", [Row(plots)], "How well the scores order the tiles, whatever the threshold.")


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
