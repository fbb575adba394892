"""Say how far a score could move with other slides: a bootstrap that draws whole slides, since tiles of one are alike.

Every figure is a function of counts a slide: a resample is a row of weights, thousands of them are one matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
ECE_BINS = 15
"""As in edge_runtime.metrics, whose figures these are when every slide is drawn once."""


@dataclass(frozen=True)
class Resampling:
    """How slides are drawn."""

    resamples: int = 2000
    """How often."""
    seed: int = 0
    """Of the draws."""


@dataclass(frozen=True)
class Counts:
    """What one model did on each of g slides."""

    positives: NDArray[np.float64]
    """float64 (g,): tiles of carcinoma."""
    negatives: NDArray[np.float64]
    """float64 (g,): other tiles."""
    found: NDArray[np.float64]
    """float64 (g,): tiles of carcinoma called so."""
    spared: NDArray[np.float64]
    """float64 (g,): other tiles called so."""
    gaps: NDArray[np.float64]
    """float64 (g, ECE_BINS): sums of truth - probability by bin of probability."""
    ordered: NDArray[np.float64]
    """float64 (g, g): pairs of a positive tile of one slide and a negative of another in order; ties count half."""


def count(
    labels: NDArray[np.uint8],
    logits: NDArray[np.float32],
    called: NDArray[np.bool_],
    probabilities: NDArray[np.float32],
    slides: NDArray[np.intp],
) -> Counts:
    """Count by slide; all arrays are (n,), `slides` numbers the slides from 0 without a gap."""
    truth = labels.astype(bool)
    g = int(slides.max()) + 1
    bins = np.minimum((probabilities * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.bincount(slides * ECE_BINS + bins, truth - probabilities, g * ECE_BINS)

    def by_slide(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(slides, chosen, g), np.float64)

    return Counts(
        positives=by_slide(truth),
        negatives=by_slide(~truth),
        found=by_slide(truth & called),
        spared=by_slide(~truth & ~called),
        gaps=np.asarray(gaps, np.float64).reshape(g, ECE_BINS),
        ordered=_ordered_pairs(logits, truth, slides, g),
    )


def _ordered_pairs(
    logits: NDArray[np.float32], truth: NDArray[np.bool_], slides: NDArray[np.intp], g: int
) -> NDArray[np.float64]:
    ordered = np.zeros((g, g))
    for slide in range(g):
        negatives = np.sort(logits[~truth & (slides == slide)])
        below, up_to = (np.searchsorted(negatives, logits[truth], side) for side in ("left", "right"))
        ordered[:, slide] = np.bincount(slides[truth], (below + up_to) / 2, g)
    return ordered


def draws(slides: int, resampling: Resampling) -> NDArray[np.int64]:
    """Return int64 (resamples, slides): how often each slide was drawn, with replacement, as many as there are."""
    draw = np.random.default_rng(resampling.seed)
    return draw.multinomial(slides, np.full(slides, 1 / slides), resampling.resamples)


def figures(counts: Counts, weights: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Return each figure (r,) for weights (r, g); NaN where a draw held tiles of one class only."""
    positives, negatives = weights @ counts.positives, weights @ counts.negatives
    found, spared = weights @ counts.found, weights @ counts.spared
    with np.errstate(invalid="ignore"):
        sensitivity, specificity = found / positives, spared / negatives
        figures = {
            "auc": ((weights @ counts.ordered) * weights).sum(1) / (positives * negatives),
            "balanced_accuracy": (sensitivity + specificity) / 2,
            "f1": 2 * found / (positives + found + negatives - spared),
            "sensitivity": sensitivity,
            "specificity": specificity,
            "ece": np.abs(weights @ counts.gaps).sum(1) / (positives + negatives),
        }
    one_class = (positives == 0) | (negatives == 0)
    return {name: np.where(one_class, np.nan, values) for name, values in figures.items()}


def interval(values: NDArray[np.float64]) -> tuple[float, float] | None:
    """Return the central 95 % (percentiles) of resampled values, NaN left out; None where nothing is left."""
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return round(float(low), 4), round(float(high), 4)
