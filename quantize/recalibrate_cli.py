"""The command that gives a model thresholds, calibration and context from validation slides of one's own."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def add_recalibrate_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add recalibrate to the commands."""
    again = commands.add_parser(
        "recalibrate", help="the same graph, with thresholds, calibration and context from your own validation slides"
    )
    again.add_argument("model", metavar="MODEL", help="an int8 model file, or a shipped model's name")
    again.add_argument("--reference", type=Path, required=True, metavar="FILE", help="its float parent's model file")
    again.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    again.add_argument("--split", default="test", help="held against the parent on these patients (default: test)")
    again.add_argument("--version", required=True, help="of the new model; not that of the old one")
    again.add_argument("--out", type=Path, required=True, metavar="FILE", help="the model file to write")
    again.add_argument("--reference-out", type=Path, metavar="FILE", help="where to write the parent (default: not)")
    kernel = again.add_mutually_exclusive_group()
    kernel.add_argument(
        "--context",
        metavar="RADIUS,SIGMA,OWN",
        help="what neighbours weigh: 1,0,1 is the mean over 3x3 tiles, 0,0,1 is none (default: the model's own)",
    )
    kernel.add_argument("--recipe", type=Path, metavar="TOML", help="take its [context]")
    again.add_argument(
        "--stain-strength",
        type=float,
        metavar="SHARE",
        help="normalize each slide's stain balance towards the index's training slides: 0 not, 1 all the way (default: "
        "as in the model)",
    )
    add_sensitivity_option(again)
    again.set_defaults(run=_recalibrate)


def add_sensitivity_option(parser: argparse.ArgumentParser) -> None:
    """Add --sensitivity, for a command that chooses thresholds."""
    parser.add_argument(
        "--sensitivity",
        type=float,
        default=0.95,
        metavar="SHARE",
        help="that the second operating point is to reach on validation slides (default: 0.95)",
    )


def _recalibrate(args: argparse.Namespace) -> int:
    from edge_runtime.errors import EXIT_CHECK_FAILED, EXIT_DONE
    from edge_runtime.model_file import find_model
    from train.recipe import load_recipe

    from .recalibrate import Recalibration, recalibrate
    from .thresholds import read_context
    from .verdict import log_verdict

    job = Recalibration(
        find_model(args.model),
        args.reference,
        args.index,
        args.split,
        args.out,
        args.reference_out,
        args.version,
        load_recipe(args.recipe).context if args.recipe else read_context(args.context),
        args.sensitivity,
        args.stain_strength,
    )
    report = recalibrate(job)
    print(json.dumps(report))
    log_verdict(report)
    return EXIT_DONE if report["passed"] else EXIT_CHECK_FAILED
