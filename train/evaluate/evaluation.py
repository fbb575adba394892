"""Everything that is found out about one reading, before anything is drawn."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from edge_runtime import metrics
from edge_runtime.contract import OperatingPoint

from ..report.words import plain
from ..tiles import TileSet
from .mistakes import most_confident_mistakes
from .operating import Reached, chosen_points, reached, spread
from .patients import PatientScore, score_patients
from .reading import Reading, Units, slides_known
from .scores import Scores, score

LISTED_MISTAKES = 24


@dataclass(frozen=True)
class Evaluation:
    """What a reading is worth on labelled tiles."""

    data: TileSet
    reading: Reading
    units: Units
    scores: Scores
    before: dict[str, float]
    """Loss, Brier score and ECE before calibration."""
    points: Sequence[Reached]
    """The reading's own operating points."""
    wanted: Sequence[Reached]
    """Those that a person asked for by a sensitivity on validation patients."""
    patients: Sequence[PatientScore]
    """The worst first; empty where no slide is known."""


def evaluate(
    data: TileSet,
    reading: Reading,
    units: Units,
    names: tuple[str, str],
    validation: tuple[TileSet, Reading] | None,
    sensitivities: Sequence[float],
) -> Evaluation:
    """Score a reading of labelled tiles; thresholds for wanted sensitivities come from validation patients."""
    labels, uncalibrated = data.labels, reading.uncalibrated()
    patients = data.patients if slides_known(data) else None

    def judge(name: str, point: OperatingPoint, called: NDArray[np.bool_]) -> Reached:
        return reached(name, point, reading.calibration, labels, called, patients, units)

    wanted = []
    if validation is not None:
        for name, point in chosen_points(validation[0].labels, validation[1].scores, sensitivities).items():
            as_logit = dataclasses.replace(point, threshold_logit=reading.threshold_logit(point.threshold_logit))
            wanted.append(judge(name, as_logit, reading.scores >= point.threshold_logit))
    return Evaluation(
        data=data,
        reading=reading,
        units=units,
        scores=score(labels, reading, units, names),
        before={
            "loss": float(sk.log_loss(labels, uncalibrated.astype(np.float64), labels=[0, 1])),
            "brier": float(sk.brier_score_loss(labels, uncalibrated)),
            "ece": metrics.expected_calibration_error(labels, uncalibrated),
        },
        points=[judge(name, point, reading.called[name]) for name, point in reading.points.items()],
        wanted=wanted,
        patients=[] if patients is None else score_patients(labels, patients, reading),
    )


def record_of(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON can hold it."""
    scores = evaluation.scores
    return {
        "mode": evaluation.reading.mode,
        "operating_point": evaluation.reading.default,
        "scores": {name: plain(value) for name, value in scores.values.items()},
        "intervals": dict(scores.intervals),
        "confusion_matrix": scores.confusion.tolist(),
        "classification_report": scores.report,
        "before_calibration": evaluation.before,
        "operating_points": [_point(one) for one in evaluation.points],
        "wanted_sensitivities": [_point(one) for one in evaluation.wanted],
        "patients": [asdict(one) for one in evaluation.patients],
        "mistakes": {"missed": _mistakes(evaluation, True), "false_alarms": _mistakes(evaluation, False)},
    }


def _point(one: Reached) -> dict[str, Any]:
    figures = {name: plain(value) for name, value in one.figures.items()}
    by_slide = {"sensitivity_by_slide": spread(one), "slides": one.slides.tolist()}
    return {**asdict(one), "figures": figures, **by_slide}


def _mistakes(evaluation: Evaluation, missed: bool) -> list[dict[str, Any]]:
    data, reading = evaluation.data, evaluation.reading
    return [
        {
            "path": data.paths[n],
            "patient_id": str(data.patients[n]),
            "x": int(data.xs[n]),
            "y": int(data.ys[n]),
            "probability": round(float(reading.probabilities[n]), 4),
        }
        for n in mistakes_of(evaluation, missed)
    ]


def mistakes_of(evaluation: Evaluation, missed: bool) -> list[int]:
    """Return the tiles that are most surely wrong at the default operating point."""
    reading = evaluation.reading
    called = reading.called[reading.default]
    found = most_confident_mistakes(evaluation.data.labels, called, reading.probabilities, missed, LISTED_MISTAKES)
    return [int(n) for n in found]
