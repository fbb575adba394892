"""Which scale a person asked for on the command line; where it can be known in two ways, these must agree."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from edge_runtime.calibration import Calibration, CameraId
from edge_runtime.cameras.options import read_size
from edge_runtime.errors import BadInput
from edge_runtime.scale import check_um_per_px

from .nominal import Optics, find_sensor, reduction_of
from .ruling_picture import draw_rulings, write_picture
from .scale_steps import check_agreement, scale_as_stated, scale_of_micrometer, scale_of_optics
from .so_far import About
from .taking import view


def has_sensor(args: argparse.Namespace) -> bool:
    """Return whether the options name a sensor, whose scale can be reckoned."""
    return args.sensor is not None or args.sensor_px_um is not None


def asked_scale(
    args: argparse.Namespace, so_far: Calibration | None, about: About, now: datetime
) -> tuple[Calibration, dict[str, Any]]:
    """Return the calibration with the scale that was asked for, or that it has, and what to report of it."""
    stated_um = None if args.um_per_px is None else check_um_per_px(args.um_per_px)
    if args.micrometer is not None:
        return _measured(args, so_far, about, now, stated_um)
    if has_sensor(args):
        camera = _camera(args)
        optics = _optics(args, camera)
        if stated_um is not None:
            check_agreement(stated_um, optics.um_per_px, "objective and sensor")
        return scale_of_optics(so_far, camera, optics, about, now).calibration, {}
    if stated_um is not None:
        return scale_as_stated(so_far, _camera(args), stated_um, about, now).calibration, {}
    if so_far is None:
        raise BadInput(
            f"expected a scale first, found none in {args.out}; give --micrometer, or the optics: --objective 4 "
            "--sensor imx477, or --um-per-px"
        )
    return so_far, {}


def _measured(
    args: argparse.Namespace, so_far: Calibration | None, about: About, now: datetime, stated_um: float | None
) -> tuple[Calibration, dict[str, Any]]:
    source = args.micrometer or args.source
    step = scale_of_micrometer(so_far, source, args.micrometer_um, about, now, args.average, args.camera)
    assert step.micrometer is not None and step.grey is not None and step.calibration.camera is not None
    if has_sensor(args):
        optics = _optics(args, step.calibration.camera)
        check_agreement(step.calibration.um_per_px, optics.um_per_px, "objective and sensor")
    if stated_um is not None:
        check_agreement(step.calibration.um_per_px, stated_um, "--um-per-px")
    if args.picture:
        write_picture(args.picture, draw_rulings(step.grey, step.micrometer))
    graduation = step.micrometer.graduation
    told = {
        "lines": step.micrometer.lines,
        "period_px": round(graduation.period_px, 4),
        "longer_every": step.micrometer.longer_every,
        "turned_degrees": round(graduation.rulings.angle, 2),
        "uneven_over_view": round(graduation.unevenness, 5),
    }
    return step.calibration, {"micrometer": told}


def _camera(args: argparse.Namespace) -> CameraId:
    with view(args.source, 1, None, args.camera) as seen:
        return seen.camera


def _optics(args: argparse.Namespace, camera: CameraId) -> Optics:
    """Return the optics that the options describe."""
    if args.sensor is not None and args.sensor_px_um is not None:
        raise BadInput("expected --sensor or --sensor-px-um, found both; leave one out")
    sensor = None if args.sensor is None else find_sensor(args.sensor)
    frame = camera.height_px, camera.width_px
    if args.sensor_crop is not None:
        shown = read_size({"sensor-crop": args.sensor_crop}, "sensor-crop", frame)
    else:
        shown = sensor.size_px if sensor else frame
    return Optics(
        objective=_magnification(args.objective),
        sensor_px_um=sensor.pixel_um if sensor else args.sensor_px_um,
        tube_mm=args.tube_mm,
        objective_tube_mm=args.objective_tube_mm,
        relay=args.relay,
        reduction=reduction_of(shown, frame),
    )


def _magnification(text: str | None) -> float:
    try:
        return float((text or "").strip().lower().removesuffix("x"))
    except ValueError:
        raise BadInput(
            f"expected --objective with its magnification beside a sensor, found {text!r}; write --objective 4x"
        ) from None
