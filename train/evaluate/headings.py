"""What the figures and sections of an evaluation's report are headed."""

from __future__ import annotations

from edge_runtime.contract import TILE

from .evaluation import Evaluation

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


def where(evaluation: Evaluation) -> str:
    """Return what is added to a heading outside tile mode."""
    return "" if evaluation.reading.mode == TILE else f", {evaluation.reading.mode} mode"
