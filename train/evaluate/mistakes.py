"""Find the tiles that a model gets most surely wrong."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def most_confident_mistakes(
    labels: NDArray[np.uint8], called: NDArray[np.bool_], probabilities: NDArray[np.float32], missed: bool, most: int
) -> NDArray[np.intp]:
    """Return the positions of up to `most` wrong tiles, the surest first; arrays are (n,).

    `missed` asks for positives that were called negative, lowest probability first; else for false alarms, highest
    first. Where probabilities are the same the order of the tiles decides.
    """
    wrong = np.flatnonzero((labels == missed) & (called != missed))
    doubt = probabilities[wrong] if missed else -probabilities[wrong]
    return np.asarray(wrong[np.argsort(doubt, kind="stable")][:most], np.intp)
