"""What the page may ask of an instrument. The engine is one; tests have others. Called from any thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from edge_runtime.errors import CancerNetError

from .state import State
from .state_parts import RecordingState
from .state_view import ViewState


class NotNow(CancerNetError):
    """What was asked cannot be done in the present state: a session runs already, or none does."""


class NotThere(CancerNetError):
    """What was asked for is not there: no such frame, no such session."""


SCALE_MICROMETER, SCALE_STATED, BLANK, TISSUE = STEPS = ("micrometer", "stated", "blank", "tissue")
"""Steps of the guided calibration: the scale, measured or as a person states it; clear glass; sharp tissue."""

TO_DO, BUSY, DONE, REFUSED = ("to_do", "busy", "done", "refused")


@dataclass(frozen=True)
class StepState:
    """A step of the guided calibration."""

    name: str
    """One of STEPS."""
    status: str
    """to_do, busy, done or refused."""
    message: str | None = None
    """Where it was refused: what was expected, found, and to do; where it was done: what was found."""
    warnings: tuple[str, ...] = ()
    """For the technician."""
    figures: dict[str, Any] = field(default_factory=dict)
    """What was measured, by name."""


@dataclass(frozen=True)
class WalkState:
    """The guided calibration."""

    objective: str
    """As engraved."""
    steps: tuple[StepState, ...]
    """In the order of STEPS; one of the first two gives the scale."""
    can_apply: bool
    """Whether it has what it needs to be put to work: a scale."""


class Instrument(Protocol):
    """An instrument at work. BadInput: the words or numbers given cannot be used."""

    sessions: Path | None
    """The folder of all sessions; None: nothing is recorded."""

    def state(self) -> State:
        """Return how it is now."""
        ...

    def newest(self, after: int = -1) -> ViewState | None:
        """Return the newest view, if its number is above `after`."""
        ...

    def picture(self, number: int) -> bytes:
        """Return a view's picture as JPEG; the newest few are held. Takes milliseconds. Raises NotThere."""
        ...

    def listen(self, tell: Callable[[], object]) -> Callable[[], None]:
        """Have `tell` called for each new view, from the thread of the frames, so it must be quick; return the end."""
        ...

    def start_session(self, slide: str, operator: str, keep: str) -> RecordingState:
        """Begin to record; an empty `keep` is as the instrument was started. Raises NotNow, BadInput, OSError."""
        ...

    def stop_session(self) -> None:
        """End it; raises NotNow where there is none."""
        ...

    def relabel(self, slide: str) -> RecordingState:
        """Change the slide's label; raises NotNow, BadInput."""
        ...

    def mark(self, frame: int, marked: bool, note: str = "") -> RecordingState:
        """Mark a frame for the pathologist, or take the mark away; raises NotNow, NotThere, BadInput."""
        ...

    def walk(self) -> WalkState | None:
        """Return the guided calibration; None where none is under way."""
        ...

    def begin_walk(self, objective: str) -> WalkState:
        """Begin a guided calibration, from nothing; raises NotNow while a session is recorded."""
        ...

    def take_step(self, name: str, um: float | None = None) -> WalkState:
        """Begin a step; `walk` tells how it goes.

        `um` is the distance of a micrometer's lines, µm (default 10), or for `stated` the µm that a pixel covers.
        """
        ...

    def apply_walk(self) -> State:
        """Write the calibration, and put it to work; raises NotNow where it has no scale."""
        ...

    def cancel_walk(self) -> None:
        """Leave it; what was at work before goes on."""
        ...
