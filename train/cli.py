"""The workstation's command line.

python -m train index IDC_FOLDER --out runs/index.csv
python -m train fit --index runs/index.csv --network lean --out runs/lean
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from edge_runtime.console import run_command
from edge_runtime.model_file import SHIPPED

from .recipe import TILE_PX, load_recipe, shipped_recipe


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, do one thing, return an exit code: 0 done, 2 bad usage or input."""
    return run_command(_parser(), argv)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    index = commands.add_parser("index", help="read an IDC folder, split it by patient, write an index")
    index.add_argument("folder", type=Path, metavar="DIR", help="the archive: a tree of patients, or a flat folder")
    index.add_argument(
        "--splits", type=Path, metavar="CSV", help="columns patient_id, split[, group]; else a seeded split"
    )
    index.add_argument("--seed", type=int, default=0, help="of the seeded split (default: 0)")
    index.add_argument("--out", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    index.set_defaults(run=_index)
    fit = commands.add_parser("fit", help="train a network: float, three seeds, then fine-tuned for int8")
    fit.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    fit.add_argument("--network", default=SHIPPED[0], help="a recipe that ships: lean (default) or cancernet")
    fit.add_argument("--recipe", type=Path, metavar="TOML", help="a recipe of your own, instead of --network")
    fit.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="default: 0 1 2; the best on val is kept")
    fit.add_argument("--epochs", type=int, help="instead of the recipe's")
    fit.add_argument("--threads", type=int, default=0, help="CPU threads (default: all)")
    fit.add_argument("--out", type=Path, help="folder of the run (default: runs/NETWORK); a killed run goes on there")
    fit.set_defaults(run=_fit)
    return parser


def _index(args: argparse.Namespace) -> int:
    from .patch_index import CONTRADICTION, OK, UNREADABLE, counts, read_archive, summarize, write_index
    from .splits import apply_splits, read_splits, seeded_splits

    sides = read_splits(args.splits) if args.splits else None
    with tqdm(desc="reading", unit="file", disable=not sys.stderr.isatty()) as bar:
        rows = read_archive(args.folder, TILE_PX, bar.update)
    rows = apply_splits(rows, sides if sides is not None else seeded_splits(rows, args.seed))
    write_index(rows, args.out)
    log = logging.getLogger(__name__)
    for row in rows:
        if row.status in (UNREADABLE, CONTRADICTION):  # what a person may want to mend; edges and copies are thousands
            log.warning("left out: %s: %s", row.status, row.path)
    log.info("left out, each listed in %s: %s", args.out, counts(row for row in rows if row.status != OK))
    print(json.dumps({"index": str(args.out)} | summarize(rows)))
    return 0


def _fit(args: argparse.Namespace) -> int:
    recipe = load_recipe(args.recipe or shipped_recipe(args.network), epochs=args.epochs)
    from .patch_index import read_index  # scikit-learn and TensorFlow are imported after the cheap checks
    from .tiles import load_tiles

    rows = read_index(args.index)
    train, val = load_tiles(rows, "train"), load_tiles(rows, "val")
    from .experiment import run_experiment

    folder = args.out or Path("runs") / recipe.network
    result = run_experiment(recipe, train, val, args.seeds, folder, args.threads)
    print(json.dumps({"run": str(folder)} | result))
    return 0
