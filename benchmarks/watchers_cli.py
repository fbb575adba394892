"""The command that measures what watching costs."""

from __future__ import annotations

import argparse

from edge_runtime.console import whole_number

from .options import add_record_targets, today


def add_watchers_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add watchers to the benchmarks' commands."""
    watchers = commands.add_parser("watchers", help="frames a second with browsers that watch, against none")
    watchers.add_argument("--watchers", type=whole_number(1), default=20, metavar="N", help="default: 20")
    watchers.add_argument("--turns", type=whole_number(1), default=12, metavar="N", help="of each kind (default: 12)")
    watchers.add_argument("--turn-s", type=float, default=4.0, metavar="S", help="how long each lasts (default: 4)")
    add_record_targets(watchers)
    watchers.set_defaults(run=_watchers)


def _watchers(args: argparse.Namespace) -> int:
    from .record import check_targets, give_record
    from .watchers import measure_watchers

    check_targets(args, "watchers")
    give_record(measure_watchers(args.watchers, args.turns, args.turn_s, today()), args)
    return 0
