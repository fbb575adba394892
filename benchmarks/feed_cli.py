"""The command that measures whether the input keeps up with the network."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from edge_runtime.console import whole_number
from edge_runtime.model_file import SHIPPED

from .options import add_record_targets, today

_TILES = 8192


def add_feed_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add feed to the benchmarks' commands."""
    feed = commands.add_parser("feed", help="time training fed from a mapped file against training on one cached batch")
    feed.add_argument("--index", type=Path, help=f"tiles to train on (default: {_TILES} of noise in a mapped file)")
    feed.add_argument("--network", default=SHIPPED[0], help="a recipe that ships (default: lean)")
    feed.add_argument("--recipe", type=Path, metavar="TOML", help="a recipe of your own, instead of --network")
    feed.add_argument("--steps", type=whole_number(1), default=100, metavar="N", help="a turn (default: 100)")
    feed.add_argument("--rounds", type=whole_number(1), default=7, metavar="N", help="of turns (default: 7)")
    feed.add_argument("--threads", type=whole_number(0), default=0, metavar="N", help="of the CPU (default: all)")
    add_record_targets(feed)
    feed.set_defaults(run=_feed)


def _feed(args: argparse.Namespace) -> int:
    from tqdm import tqdm

    from train.recipe import load_recipe, shipped_recipe

    from .record import check_targets, give_record

    check_targets(args, "feed")
    recipe = load_recipe(args.recipe or shipped_recipe(args.network))
    from .feed import measure_feed
    from .feed_tiles import mapped_noise, training_side

    with tempfile.TemporaryDirectory() as folder:
        data = training_side(args.index) if args.index else mapped_noise(Path(folder) / "noise.npy", _TILES)
        with tqdm(total=args.rounds + 1, unit="round", desc="feed", disable=not sys.stderr.isatty()) as bar:
            record = measure_feed(recipe, data, args.steps, args.rounds, args.threads, today(), bar.update)
    give_record(record, args)
    return 0
