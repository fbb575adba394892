"""The command that judges a recipe: networks of five folds over the slides of train and val."""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

from edge_runtime.console import whole_number
from edge_runtime.model_file import SHIPPED

from .recipe import load_recipe, shipped_recipe


def add_cross_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add cross-validate to the workstation's commands."""
    cross = commands.add_parser(
        "cross-validate", help="judge a recipe on all slides of train and val, and choose its context by them"
    )
    cross.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    cross.add_argument("--cache", metavar="DIR|none", help="decoded tiles (default: beside the index)")
    cross.add_argument("--network", default=SHIPPED[0], help="one that has a recipe (default: lean)")
    cross.add_argument("--recipe", type=Path, metavar="TOML", help="a recipe of your own, instead of --network")
    cross.add_argument("--folds", type=whole_number(2), default=5, help="default: 5")
    cross.add_argument(
        "--split-by",
        choices=("patient", "tile"),
        default="patient",
        help="tile tears patients apart, only to show how much that flatters the same tiles",
    )
    cross.add_argument("--against", type=Path, metavar="FOLDS", help="a finished cross-validation to set it beside")
    cross.add_argument("--epochs", type=int, help="instead of the recipe's")
    cross.add_argument("--threads", type=whole_number(0), default=0, metavar="N", help="CPU threads (default: all)")
    cross.add_argument(
        "--out", type=Path, help="folder (default: runs/NETWORK-folds, or -torn); a killed run goes on there"
    )
    cross.set_defaults(run=_cross)


def _cross(args: argparse.Namespace) -> int:
    recipe = load_recipe(args.recipe or shipped_recipe(args.network), epochs=args.epochs)
    from .cache import cache_option
    from .cross_compare import set_beside
    from .cross_validate import read_out_of_fold
    from .patch_index import BY_TILE, DOUBTS, read_index
    from .tiles import load_tiles

    other = None if args.against is None else read_out_of_fold(args.against)
    rows, cache = read_index(args.index), cache_option(args.cache, args.index)
    train, val = (load_tiles(rows, side, cache) for side in ("train", "val"))
    if args.split_by == BY_TILE:
        logging.getLogger(__name__).warning(DOUBTS[BY_TILE])
    from .crew import open_crew  # TensorFlow is imported after the cheap checks
    from .cross_job import Dealing, cross_validate

    folder = args.out or Path("runs") / f"{recipe.network}-{'torn' if args.split_by == BY_TILE else 'folds'}"
    crew = open_crew("none", 0, None, args.threads)
    dealing = Dealing(args.folds, args.split_by)
    result = cross_validate(recipe, train, val, dealing, folder, crew, lambda record: print(json.dumps(record)))
    beside = {} if other is None else {"against": str(args.against)} | set_beside(read_out_of_fold(folder), other)
    print(json.dumps({"run": str(folder)} | result | beside))
    return 0
