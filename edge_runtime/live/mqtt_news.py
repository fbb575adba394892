"""What a broker is told: sessions and alarms as they come and go, and a state in short."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from .state import State

STATUS, STATE, SESSION, ALARM = "status", "state", "session", "alarm"
"""Topics below the one that was chosen. `status` is retained: online, or offline by the broker's last will."""
ONLINE, OFFLINE = "online", "offline"
BEGUN, ENDED = "begun", "ended"

Event = dict[str, Any]


class News:
    """Tells what is new in a state."""

    def __init__(self) -> None:
        """Know of no session and no alarm."""
        self._session: str | None = None
        self._alarms: dict[str, str] = {}

    def of(self, state: State) -> Iterator[tuple[str, Event]]:
        """Yield what came and went since the state before, each with its topic."""
        yield from ((SESSION, event) for event in self._sessions(state))
        yield from ((ALARM, event) for event in self._alarms_of(state))

    def _sessions(self, state: State) -> Iterator[Event]:
        now = None if state.recording is None else state.recording.began_at + state.recording.id
        if now == self._session:
            return
        if self._session is not None:
            yield {"event": ENDED, "at": state.at}
        if state.recording is not None:
            about = dataclasses.asdict(state.recording)
            told = {key: about[key] for key in ("id", "slide", "operator", "keep", "began_at")}
            yield {"event": BEGUN, "at": state.at, **told}
        self._session = now

    def _alarms_of(self, state: State) -> Iterator[Event]:
        now = {alarm.reason: alarm.message for alarm in state.alarms}
        before = self._alarms
        for reason in before.keys() - now.keys():
            yield {"event": ENDED, "at": state.at, "reason": reason}
        for reason in now.keys() - before.keys():
            yield {"event": BEGUN, "at": state.at, "reason": reason, "message": now[reason]}
        self._alarms = now


def summary(state: State) -> dict[str, Any]:
    """Return a state as it is published: numbers, and what is wrong."""
    bars = {name: dataclasses.asdict(getattr(state, name)) for name in ("focus", "light", "tissue")}
    names = ("at", "phase", "message", "model", "operating_point", "fps", "frames", "dropped", "tiles", "judged",
             "positive", "reasons", "age_s", "note")  # fmt: skip
    return {
        **{name: getattr(state, name) for name in names},
        **bars,
        "board": dataclasses.asdict(state.board),
        "alarms": [alarm.reason for alarm in state.alarms],
        "session": None if state.recording is None else state.recording.id,
    }
