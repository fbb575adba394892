"""The commands that make reports: explore, evaluate, compare."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from edge_runtime.console import whole_number

Commands = argparse._SubParsersAction
SENSITIVITIES = (0.9, 0.95, 0.99)
"""At which an evaluation tells thresholds, unless others are asked for."""


def add_report_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """Add explore, evaluate and compare to the workstation's commands."""
    explore = commands.add_parser("explore", help="look at the data of an index: a report as HTML and JSON")
    _add_index(explore)
    explore.add_argument("--out", type=Path, help="folder of the report (default: runs/reports)")
    explore.set_defaults(run=_explore)
    evaluate = commands.add_parser("evaluate", help="score a model or a run on patients kept aside: HTML and JSON")
    evaluate.add_argument(
        "subject", metavar="RUN|MODEL", help="a finished run's folder, a model file, or a shipped name"
    )
    evaluate.add_argument(
        "--sensitivity",
        type=_share,
        nargs="+",
        default=SENSITIVITIES,
        metavar="S",
        help="thresholds chosen on val for these shares of carcinoma tiles found (default: 0.9 0.95 0.99)",
    )
    evaluate.add_argument("--out", type=Path, help="folder of the report (default: RUN/report, runs/reports/MODEL)")
    _add_scoring(evaluate)
    evaluate.set_defaults(run=_evaluate)
    compare = commands.add_parser("compare", help="set two or more runs or models side by side: HTML and JSON")
    compare.add_argument("subjects", nargs="+", metavar="RUN|MODEL", help="two or more; differences are to the first")
    compare.add_argument("--out", type=Path, help="folder of the report (default: runs/reports)")
    compare.add_argument(
        "--other-data", action="store_true", help="compare runs that were trained on other data, with a warning"
    )
    _add_scoring(compare)
    compare.set_defaults(run=_compare)


def _add_index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    parser.add_argument("--cache", metavar="DIR|none", help="where decoded tiles are kept (default: beside the index)")


def _add_scoring(parser: argparse.ArgumentParser) -> None:
    _add_index(parser)
    parser.add_argument("--split", default="test", help="side of the index to score on (default: test)")
    parser.add_argument(
        "--resamples", type=whole_number(1), default=2000, metavar="N", help="of slides (default: 2000)"
    )
    parser.add_argument("--seed", type=whole_number(0), default=0, help="of the resamples (default: 0)")
    parser.add_argument("--threads", type=whole_number(1), default=2, metavar="N", help="default: 2")


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"expected a share between 0 and 1, such as 0.95, found {text!r}")
    return value


def _explore(args: argparse.Namespace) -> int:
    from .cache import cache_option
    from .explore.job import explore_job

    return _say(explore_job(args.index, cache_option(args.cache, args.index), args.out or Path("runs/reports")))


def _evaluate(args: argparse.Namespace) -> int:
    from .evaluate.job import evaluate_job

    return _say(evaluate_job(args.subject, args.sensitivity, _scoring(args), args.out))


def _compare(args: argparse.Namespace) -> int:
    from .compare.job import compare_job

    print(compare_job(args.subjects, _scoring(args), args.out or Path("runs/reports"), args.other_data))
    return 0


def _scoring(args: argparse.Namespace) -> Any:
    from .bootstrap import Resampling
    from .cache import cache_option
    from .evaluate.judging import Scoring

    cache = cache_option(args.cache, args.index)
    return Scoring(args.index, cache, args.split, Resampling(args.resamples, args.seed), args.threads)


def _say(result: dict[str, Any]) -> int:
    print(json.dumps(result))
    return 0
