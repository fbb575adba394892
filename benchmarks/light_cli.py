"""The command that measures what a calibration does for probabilities under a lamp that is not even and white."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from .options import add_record_targets, today

log = logging.getLogger(__name__)


def add_light_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add light to the benchmarks' commands."""
    light = commands.add_parser("light", help="probabilities under lamps of all sorts, calibrated and not")
    light.add_argument("folder", type=Path, metavar="DIR", help="the IDC archive: a tree of patients")
    light.add_argument("--splits", type=Path, required=True, metavar="CSV", help="columns patient_id, split, coverage")
    light.add_argument("--split", nargs="+", default=["test"], metavar="SPLIT", help="slides (default: test)")
    light.add_argument("--model", metavar="MODEL", help="a model file, or a shipped model's name (default: lean)")
    light.add_argument("--um-per-px", default="0.8", metavar="X", help="of the camera (default: 0.8)")
    add_record_targets(light)
    light.set_defaults(run=_light)


def _light(args: argparse.Namespace) -> int:
    from edge_runtime.model_file import find_model, open_model
    from edge_runtime.scale import check_um_per_px

    from .drift_cli import dense_slides
    from .light import measure_light
    from .record import check_targets, give_record

    check_targets(args, "light")
    slides, model = dense_slides(args.splits, args.split), open_model(find_model(args.model))
    say = lambda slide: log.info("slide %s", slide)  # noqa: E731
    give_record(measure_light(args.folder, slides, model, check_um_per_px(args.um_per_px), today(), say), args)
    return 0
