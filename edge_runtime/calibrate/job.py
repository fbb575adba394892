"""What stands behind `cancernet calibrate`: the steps that a person asked for, in order, into one file."""

from __future__ import annotations

import argparse
import json
import logging
from datetime import datetime, timezone
from typing import Any

from edge_runtime.calibration import Calibration, CameraId, write_calibration
from edge_runtime.cameras.options import read_size
from edge_runtime.errors import EXIT_DONE, BadInput
from edge_runtime.scale import check_um_per_px

from .nominal import Optics, find_sensor, reduction_of
from .ruling_picture import draw_rulings, write_picture
from .steps import (
    About,
    blank_field,
    check_agreement,
    focus_baseline,
    open_so_far,
    scale_as_stated,
    scale_of_micrometer,
    scale_of_optics,
)
from .taking import view

log = logging.getLogger(__name__)


def calibrate_job(args: argparse.Namespace, now: datetime | None = None) -> int:
    """Do the steps asked for; the file is written after all of them, and says on standard output what is in it."""
    now = now or datetime.now(timezone.utc)
    _check_steps(args)
    about = About(args.name or args.out.stem, args.objective or "", args.valid_days or About("").valid_days)
    calibration = open_so_far(args.out, about, args.new, args.objective is not None)
    report: dict[str, Any] = {}
    calibration = _scale(args, calibration, about, now, report)
    if args.blank is not None:
        step = blank_field(calibration, args.blank or args.source, now, args.average, args.camera)
        calibration = step.calibration
        _warn(step.blank.warnings)
        report["blank"] = {
            "white_rgb": step.blank.white_rgb,
            "evenness": round(step.blank.evenness, 3),
            "specks": step.blank.dirt.specks,
            "dirt_share": step.blank.dirt.share,
            "noise": step.blank.noise,
            "flicker": step.blank.flicker,
            "warnings": step.blank.warnings,
        }
    if args.tissue is not None:
        focus = focus_baseline(calibration, args.tissue or args.source, now, args.average, args.camera)
        calibration = focus.calibration
        if focus.tissue.is_off:
            _warn([focus.tissue.message])
        report["focus"] = {
            "sharpness": focus.focus.sharpness,
            "places": focus.focus.crops,
            "scale_by_tissue": focus.tissue.verdict,
            "message": focus.tissue.message,
        }
    write_calibration(args.out, calibration)
    print(json.dumps(_summary(calibration) | report, ensure_ascii=False, indent=1))
    return EXIT_DONE


def _check_steps(args: argparse.Namespace) -> None:
    """Raise BadInput where nothing is asked for, or one view is to show two things."""
    here = [name for name in ("micrometer", "blank", "tissue") if getattr(args, name) == ""]
    if len(here) > 1:
        raise BadInput(
            f"expected {args.source} to show one thing at a time, found --{' and --'.join(here)} without a source; "
            "do one step after the other, or give each a picture: --blank PICTURE"
        )
    looks = args.micrometer is not None or args.blank is not None or args.tissue is not None
    if not (looks or args.um_per_px is not None or _has_sensor(args)):
        raise BadInput(
            "expected something to calibrate, found nothing; give --micrometer, --blank or --tissue, or the optics: "
            "--objective 4 --sensor imx477"
        )
    if args.picture and args.micrometer is None:
        raise BadInput(
            "expected --micrometer beside --picture: it draws the lines found; add it, or leave --picture out"
        )


def _scale(
    args: argparse.Namespace, so_far: Calibration | None, about: About, now: datetime, report: dict[str, Any]
) -> Calibration:
    """Return the calibration with the scale that was asked for, or that it has; what else is known must agree."""
    optics_asked, stated = _has_sensor(args), args.um_per_px
    stated_um = None if stated is None else check_um_per_px(stated)
    if args.micrometer is not None:
        source = args.micrometer or args.source
        step = scale_of_micrometer(so_far, source, args.micrometer_um, about, now, args.average, args.camera)
        assert step.micrometer is not None and step.grey is not None and step.calibration.camera is not None
        if optics_asked:
            optics = _optics(args, step.calibration.camera)
            check_agreement(step.calibration.um_per_px, optics.um_per_px, "objective and sensor")
        if stated_um is not None:
            check_agreement(step.calibration.um_per_px, stated_um, "--um-per-px")
        if args.picture:
            write_picture(args.picture, draw_rulings(step.grey, step.micrometer))
        graduation = step.micrometer.graduation
        report["micrometer"] = {
            "lines": step.micrometer.lines,
            "period_px": round(graduation.period_px, 4),
            "longer_every": step.micrometer.longer_every,
            "turned_degrees": round(graduation.rulings.angle, 2),
            "uneven_over_view": round(graduation.unevenness, 5),
        }
        return step.calibration
    if optics_asked or stated_um is not None:
        camera = _camera(args)
        if optics_asked:
            optics = _optics(args, camera)
            if stated_um is not None:
                check_agreement(stated_um, optics.um_per_px, "objective and sensor")
            return scale_of_optics(so_far, camera, optics, about, now).calibration
        assert stated_um is not None
        return scale_as_stated(so_far, camera, stated_um, about, now).calibration
    if so_far is None:
        raise BadInput(
            f"expected a scale first, found none in {args.out}; give --micrometer, or the optics: --objective 4 "
            "--sensor imx477, or --um-per-px"
        )
    return so_far


def _has_sensor(args: argparse.Namespace) -> bool:
    return args.sensor is not None or args.sensor_px_um is not None


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


def _summary(calibration: Calibration) -> dict[str, Any]:
    scale, end = calibration.scale, calibration.expires_at
    return {
        "name": calibration.name,
        "sha256": calibration.sha256,
        "camera": str(calibration.camera),
        "objective": calibration.objective,
        "um_per_px": round(scale.um_per_px, 6),
        "uncertainty": None if scale.uncertainty is None else round(scale.uncertainty, 6),
        "method": scale.method,
        "how": scale.how,
        "expires": None if end is None else end.date().isoformat(),
        "has": [part for part in ("scale", "blank", "focus") if getattr(calibration, part) is not None],
    }


def _warn(sentences: tuple[str, ...] | list[str]) -> None:
    for sentence in sentences:
        log.warning("%s", sentence)
