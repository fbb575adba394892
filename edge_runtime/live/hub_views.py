"""What the hub makes of a frame that was left to it: a view with its picture and bars."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from edge_runtime.records import Frame
from edge_runtime.results import FrameResult

from .feeling import Feeling, Gauges
from .preview import Encoder, small
from .state_view import ViewState
from .views import view_of


@dataclass(frozen=True)
class Left:
    """What the frames' thread left behind."""

    frame: Frame | None
    result: FrameResult
    at_s: float


@dataclass(frozen=True)
class View:
    """A view that can be shown."""

    state: ViewState
    """What was said of it."""
    jpeg: bytes
    """Its picture."""
    gauges: Gauges
    """How the instrument feels, by the views up to it."""
    at_s: float
    """When its frame was judged, by the hub's clock."""


class Maker:
    """Makes views, and counts them."""

    def __init__(self, feeling: Feeling) -> None:
        """Take what tells how the instrument feels."""
        self._feeling = feeling
        self._numbers = itertools.count()
        self._encoder, self._coarse = Encoder(), Encoder()

    def view_of(self, left: Left) -> View | None:
        """Return a view of a frame, or of its field where the frame was not held; None: nothing can be shown of it."""
        seen = left.result.seen
        if left.frame is not None:
            pixels, encoder = small(left.frame.pixels), self._encoder
        elif seen is not None:
            pixels, encoder = seen.field.pixels, self._coarse
        else:
            return None
        gauges = self._feeling.of(left.frame, left.result, left.at_s)
        size = pixels.shape[0], pixels.shape[1]
        state = view_of(next(self._numbers), left.result, size)
        return View(state, encoder.encode(pixels), gauges, left.at_s)
