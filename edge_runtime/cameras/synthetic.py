"""The camera `synthetic:`: a drawn slide on a virtual stage; the same for the same seed, and no hardware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of

from edge_runtime import procedural
from edge_runtime.cameras import Camera
from edge_runtime.cameras.faults import FaultyDevice
from edge_runtime.cameras.options import (
    UM_PER_PX,
    Asked,
    check_keys,
    read_choice,
    read_float,
    read_int,
    read_positive,
    read_size,
)
from edge_runtime.cameras.recovery import RecoveringCamera
from edge_runtime.cameras.travel import PATHS
from edge_runtime.cameras.trouble import LIVE_KEYS, read_tolerance
from edge_runtime.cameras.virtual_microscope import Flaws, Journey, VirtualMicroscope
from edge_runtime.errors import BadInput, ScaleOutOfRange
from edge_runtime.scale import agreed_um_per_px

DEFAULT_UM_PER_PX = 0.8
DEFAULT_FRAME = (1080, 1920)
DEFAULT_SIZE = (1400, 1800)
FAULTS = "faults"
_FLAWS = {flaw.name for flaw in fields_of(Flaws)}
_OPTIONS = {"seed", "size", "frame", "path", "speed", "fps", "rounds", FAULTS, UM_PER_PX} | _FLAWS


def open_camera(path: str, options: Mapping[str, str], asked: Asked) -> Camera:
    """Draw a slide and open a camera over it; docs/cameras.md lists the options.

    With `faults=SHARE` the camera fails before that share of its frames, and recovers as a real one.
    """
    check_keys("synthetic", options, _OPTIONS | (LIVE_KEYS if FAULTS in options else set()))
    if path:
        raise BadInput(f"synthetic: takes no path, found {path!r}; write synthetic: or synthetic:?seed=3")
    scale = agreed_um_per_px(asked.um_per_px, options.get(UM_PER_PX)) or DEFAULT_UM_PER_PX
    if scale > procedural.UM_PER_PX:
        raise ScaleOutOfRange(
            f"expected a camera of at most {procedural.UM_PER_PX:g} µm per px, the scale of the drawn slide, "
            f"found {scale:g}; write um_per_px={DEFAULT_UM_PER_PX:g}"
        )
    seed = read_int(options, "seed", 0, 0)
    frame, size = read_size(options, "frame", DEFAULT_FRAME), read_size(options, "size", DEFAULT_SIZE)
    journey, flaws = _journey(options), _flaws(options)
    share = _share(options, FAULTS)
    camera = VirtualMicroscope(procedural.make_slide(seed, size), scale, frame, flaws, journey)
    if not share:
        return camera
    faulty = RecoveringCamera(FaultyDevice(camera, share, seed).open, f"synthetic:{seed}", read_tolerance(options))
    faulty.live = False  # its frames come when they are asked for
    return faulty


def _journey(options: Mapping[str, str]) -> Journey:
    return Journey(
        read_choice(options, "path", "serpentine", PATHS),
        read_float(options, "speed", 0.0, 0.0),
        read_positive(options, "fps", 25.0) or 25.0,
        read_int(options, "rounds", 1, 1),
    )


def _flaws(options: Mapping[str, str]) -> Flaws:
    return Flaws(
        defocus=read_float(options, "defocus", 0.0, 0.0),
        exposure_us=read_positive(options, "exposure_us", 2000.0) or 2000.0,
        lamp=read_float(options, "lamp", 1.0, 0.0),
        falloff=_share(options, "falloff"),
        noise=read_float(options, "noise", 1.0, 0.0),
        jitter=read_float(options, "jitter", 0.0, 0.0),
        dirt=read_int(options, "dirt", 0, 0),
        tint=read_float(options, "tint", 0.0, -360.0),
    )


def _share(options: Mapping[str, str], key: str) -> float:
    value = read_float(options, key, 0.0, 0.0)
    if value > 1:
        raise BadInput(f"{key}: expected a share of 0 to 1, found {options[key]!r}; write {key}=0.2")
    return value
