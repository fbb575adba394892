"""Where the calibration of a served instrument is kept: read at each start, written by the guided walk."""

from __future__ import annotations

import argparse
import copy
import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge_runtime.atomic import write_bytes
from edge_runtime.calibrate.taking import camera_id
from edge_runtime.calibration import Calibration, read_calibration, write_calibration
from edge_runtime.errors import BadInput
from edge_runtime.setting_up import chosen_calibration

log = logging.getLogger(__name__)

FILE = "instrument.json"
"""Its name beside the sessions, where nobody gave another."""
PREVIOUS = ".previous"
"""Added to the name of the one before."""


@dataclass(frozen=True)
class KeptCalibration:
    """The calibration's file, and whose wish it is."""

    path: Path | None
    """None: there is no place for one."""
    is_given: bool
    """Whether a person named it; else it is taken where it is there and of this camera."""

    def choose(self, args: argparse.Namespace, now: datetime) -> tuple[Calibration | None, list[str]]:
        """Return the calibration to work with, None without one, and what is to be warned of.

        Raises BadInput where a person named one that is not there, or where it cannot be used.
        """
        if self.path is None or not self.path.exists():
            if self.path is not None and self.is_given:
                raise BadInput(f"expected a calibration at {self.path}, found none yet; calibrate on the page")
            return None, []
        if not self.is_given and not self._is_of(args):
            return None, []
        chosen = copy.copy(args)
        chosen.calibration = self.path
        return chosen_calibration(chosen, now)

    def _is_of(self, args: argparse.Namespace) -> bool:
        """Whether the file, which nobody named, is of the camera that is asked for."""
        assert self.path is not None
        mine = read_calibration(self.path).camera
        asked = camera_id(args.source, (1, 1), args.camera)
        if mine is None or (mine.kind, mine.name) == (asked.kind, asked.name):
            return True
        log.info("%s is of the camera %s, and not used for %s", self.path, mine, args.source)
        return False

    def write(self, calibration: Calibration) -> None:
        """Write a new one, whole or not at all; the one before is kept beside it. Raises BadInput, OSError."""
        if self.path is None:
            raise BadInput(
                "expected a place for the calibration, found none; start with --calibration FILE or --session"
            )
        if self.path.exists():
            write_bytes(self.path.with_name(self.path.name + PREVIOUS), self.path.read_bytes())
        write_calibration(self.path, calibration)


def kept_calibration(args: argparse.Namespace) -> KeptCalibration:
    """Return where the options say that the calibration is kept; beside the sessions where they do not say it."""
    if args.calibration is not None:
        return KeptCalibration(args.calibration, True)
    if args.um_per_px is not None or args.session is None:
        return KeptCalibration(None, False)
    return KeptCalibration(args.session / FILE, False)
