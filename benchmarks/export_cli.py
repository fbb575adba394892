"""The command that measures exports."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_runtime.console import whole_number

from .options import add_record_targets, today


def add_export_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add exports to the benchmarks' commands."""
    export = commands.add_parser("export", help="shapes and mosaic of a drawn slide, against its truth")
    export.add_argument(
        "slides",
        nargs="*",
        type=Path,
        metavar="PATIENT",
        help="folders of whole IDC slides, to match views of them, too",
    )
    export.add_argument(
        "--seeds", nargs="+", type=whole_number(0), default=[1, 2, 3], metavar="N", help="default: 1 2 3"
    )
    add_record_targets(export)
    export.set_defaults(run=_export)


def _export(args: argparse.Namespace) -> int:
    from .export import measure_export
    from .record import check_targets, give_record

    check_targets(args, "export")
    give_record(measure_export(args.seeds, args.slides, today()), args)
    return 0
