"""The options that the commands share: which models, and where a record and its table go."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone
from pathlib import Path


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add --model and --reference."""
    parser.add_argument(
        "--model", action="append", default=[], metavar="MODEL", help="a file or a shipped name; repeatable"
    )
    parser.add_argument(
        "--reference",
        action="append",
        type=Path,
        default=[],
        metavar="FILE",
        help="a float parent; repeatable (default: those of the models in quantize/reference/)",
    )


def add_record_targets(parser: argparse.ArgumentParser) -> None:
    """Add --out, --markdown and --readme, for a command that makes a record."""
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON here instead of standard output")
    add_table_targets(parser)


def add_table_targets(parser: argparse.ArgumentParser) -> None:
    """Add --markdown and --readme."""
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table here")
    parser.add_argument("--readme", type=Path, metavar="FILE", help="put the table between the markers of this file")


def today() -> str:
    """Return the date that a record was measured at, UTC."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%d")
