"""The command that measures the watch over lamp, optics and focus, and the check of a scale by tissue."""

from __future__ import annotations

import argparse
import csv
import logging
from collections.abc import Sequence
from pathlib import Path

from edge_runtime.errors import BadInput

from .options import add_record_targets, today

log = logging.getLogger(__name__)


def add_drift_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add drift to the benchmarks' commands."""
    drift = commands.add_parser("drift", help="alarms of the instrument when it is spoiled, and when it is not")
    drift.add_argument("folder", type=Path, metavar="DIR", help="the IDC archive: a tree of patients")
    drift.add_argument("--splits", type=Path, required=True, metavar="CSV", help="columns patient_id, split, coverage")
    drift.add_argument("--split", nargs="+", default=["test"], metavar="SPLIT", help="slides to watch (default: test)")
    drift.add_argument(
        "--baseline", default="8974", metavar="ID", help="slide that focus is calibrated on, of another split"
    )
    drift.add_argument("--um-per-px", default="0.8", metavar="X", help="of the camera (default: 0.8)")
    add_record_targets(drift)
    drift.set_defaults(run=_drift)


def dense_slides(splits: Path, sides: Sequence[str]) -> list[str]:
    """Return the slides of some sides of a split that are whole, or of which a window is; raises BadInput for none."""
    try:
        with splits.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["split"] in sides and row["coverage"] != "sample"]
    except (OSError, KeyError) as error:
        raise BadInput(f"{splits}: expected a CSV with patient_id, split and coverage, found {error!r}") from error
    if not rows:
        raise BadInput(f"{splits}: expected whole slides of {' or '.join(sides)}, found none")
    return [row["patient_id"] for row in rows]


def _drift(args: argparse.Namespace) -> int:
    from edge_runtime.scale import check_um_per_px

    from .drift import measure_drift
    from .record import check_targets, give_record

    check_targets(args, "drift")
    slides = [slide for slide in dense_slides(args.splits, args.split) if slide != args.baseline]
    say = lambda slide: log.info("slide %s", slide)  # noqa: E731
    give_record(measure_drift(args.folder, slides, args.baseline, check_um_per_px(args.um_per_px), today(), say), args)
    return 0
