"""What the way of a frame saw of it, for those who keep more than its result: a session, so that it can be replayed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gates import Measured
from .records import Field


@dataclass(frozen=True)
class Seen:
    """What was seen of a frame that was judged itself."""

    field: Field
    """It at the model's scale, its light made even: what the tiles were cut from."""
    measured: Measured
    """What the gates took from the camera's own pixels, and from the frame before."""
    logits: NDArray[np.float32]
    """float32 (n,): the network's, the mean over the looks so far, before their neighbours; NaN where not judged."""
