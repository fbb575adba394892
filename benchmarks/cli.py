"""Measure what matters, and put it where people read it.

python -m benchmarks latency --out runs/latency.json --markdown runs/latency.md
python -m benchmarks latency --model lean --threads 1 2 4 --readme docs/latency.md
python -m benchmarks memory --frames 10000 --python .venv-edge/bin/python --readme docs/running.md
python -m benchmarks accuracy IDC_FOLDER --splits splits.csv --split test --readme docs/accuracy.md
python -m benchmarks gates --reject PICTURES --split train val
python -m benchmarks drift IDC_FOLDER --splits splits.csv --readme docs/calibration.md
python -m benchmarks light IDC_FOLDER --splits splits.csv --readme docs/calibration.md
python -m benchmarks micrometer --readme docs/calibration.md
python -m benchmarks feed --threads 2
python -m benchmarks sessions --python .venv-edge/bin/python --readme docs/sessions.md
python -m benchmarks export IDC_FOLDER/8955 --readme docs/export.md
python -m benchmarks watchers --readme docs/live.md
python -m benchmarks half_open --readme docs/live.md
python -m benchmarks pareto runs/accuracy.json runs/latency.json --out docs/pareto.svg
python -m benchmarks table runs/latency.json --readme docs/latency.md
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from edge_runtime.console import run_command

from .accuracy_cli import add_accuracy_command
from .drift_cli import add_drift_command
from .export_cli import add_export_command
from .feed_cli import add_feed_command
from .gates_cli import add_gates_command
from .half_open_cli import add_half_open_command
from .latency_cli import add_latency_command
from .light_cli import add_light_command
from .memory_cli import add_memory_command
from .micrometer import add_micrometer_command
from .options import add_table_targets
from .pareto import add_pareto_command
from .sessions_cli import add_sessions_command
from .watchers_cli import add_watchers_command


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, do one thing, return an exit code: 0 done, 1 a measured program failed, 2 bad usage or input."""
    return run_command(_parser(), argv)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_latency_command(commands)
    add_memory_command(commands)
    add_accuracy_command(commands)
    add_gates_command(commands)
    add_drift_command(commands)
    add_light_command(commands)
    add_micrometer_command(commands)
    add_pareto_command(commands)
    add_feed_command(commands)
    add_sessions_command(commands)
    add_watchers_command(commands)
    add_half_open_command(commands)
    add_export_command(commands)
    shown = commands.add_parser("table", help="a record made earlier, or on another board -> its Markdown table")
    shown.add_argument("record", type=Path, metavar="RECORD", help="JSON that one of the others wrote")
    add_table_targets(shown)
    shown.set_defaults(run=_table)
    return parser


def _table(args: argparse.Namespace) -> int:
    from .record import give_table, read_record, to_markdown

    record = read_record(args.record)
    if args.markdown or args.readme:
        give_table(record, args)
    else:
        print(to_markdown(record), end="")
    return 0
