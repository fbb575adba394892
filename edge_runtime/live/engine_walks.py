"""The guided calibration as the page leads it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timezone

from edge_runtime.calibrate.so_far import About
from edge_runtime.calibration import objective_name
from edge_runtime.errors import BadInput
from edge_runtime.session.folder import check_label

from .instrument import NotNow, WalkState
from .orders import Orders
from .parts import Parts
from .walk import Walk


class Walks:
    """The guided calibration under way, if there is one; asked from any thread."""

    def __init__(self, parts: Parts, control: threading.RLock, orders: Orders, changed: Callable[[], object]) -> None:
        """Take the parts, the lock of all that a page leads, who has the camera, and who is told of a change."""
        self._parts, self._control, self._orders, self._changed = parts, control, orders, changed
        self.walk: Walk | None = None
        """It; None: nobody calibrates."""

    def state(self) -> WalkState | None:
        """Return how it goes."""
        walk = self.walk
        return None if walk is None else walk.state()

    def begin(self, objective: str, records: bool) -> WalkState:
        """Begin from nothing; raises NotNow where a session is recorded or the file has no place, BadInput."""
        with self._control:
            args, kept = self._parts.args, self._parts.kept
            if records:
                raise NotNow("expected no session while the instrument is calibrated, found one; end it first")
            if kept.path is None:
                given = "--um-per-px" if args.um_per_px is not None else "neither --session nor --calibration"
                raise NotNow(
                    f"expected a place for the calibration, found {given}; start with --session DIR or --calibration "
                    "FILE, and no --um-per-px"
                )
            objective = check_label(objective, "name of an objective") or args.objective or ""
            if args.objective and objective_name(objective) != objective_name(args.objective):
                raise BadInput(
                    f"expected the objective {args.objective} that the instrument was started for, found "
                    f"{objective}; start it without --objective"
                )
            self.walk = Walk(args.source, args.camera, About(kept.path.stem, objective), _now)
            self._changed()
            return self.walk.state()

    def take_step(self, name: str, um: float | None) -> WalkState:
        """Begin a step, which the thread with the camera carries out; raises NotNow, BadInput."""
        with self._control:
            walk = self._under_way()
            walk.begin(name, um)
            self._orders.put(lambda: walk.carry_out(name, um))
            return walk.state()

    def apply(self) -> None:
        """Write the calibration, and end; raises NotNow, BadInput, OSError."""
        with self._control:
            walk = self._under_way()
            if walk.calibration is None or walk.is_busy:
                raise NotNow("expected a scale, and no step under way; take the first step")
            self._parts.kept.write(walk.calibration)
            self.walk = None

    def cancel(self) -> None:
        """Leave it."""
        with self._control:
            self.walk = None
            self._changed()

    def _under_way(self) -> Walk:
        if self.walk is None:
            raise NotNow("expected a guided calibration under way, found none; begin one")
        return self.walk


def _now() -> datetime:
    return datetime.now(timezone.utc)
