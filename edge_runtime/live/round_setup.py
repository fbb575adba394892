"""What is at work in a round of frames: the camera is opened as it is calibrated, or so that one sees at least."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from edge_runtime.calibrate.taking import open_at_any_scale
from edge_runtime.calibrated import instrument_of
from edge_runtime.calibration import Calibration
from edge_runtime.cameras import Camera
from edge_runtime.cameras.registry import open_camera
from edge_runtime.errors import BadInput, UnknownScale
from edge_runtime.gates import Instrument
from edge_runtime.gates.looked import UNCALIBRATED
from edge_runtime.pipeline import Pipeline
from edge_runtime.scale import check_um_per_px
from edge_runtime.setting_up import pipeline_over, warn

from .parts import Parts


@dataclass(frozen=True)
class Setup:
    """An open camera, and what is made of its frames."""

    pipeline: Pipeline | None
    """What judges; None: nothing is judged, since nobody knows the scale."""
    looks: int
    """Looks at a field that are averaged."""
    calibration: Calibration | None
    """Of the instrument; None: it is not calibrated."""
    trouble: str | None
    """Why nothing is judged."""
    is_live: bool
    """Whether its frames come at their own pace."""
    instrument: Instrument = UNCALIBRATED
    """What the calibration tells the gates."""


class Opener:
    """Opens the camera for a round."""

    def __init__(self, parts: Parts) -> None:
        """Take the parts."""
        self._parts = parts
        self._warned: list[str] = []
        self.unfit: str | None = None
        """Why the calibration cannot be used, by the frames of a round before; None: nobody said so."""

    @contextlib.contextmanager
    def opened(self) -> Iterator[tuple[Camera, Setup]]:
        """Open the camera as it is calibrated; at any scale where nobody knows it, so that one sees at least."""
        args, parts = self._parts.args, self._parts
        calibration, doubts, trouble = self._chosen()
        camera: Camera | None = None
        if trouble is None:
            given = None if args.um_per_px is None else check_um_per_px(args.um_per_px)
            um_per_px = given if calibration is None else calibration.um_per_px
            try:
                camera = open_camera(args.source, um_per_px, parts.model.contract.um_per_px)
            except UnknownScale:
                trouble = "expected a scale, found none: nobody knows how many µm a pixel covers; calibrate"
            except BadInput as error:
                if calibration is None:
                    raise
                trouble = str(error)
        with contextlib.closing(camera or open_at_any_scale(args.source)) as opened:
            if trouble is not None:
                yield opened, Setup(None, 0, None, trouble, getattr(opened, "live", False))
                return
            pipeline, looks, found = pipeline_over(opened, parts.model, parts.network, parts.gates, calibration, args)
            self._warn([*doubts, *found])
            yield opened, self._setup(opened, pipeline, looks, calibration)

    def _setup(self, camera: Camera, pipeline: Pipeline, looks: int, calibration: Calibration | None) -> Setup:
        known = UNCALIBRATED if calibration is None else instrument_of(calibration, self._parts.gates)
        return Setup(pipeline, looks, calibration, None, getattr(camera, "live", False), known)

    def _chosen(self) -> tuple[Calibration | None, list[str], str | None]:
        """Return the calibration, what is to be warned of, and why nothing can be judged."""
        if self.unfit is not None:
            return None, [], self.unfit
        try:
            return *self._parts.kept.choose(self._parts.args, datetime.now(timezone.utc)), None
        except BadInput as error:
            return None, [], str(error)

    def _warn(self, doubts: list[str]) -> None:
        """Say what is to be warned of, once and not with each round."""
        warn(doubt for doubt in doubts if doubt not in self._warned)
        self._warned = doubts
