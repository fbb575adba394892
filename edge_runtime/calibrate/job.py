"""What stands behind `cancernet calibrate`: the steps that a person asked for, in order, into one file."""

from __future__ import annotations

import argparse
import json
import logging
from datetime import datetime, timezone
from typing import Any

from edge_runtime.calibration import Calibration, write_calibration
from edge_runtime.errors import EXIT_DONE, BadInput

from .asked_scale import asked_scale, has_sensor
from .field_steps import blank_field, focus_baseline
from .so_far import About, open_so_far

log = logging.getLogger(__name__)


def calibrate_job(args: argparse.Namespace, now: datetime | None = None) -> int:
    """Do the steps asked for; the file is written after all of them, and says on standard output what is in it."""
    now = now or datetime.now(timezone.utc)
    _check_steps(args)
    about = About(args.name or args.out.stem, args.objective or "", args.valid_days or About("").valid_days)
    so_far = open_so_far(args.out, about, args.new, args.objective is not None)
    calibration, report = asked_scale(args, so_far, about, now)
    if args.blank is not None:
        calibration, report["blank"] = _blank(args, calibration, now)
    if args.tissue is not None:
        calibration, report["focus"] = _focus(args, calibration, now)
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
    if not (looks or args.um_per_px is not None or has_sensor(args)):
        raise BadInput(
            "expected something to calibrate, found nothing; give --micrometer, --blank or --tissue, or the optics: "
            "--objective 4 --sensor imx477"
        )
    if args.picture and args.micrometer is None:
        raise BadInput(
            "expected --micrometer beside --picture: it draws the lines found; add it, or leave --picture out"
        )


def _blank(args: argparse.Namespace, so_far: Calibration, now: datetime) -> tuple[Calibration, dict[str, Any]]:
    step = blank_field(so_far, args.blank or args.source, now, args.average, args.camera)
    _warn(step.blank.warnings)
    return step.calibration, {
        "white_rgb": step.blank.white_rgb,
        "evenness": round(step.blank.evenness, 3),
        "specks": step.blank.dirt.specks,
        "dirt_share": step.blank.dirt.share,
        "noise": step.blank.noise,
        "flicker": step.blank.flicker,
        "warnings": step.blank.warnings,
    }


def _focus(args: argparse.Namespace, so_far: Calibration, now: datetime) -> tuple[Calibration, dict[str, Any]]:
    step = focus_baseline(so_far, args.tissue or args.source, now, args.average, args.camera)
    if step.tissue.is_off:
        _warn([step.tissue.message])
    return step.calibration, {
        "sharpness": step.focus.sharpness,
        "places": step.focus.crops,
        "scale_by_tissue": step.tissue.verdict,
        "message": step.tissue.message,
    }


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
