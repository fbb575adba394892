"""The command that trains: cheap checks first, then the devices, then hours of work."""

from __future__ import annotations

import argparse
import json
import logging
import os
from pathlib import Path

from edge_runtime.console import whole_number
from edge_runtime.errors import BadInput
from edge_runtime.model_file import SHIPPED

from .cluster import MULTIWORKER, NONE, STRATEGIES, read_cluster
from .pretrained import choose_weights
from .recipe import known_networks, load_recipe, require_teachers, shipped_recipe
from .report_cli import SENSITIVITIES


def add_fit_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add fit to the workstation's commands."""
    fit = commands.add_parser("fit", help="train a network in float as its recipe says, then fine-tune it for int8")
    fit.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    fit.add_argument("--cache", metavar="DIR|none", help="decoded tiles, to start fast (default: beside the index)")
    fit.add_argument(
        "--network", default=SHIPPED[0], help=f"one that has a recipe: {', '.join(known_networks())} (default: lean)"
    )
    fit.add_argument("--recipe", type=Path, metavar="TOML", help="a recipe of your own, instead of --network")
    fit.add_argument(
        "--weights",
        metavar="imagenet|none|FILE",
        help="what a network with a backbone starts from: imagenet (default, from Keras' cache), none, or a file (.h5)",
    )
    fit.add_argument(
        "--teachers",
        type=Path,
        nargs="+",
        default=[],
        metavar="RUN",
        help="finished runs on the same index, whose candidates teach in [distillation] beside this run's own seeds",
    )
    fit.add_argument(
        "--seeds",
        type=int,
        nargs="*",
        help="instead of the recipe's; the best on val is kept; none at all: teachers alone teach",
    )
    fit.add_argument("--epochs", type=int, help="instead of the recipe's")
    fit.add_argument("--threads", type=whole_number(0), default=0, metavar="N", help="CPU threads (default: all)")
    fit.add_argument(
        "--strategy",
        choices=STRATEGIES,
        default=NONE,
        help="mirrored: all GPUs of this host; multiworker: the hosts that TF_CONFIG names, each running this command",
    )
    fit.add_argument(
        "--devices",
        type=whole_number(0),
        default=0,
        metavar="N",
        help="mirrored: how many GPUs (default: all); without a GPU, into how many virtual devices the CPU is divided",
    )
    fit.add_argument("--out", type=Path, help="folder of the run (default: runs/NETWORK); a killed run goes on there")
    fit.set_defaults(run=_fit)


def _fit(args: argparse.Namespace) -> int:
    recipe = load_recipe(args.recipe or shipped_recipe(args.network), epochs=args.epochs, seeds=args.seeds)
    require_teachers(recipe, bool(args.teachers))
    from .run_folder import read_run

    weights = choose_weights(recipe.network, args.weights)
    taught_by = [read_run(folder) for folder in args.teachers]
    cluster = read_cluster(os.environ.get("TF_CONFIG")) if args.strategy == MULTIWORKER else None
    from .cache import cache_option
    from .patch_index import read_index
    from .tiles import load_tiles

    rows = read_index(args.index)
    cache = cache_option(args.cache, args.index)
    train, val = (load_tiles(rows, side, cache) for side in ("train", "val"))
    from .crew import open_crew, others_may_fail  # TensorFlow is imported after the cheap checks
    from .experiment import run_experiment

    folder = args.out or Path("runs") / recipe.network
    with others_may_fail(cluster):
        crew = open_crew(args.strategy, args.devices, cluster, args.threads)
        result = run_experiment(recipe, train, val, folder, crew, weights, taught_by)
    if crew.leads:
        report = _report(folder, args.index, cache)
        print(json.dumps({"run": str(folder)} | result | {"report": report}))
    return 0


def _report(folder: Path, index: Path, cache: Path | None) -> str | None:
    """Leave a report on the validation patients in a finished run; return where, or None where none can be made."""
    from .bootstrap import Resampling
    from .evaluate.job import evaluate_job
    from .evaluate.judging import VAL, Scoring

    how = Scoring(index, cache, VAL, Resampling(), threads=1)
    try:
        return str(evaluate_job(str(folder), SENSITIVITIES, how, None)["report"])
    except BadInput as error:  # a network that tells nothing apart has no threshold: the run itself is whole
        logging.getLogger(__name__).warning("no report: %s", error)
        return None
