"""What passes between the steps of a frame's way: logits and reasons, verdicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def without_reason(reasons: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return bool (n,): which of n tiles are to be judged."""
    return np.asarray(reasons == None)  # noqa: E711  an object array is compared element by element


@dataclass(frozen=True)
class Evidence:
    """What n tiles say by themselves."""

    logits: NDArray[np.float32]
    """float32 (n,); NaN where a reason stands."""
    reasons: NDArray[np.object_]
    """object (n,): a reason code, or None where the tile was judged."""

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Bool (n,): which of them have a logit."""
        return without_reason(self.reasons)


@dataclass(frozen=True)
class Verdicts:
    """What is said of n tiles, as arrays."""

    probabilities: NDArray[np.float32]
    """float32 (n,), calibrated; NaN where a reason stands."""
    positive: NDArray[np.bool_]
    """bool (n,): at or above the operating point's threshold; False where a reason stands."""
    reasons: NDArray[np.object_]
    """object (n,): a reason code, or None where the tile was judged."""
