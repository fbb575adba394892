"""The camera that is open just now: opened again when it failed, set as before, and left behind where it hangs."""

from __future__ import annotations

from collections.abc import Callable

from edge_runtime.cameras import Camera
from edge_runtime.cameras.attendant import Attendant, Wait
from edge_runtime.cameras.controls import Controls, Settings
from edge_runtime.cameras.trouble import GivenUp, Tolerance
from edge_runtime.errors import BadInput, CameraLost
from edge_runtime.records import Frame, LostFrame

MOST_STUCK = 3
"""So many threads may wait in a driver that never comes back; with one more, only a restart of the program helps."""


class Reopening:
    """Owns one open camera at most, and the settings that whichever is open is given."""

    def __init__(self, open_: Callable[[], Camera], name: str, tolerance: Tolerance, wait: Wait) -> None:
        """Open the camera, whose errors this first time are the caller's."""
        self._open = open_
        self._name = name
        self._tolerance = tolerance
        self._wait = wait
        self._stuck: list[Attendant] = []
        self._kept = Settings()
        self._attendant: Attendant | None = self._opened()

    @property
    def controls(self) -> Controls:
        """The controls of whichever camera is open; what was set or locked is set again with each."""
        return _KeptControls(self.ask, self.keep)

    @property
    def is_open(self) -> bool:
        """Whether there is a camera to ask."""
        return self._attendant is not None

    def open_again(self) -> None:
        """Open the camera after `part`; raises CameraFailed where that fails."""
        try:
            self._attendant = self._opened()
        except BadInput as error:  # what a person gave was good at the start: now it is the device that changed
            raise CameraLost(str(error)) from error

    def next(self) -> Frame | LostFrame | None:
        """Return what the camera gives; None at the end of its frames, or where it was closed meanwhile."""
        attendant = self._attendant
        return None if attendant is None else attendant.next(self._tolerance.frame_s)

    def ask(self, question: Callable[[Controls], Settings]) -> Settings:
        """Ask something of the camera's controls; raises CameraLost where none is open."""
        if self._attendant is None:
            raise CameraLost(f"{self._name}: the camera is away; it takes its settings when it is back")
        return self._attendant.ask(question, self._tolerance.frame_s)

    def keep(self, settings: Settings) -> None:
        """Give these settings to each camera that is opened from now on, beside those kept before."""
        self._kept = self._kept.changed_by(settings)

    def part(self) -> None:
        """Give up the camera, which failed."""
        attendant, self._attendant = self._attendant, None
        if attendant is not None:
            self._leave(attendant)

    def close(self) -> None:
        """Close the camera, also from another thread."""
        attendant, self._attendant = self._attendant, None
        if attendant is not None:
            attendant.close(self._tolerance.open_s)

    def _opened(self) -> Attendant:
        attendant = Attendant(self._open, self._wait)
        try:
            attendant.open(self._tolerance.open_s)
            if self._kept.says_something:
                attendant.ask(lambda controls: controls.set(self._kept), self._tolerance.frame_s)
            if self._kept.locked:
                attendant.ask(lambda controls: controls.lock(), self._tolerance.frame_s)
        except BaseException:
            self._leave(attendant)
            raise
        return attendant

    def _leave(self, attendant: Attendant) -> None:
        """Give a camera up; one whose driver hangs is not waited for, but not too many of these are left behind.

        A camera that says itself that it hangs can still be closed, and has to be before it is opened again.
        """
        if attendant.is_stuck:
            attendant.leave()
        else:
            attendant.close(self._tolerance.open_s)
        self._stuck = [each for each in (*self._stuck, attendant) if each.is_running]
        if len(self._stuck) > MOST_STUCK:
            raise GivenUp(
                f"{self._name}: the driver did not come back from {len(self._stuck)} calls; "
                "restart the program, or unplug the camera and its power"
            )


class _KeptControls:
    """The controls of a camera that may be another one the next time they are asked."""

    def __init__(
        self, ask: Callable[[Callable[[Controls], Settings]], Settings], keep: Callable[[Settings], None]
    ) -> None:
        self._ask = ask
        self._keep = keep

    def read(self) -> Settings:
        return self._ask(lambda controls: controls.read())

    def set(self, wanted: Settings) -> Settings:
        self._keep(wanted)  # first: where the camera is away just now, it takes them when it is back
        return self._ask(lambda controls: controls.set(wanted))

    def lock(self) -> Settings:
        locked = self._ask(lambda controls: controls.lock())
        self._keep(locked)
        return locked
