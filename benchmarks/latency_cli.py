"""The command that times a tile, a batch, a frame and the whole process on this board."""

from __future__ import annotations

import argparse

from edge_runtime.console import whole_number
from edge_runtime.interpreters import RUNTIMES

from .options import add_models, add_record_targets, today


def add_latency_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add latency to the benchmarks' commands."""
    latency = commands.add_parser("latency", help="time a tile, a batch, a frame and the whole process on this board")
    add_models(latency)
    latency.add_argument("--threads", type=whole_number(1), nargs="+", default=[1, 2], metavar="N", help="default: 1 2")
    latency.add_argument(
        "--interpreter", action="append", choices=tuple(RUNTIMES), help="for one tile; repeatable (default: all)"
    )
    latency.add_argument(
        "--batches", type=whole_number(1), nargs="+", default=[1, 8, 48], metavar="N", help="default: 1 8 48"
    )
    latency.add_argument("--rounds", type=whole_number(1), default=30, metavar="N", help="of each race (default: 30)")
    latency.add_argument(
        "--process-runs",
        type=whole_number(0),
        default=3,
        metavar="N",
        help="starts of `cancernet run` (default: 3; 0: none)",
    )
    add_record_targets(latency)
    latency.set_defaults(run=_latency)


def _latency(args: argparse.Namespace) -> int:
    from .contenders import open_contenders
    from .latency import Choice, measure_latency
    from .record import check_targets, give_record

    check_targets(args, "latency")
    choice = Choice(
        tuple(args.threads),
        tuple(args.interpreter or RUNTIMES),
        tuple(args.batches),
        args.rounds,
        args.process_runs,
    )
    give_record(measure_latency(open_contenders(args.model, args.reference), choice, today()), args)
    return 0
