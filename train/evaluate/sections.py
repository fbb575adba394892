"""The sections of an evaluation's report that hold for it as a whole: summary, all thresholds, training."""

from __future__ import annotations

from collections.abc import Sequence

from ..bootstrap import Resampling
from ..report.blocks import Fact, Facts, Note, Row, Section
from ..report.words import bounds, count, number, percent
from .bands import precision_recall, roc
from .curve_plots import precision_recall_plot, roc_plot
from .evaluation import Evaluation
from .headings import FIGURES
from .history_plots import history_plots
from .reading import slides_known
from .run_records import Histories


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


def discrimination(evaluations: Sequence[Evaluation]) -> Section:
    """Return the curves over all thresholds."""
    first, named = evaluations[0], {f"{one.reading.mode} mode": one for one in evaluations}
    labels = first.data.labels
    scores = {name: one.scores for name, one in named.items()}
    rocs = {name: roc(labels, one.reading.scores, one.units) for name, one in named.items()}
    precisions = {name: precision_recall(labels, one.reading.scores, one.units) for name, one in named.items()}
    plots = [roc_plot(rocs, scores, first.points), precision_recall_plot(precisions, scores, float(labels.mean()))]
    return Section("All thresholds", [Row(plots)], "How well the scores order the tiles, whatever the threshold.")


def training(histories: Histories) -> Section:
    """Return the curves of a run, or where they would be."""
    if not histories:
        return Section(
            "Training", [Note("A model file carries no history; evaluate its run's folder to see the curves.")]
        )
    plots = history_plots(histories)
    return Section("Training", [Row(plots, columns=2)], "Epoch by epoch, a colour a fit.")
