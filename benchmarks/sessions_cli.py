"""The command that measures the store of sessions."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from edge_runtime.console import whole_number

from .options import add_record_targets, today


def add_sessions_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add sessions to the benchmarks' commands."""
    sessions = commands.add_parser("sessions", help="what a recorded frame costs, and what kill -9 leaves of a session")
    sessions.add_argument("--frames", type=whole_number(2), default=100, metavar="N", help="default: 100")
    sessions.add_argument("--kills", type=whole_number(0), default=200, metavar="N", help="default: 200; 0: none")
    sessions.add_argument(
        "--folder", type=Path, metavar="DIR", help="on the disk to measure (default: that of temporary files)"
    )
    sessions.add_argument(
        "--python",
        type=Path,
        default=Path(sys.executable),
        metavar="FILE",
        help="the Python whose runs are killed, as .venv-edge/bin/python (default: this one)",
    )
    add_record_targets(sessions)
    sessions.set_defaults(run=_sessions)


def _sessions(args: argparse.Namespace) -> int:
    from .record import check_targets, give_record
    from .sessions import measure_sessions

    check_targets(args, "sessions")
    give_record(measure_sessions(args.frames, args.kills, args.folder, args.python, today()), args)
    return 0
