"""The workstation's command line.

python -m train index IDC_FOLDER --out runs/index.csv
python -m train explore --index runs/index.csv --out runs/reports
python -m train cross-validate --network lean
python -m train fit --index runs/index.csv --network lean --out runs/lean
python -m train evaluate runs/lean --split test
python -m train compare runs/lean runs/cancernet
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from edge_runtime.console import describe, run_command, whole_number

from .cross_cli import add_cross_command
from .fit_cli import add_fit_command
from .report_cli import add_report_commands


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, do one thing, return an exit code: 0 done, 2 bad usage or input."""
    return run_command(_parser(), argv)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    index = commands.add_parser("index", help="read a data set, split it by patient, write an index")
    index.add_argument(
        "folder",
        type=Path,
        metavar="DIR",
        help="IDC: a tree of patients, or a flat folder; HCD: the folder of train_labels.csv",
    )
    index.add_argument(
        "--format", choices=("auto", "idc", "hcd"), default="auto", help="default: auto, by what lies there"
    )
    index.add_argument(
        "--splits",
        metavar="CSV|DIR|published",
        help="a CSV (patient_id, split[, group]), a folder of lists (train.txt, val.txt, test.txt), or the published "
        "IDC lists; else a seeded split, 72/8/20",
    )
    index.add_argument("--groups", type=Path, metavar="CSV", help="HCD: id and slide (wsi or group) of each picture")
    index.add_argument(
        "--split-by",
        choices=("patient", "tile"),
        default="patient",
        help="tile tears patients apart, only to show how much that flatters: no such model is packed",
    )
    index.add_argument(
        "--drop-duplicates", action="store_true", help="keep one of equal pictures; else two sides with one are refused"
    )
    index.add_argument("--seed", type=whole_number(0), default=0, metavar="N", help="of the seeded split (default: 0)")
    index.add_argument("--out", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    index.set_defaults(run=_index)
    add_fit_command(commands)
    add_cross_command(commands)
    add_report_commands(commands)
    describe(commands)
    return parser


def _index(args: argparse.Namespace) -> int:
    from .index_job import IndexJob, run_index

    job = IndexJob(
        args.folder, args.out, args.format, args.splits, args.groups, args.split_by, args.seed, args.drop_duplicates
    )
    print(json.dumps(run_index(job)))
    return 0
