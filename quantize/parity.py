"""Hold an int8 model against its float parent on held-out patients, and say whether it may ship."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime import metrics
from edge_runtime.contract import Mode

MAX_BALANCED_ACCURACY_DROP = 0.005
MIN_AGREEMENT = 0.98
WORST = 10


@dataclass(frozen=True)
class Side:
    """One of the two models: its logits on the tiles, and how its contract reads them."""

    name: str
    """File name, for the report."""
    logits: NDArray[np.float32]
    """float32 (n,)."""
    mode: Mode
    """Its own thresholds and calibration, from validation patients."""

    def decisions(self) -> NDArray[np.bool_]:
        """Return bool (n,): which tiles are called carcinoma at the default operating point."""
        point = next(iter(self.mode.operating_points.values()))
        return np.asarray(self.logits >= point.threshold_logit)

    def probabilities(self) -> NDArray[np.float32]:
        """Return float32 (n,): calibrated probabilities."""
        return self.mode.calibration.probability(self.logits)


@dataclass(frozen=True)
class Score:
    """What one model reaches on labelled tiles."""

    auc: float
    balanced_accuracy: float
    f1: float
    sensitivity: float
    specificity: float
    ece: float


def score(side: Side, labels: NDArray[np.uint8]) -> Score:
    """Score one model at its default operating point."""
    called = side.decisions()
    return Score(
        metrics.auc(labels, side.logits),
        metrics.balanced_accuracy(labels, called),
        metrics.f1(labels, called),
        metrics.sensitivity(labels, called),
        metrics.specificity(labels, called),
        metrics.expected_calibration_error(labels, side.probabilities()),
    )


def compare(
    int8: Side,
    parent: Side,
    labels: NDArray[np.uint8],
    paths: tuple[str, ...],
    fake_quantized: NDArray[np.float32] | None = None,
) -> dict[str, Any]:
    """Return the parity report of labelled tiles: both scores, agreement, the worst tiles and the verdict.

    Each model decides by its own threshold from validation patients, as it would in use; agreement at the int8
    model's threshold alone stands beside it. `fake_quantized` are the logits (n,) of the graph that was fine-tuned.
    """
    scores = {"int8": score(int8, labels), "float": score(parent, labels)}
    drop = scores["float"].balanced_accuracy - scores["int8"].balanced_accuracy
    agreement = metrics.agreement(int8.decisions(), parent.decisions())
    threshold = next(iter(int8.mode.operating_points.values())).threshold_logit
    failures = []
    if drop > MAX_BALANCED_ACCURACY_DROP:
        failures.append(f"balanced accuracy drops by {drop:.4f}, more than {MAX_BALANCED_ACCURACY_DROP}")
    if agreement < MIN_AGREEMENT:
        failures.append(f"decisions agree on {agreement:.4f} of the tiles, less than {MIN_AGREEMENT}")
    gaps = np.abs(int8.probabilities() - parent.probabilities())
    report: dict[str, Any] = {
        "int8": {"model": int8.name, **asdict(scores["int8"])},
        "float": {"model": parent.name, **asdict(scores["float"])},
        "tiles": len(labels),
        "balanced_accuracy_drop": drop,
        "agreement": agreement,
        "agreement_at_one_threshold": metrics.agreement(int8.logits >= threshold, parent.logits >= threshold),
        "probability_gap": {
            "mean": float(gaps.mean()),
            "p99": float(np.quantile(gaps, 0.99)),
            "max": float(gaps.max()),
        },
        "gate": {"max_balanced_accuracy_drop": MAX_BALANCED_ACCURACY_DROP, "min_agreement": MIN_AGREEMENT},
        "failures": failures,
        "passed": not failures,
        "worst_tiles": [
            {
                "path": paths[n],
                "label": int(labels[n]),
                "int8": round(float(int8.probabilities()[n]), 4),
                "float": round(float(parent.probabilities()[n]), 4),
            }
            for n in np.argsort(gaps)[::-1][:WORST]
        ],
    }
    if fake_quantized is not None:
        report["fake_quantized"] = {
            "agreement": metrics.agreement(int8.logits >= threshold, fake_quantized >= threshold),
            "auc": metrics.auc(labels, fake_quantized),
            "max_logit_gap": float(np.abs(int8.logits - fake_quantized).max()),
        }
    return report
