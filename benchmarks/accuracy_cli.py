"""The command that scores models and their float parents on patients kept aside."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_runtime.console import whole_number
from edge_runtime.interpreters import AUTO, RUNTIMES

from .options import add_models, add_record_targets, today


def add_accuracy_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add accuracy to the benchmarks' commands."""
    accuracy = commands.add_parser("accuracy", help="score models and their float parents on patients kept aside")
    accuracy.add_argument("folder", type=Path, metavar="DIR", help="the IDC archive: a tree of patients, or flat")
    accuracy.add_argument(
        "--splits", type=Path, required=True, metavar="CSV", help="columns patient_id, split[, group]"
    )
    accuracy.add_argument("--split", default="test", help="side of the splits to score (default: test)")
    add_models(accuracy)
    accuracy.add_argument("--interpreter", choices=(AUTO, *RUNTIMES), default=AUTO, help="default: what is installed")
    accuracy.add_argument("--threads", type=whole_number(1), default=2, metavar="N", help="default: 2")
    accuracy.add_argument(
        "--resamples", type=whole_number(1), default=2000, metavar="N", help="of slides (default: 2000)"
    )
    accuracy.add_argument("--seed", type=whole_number(0), default=0, help="of the resamples (default: 0)")
    add_record_targets(accuracy)
    accuracy.set_defaults(run=_accuracy)


def _accuracy(args: argparse.Namespace) -> int:
    from train.bootstrap import Resampling

    from .accuracy import measure_accuracy
    from .contenders import open_contenders
    from .labelled import read_tiles
    from .record import check_targets, give_record

    check_targets(args, "accuracy")
    contenders = open_contenders(args.model, args.reference)
    data = read_tiles(args.folder, args.splits, args.split, contenders[0].model.contract.tile_px)
    resampling = Resampling(args.resamples, args.seed)
    give_record(measure_accuracy(contenders, data, resampling, args.interpreter, args.threads, today()), args)
    return 0
