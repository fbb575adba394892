"""The command that measures what connections cost that are held for nothing."""

from __future__ import annotations

import argparse

from edge_runtime.console import whole_number

from .options import add_record_targets, today


def add_half_open_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add half_open to the benchmarks' commands."""
    half_open = commands.add_parser("half_open", help="the operator's page and the frames, with connections held open")
    half_open.add_argument("--turns", type=whole_number(1), default=4, metavar="N", help="of each kind (default: 4)")
    half_open.add_argument(
        "--turn-s",
        type=float,
        default=15.0,
        metavar="S",
        help="how long each lasts; more than a deadline, so that these are seen (default: 15)",
    )
    add_record_targets(half_open)
    half_open.set_defaults(run=_half_open)


def _half_open(args: argparse.Namespace) -> int:
    from .half_open import measure_half_open
    from .record import check_targets, give_record

    check_targets(args, "half_open")
    give_record(measure_half_open(args.turns, args.turn_s, today()), args)
    return 0
