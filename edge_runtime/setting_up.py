"""Set up the instrument for a run as it was calibrated: the file read and checked, the camera set as it was then."""

from __future__ import annotations

import argparse
import itertools
import logging
from collections.abc import Iterable
from datetime import datetime

from .calibrate.taking import FILE_KINDS, SETTLING, camera_id
from .calibrated import Calibrated, calibrated_gates
from .calibration import Calibration, read_calibration
from .cameras import Camera
from .cameras.controls import differences, read_settings
from .cameras.registry import parse_source
from .errors import BadInput, CameraFailed
from .gates import Gatekeeper, Gates
from .model_file import ModelFile
from .network import Network
from .pipeline import Pipeline
from .records import Frame, LostFrame

log = logging.getLogger(__name__)


def chosen_calibration(args: argparse.Namespace, now: datetime) -> tuple[Calibration | None, list[str]]:
    """Return the calibration that a person chose, None without one, and what is to be warned of.

    Raises BadInput, by name, where it is of another camera or objective than the person says, or too old. The
    resolution is known with the first frame.
    """
    if args.calibration is None:
        for option in ("objective", "camera"):
            if getattr(args, option) is not None:
                raise BadInput(f"expected --calibration FILE beside --{option}, found none; give it, or leave this out")
        return None, []
    calibration = read_calibration(args.calibration)
    mine = calibration.camera
    size = (1, 1) if mine is None else (mine.height_px, mine.width_px)
    warnings = list(calibration.check(camera_id(args.source, size, args.camera), now, args.objective))
    if args.objective is not None and not calibration.objective:
        warnings.append(
            f"the calibration {calibration.name!r} does not say its objective, so {args.objective} cannot be held "
            "against it; calibrate with --objective"
        )
    return calibration, warnings


def pipeline_over(
    camera: Camera,
    model: ModelFile,
    network: Network,
    gates: Gates,
    calibration: Calibration | None,
    args: argparse.Namespace,
) -> tuple[Pipeline, int, list[str]]:
    """Return what judges an open camera's frames, how many looks at a field it takes, and what is to be warned of.

    The camera is set as it was calibrated.
    """
    calibrated, keeper, doubts = None, Gatekeeper(gates), []
    if calibration is not None:
        doubts = [*set_as_calibrated(camera, calibration, args.source), *parts_not_used(calibration, gates)]
        calibrated, keeper = Calibrated(calibration), calibrated_gates(calibration, gates)
    looks = args.looks if getattr(camera, "one_stage", False) else 0
    pipeline = Pipeline(model, network, args.operating_point, keeper, args.context == "auto", looks, calibrated)
    return pipeline, looks, doubts


def set_as_calibrated(camera: Camera, calibration: Calibration, source: str) -> list[str]:
    """Set and lock exposure, gain and white balance as a calibration has them; return what did not come about.

    Some frames of a live camera are passed over, since those on their way were taken otherwise. Pictures were taken
    long ago: nothing is set, and nothing said.
    """
    spec = parse_source(source)
    if spec.kind in FILE_KINDS:
        return []
    wanted = calibration.settings
    if wanted is None or not wanted.says_something:
        if calibration.blank is None or camera.controls.read().locked:
            return []
        return [
            f"the calibration {calibration.name!r} does not say with which exposure, gain and white balance it was "
            f"made, so the camera's automatics go on, and light may differ from its blank field; make it from {source}"
        ]
    said = []
    if differences(read_settings(spec.options), wanted):
        said.append(f"{source} asks for other settings than the calibration {calibration.name!r}, whose are taken")
    camera.controls.set(wanted)
    if getattr(camera, "live", False):
        _pass_over(camera.frames())
    try:
        camera.controls.lock()
        taken = camera.controls.read()
    except CameraFailed as error:
        return [*said, f"the settings of the calibration could not be read back: {error}"]
    said += differences(wanted, taken)
    if not taken.locked:
        said.append("the camera does not say that its automatics are off; light and colour may drift")
    return said


def parts_not_used(calibration: Calibration, gates: Gates) -> list[str]:
    """Return what a calibration says and these gates cannot use."""
    focus, gate = calibration.focus, gates.focus
    if focus is None or gate is None or focus.sharpness_for(gate) is not None:
        return []
    if calibration.um_per_px > gate.max_um_per_px:
        return []  # the gate itself is off for cameras as coarse as this
    return [
        f"the focus baseline of {calibration.name!r} is not in the measure of this model's gates, which go by their "
        "own limit; take it again: cancernet calibrate SOURCE --tissue --out FILE"
    ]


def _pass_over(frames: Iterable[Frame | LostFrame]) -> None:
    """Take some frames; one that is lost ends it, since a camera that is opened again is set again, too."""
    for frame in itertools.islice(frames, SETTLING):
        if isinstance(frame, LostFrame):
            return


def warn(sentences: Iterable[str]) -> None:
    """Say each sentence on standard error."""
    for sentence in sentences:
        log.warning("%s", sentence)
