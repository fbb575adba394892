"""The options of `cancernet export`."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from .kinds import PAPERS, WHAT


def add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser], note: str) -> argparse.ArgumentParser:
    """Add the command and return its parser; whoever adds it sets what it runs."""
    export = commands.add_parser(
        "export", help="a session as files for others: tables, shapes for QuPath, a mosaic, a report", epilog=note
    )
    export.add_argument("session", type=Path, metavar="SESSION", help="its folder; `cancernet sessions` lists them")
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go")
    export.add_argument(
        "--what",
        type=_kinds,
        metavar="KIND,...",
        help=f"of {', '.join(WHAT)} (default: all but pdf, as far as what they need is installed)",
    )
    export.add_argument(
        "--resolution",
        type=_micrometres,
        metavar="UM",
        help="µm per px of the mosaic (default: the model's scale); a finer one needs a session with --keep frames",
    )
    export.add_argument("--paper", choices=PAPERS, default=PAPERS[0], help="size of the PDF's pages (default: A4)")
    export.add_argument("--overwrite", action="store_true", help="replace files of an earlier export in --out")
    return export


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(dict.fromkeys(text.split(",")))
    for kind in kinds:
        if kind not in WHAT:
            raise argparse.ArgumentTypeError(f"expected some of {','.join(WHAT)}, found {kind!r}")
    return kinds


def _micrometres(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.05 <= value <= 100:
        raise argparse.ArgumentTypeError(f"expected µm per px of 0.05 to 100, found {text!r}")
    return value
