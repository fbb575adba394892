"""Score every slide by itself: the spread that a mean over all tiles hides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

from .reading import Reading


@dataclass(frozen=True)
class PatientScore:
    """One slide at the default operating point; a figure that needs a class the slide lacks is None."""

    patient: str
    tiles: int
    positives: int
    called: int
    """Tiles called positive."""
    auc: float | None
    balanced_accuracy: float | None
    sensitivity: float | None
    specificity: float | None

    @property
    def rank(self) -> float:
        """Mean of what there is of sensitivity and specificity; the lower, the worse."""
        known = [share for share in (self.sensitivity, self.specificity) if share is not None]
        return sum(known) / len(known)


def score_patients(labels: NDArray[np.uint8], patients: NDArray[np.str_], reading: Reading) -> list[PatientScore]:
    """Return a score a slide, the worst first."""
    order = np.argsort(patients, kind="stable")
    names, first = np.unique(patients[order], return_index=True)
    called = reading.called[reading.default]
    found = [
        _score(str(name), labels[tiles], reading.scores[tiles], called[tiles])
        for name, tiles in zip(names, np.split(order, first[1:]), strict=True)
    ]
    return sorted(found, key=lambda one: one.rank)


def _score(
    patient: str, labels: NDArray[np.uint8], scores: NDArray[np.float32], called: NDArray[np.bool_]
) -> PatientScore:
    truth = labels.astype(bool)
    sensitivity = float(called[truth].mean()) if truth.any() else None
    specificity = float(1 - called[~truth].mean()) if not truth.all() else None
    shares = [share for share in (sensitivity, specificity) if share is not None]
    return PatientScore(
        patient=patient,
        tiles=len(labels),
        positives=int(truth.sum()),
        called=int(called.sum()),
        auc=float(sk.roc_auc_score(labels, scores)) if len(shares) == 2 else None,
        balanced_accuracy=sum(shares) / 2 if len(shares) == 2 else None,
        sensitivity=sensitivity,
        specificity=specificity,
    )
