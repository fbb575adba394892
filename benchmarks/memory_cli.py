"""The command that measures the memory of a long run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from edge_runtime.console import whole_number

from .options import add_record_targets, today


def add_memory_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add memory to the benchmarks' commands."""
    memory = commands.add_parser("memory", help="the memory of `cancernet run` over many frames of 4056x3040")
    memory.add_argument("--model", default="lean", metavar="MODEL", help="a file or a shipped name (default: lean)")
    memory.add_argument("--frames", type=whole_number(20), default=1000, metavar="N", help="default: 1000")
    memory.add_argument("--overlays", action="store_true", help="draw overlays, too; the run takes longer")
    memory.add_argument(
        "--python",
        type=Path,
        default=Path(sys.executable),
        metavar="FILE",
        help="the Python that runs it, as .venv-edge/bin/python (default: this one)",
    )
    add_record_targets(memory)
    memory.set_defaults(run=_memory)


def _memory(args: argparse.Namespace) -> int:
    from .contenders import open_contenders
    from .frame_latency import GEOMETRIES
    from .memory import measure_memory
    from .record import check_targets, give_record

    check_targets(args, "memory")
    contender = next(contender for contender in open_contenders([args.model], []) if contender.is_int8)
    give_record(measure_memory(contender, GEOMETRIES[0], args.frames, args.python, args.overlays, today()), args)
    return 0
