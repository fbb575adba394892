"""Alarms that stood while a session was recorded: since when, how often, and what was said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge_runtime.session.stored import StoredFrame


@dataclass
class AlarmSeen:
    """One kind of alarm."""

    reason: str
    """One of alarms.ALARMS."""
    first_frame: int
    """At which it first stood."""
    message: str
    """What was said then: expected, found, to do."""
    times: int = 0
    """How often it began."""
    frames: int = 0
    """In how many frames it stood."""


class AlarmsSeen:
    """The alarms of a session, from one frame to the next."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_reason: dict[str, AlarmSeen] = {}
        self._standing: set[str] = set()

    def add(self, frame: StoredFrame) -> None:
        """Take the alarms of the next frame."""
        now = {alarm["reason"]: alarm for alarm in frame.record["alarms"]}
        for reason, alarm in now.items():
            seen = self._by_reason.setdefault(reason, AlarmSeen(reason, frame.index, alarm["message"]))
            seen.frames += 1
            seen.times += reason not in self._standing
        self._standing = set(now)

    def __iter__(self) -> Iterator[AlarmSeen]:
        """Give each kind, as they first came."""
        return iter(self._by_reason.values())

    def __len__(self) -> int:
        """Return how many kinds there were."""
        return len(self._by_reason)
