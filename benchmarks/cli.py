"""Measure what matters, and put it where people read it.

python -m benchmarks latency --out runs/latency.json --markdown runs/latency.md
python -m benchmarks latency --model lean --threads 1 2 4 --readme docs/latency.md
python -m benchmarks accuracy IDC_FOLDER --splits splits.csv --split test --readme docs/accuracy.md
python -m benchmarks gates --reject PICTURES --split train val
python -m benchmarks feed --threads 2
python -m benchmarks pareto runs/accuracy.json runs/latency.json --out docs/pareto.svg
python -m benchmarks table runs/latency.json --readme docs/latency.md
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from edge_runtime.console import run_command, whole_number
from edge_runtime.interpreters import AUTO, RUNTIMES

from .feed_cli import add_feed_command
from .pareto import add_pareto_command


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, do one thing, return an exit code: 0 done, 1 a measured program failed, 2 bad usage or input."""
    return run_command(_parser(), argv)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_latency(commands)
    _add_accuracy(commands)
    _add_gates(commands)
    add_pareto_command(commands)
    _add_record_targets(add_feed_command(commands))
    shown = commands.add_parser("table", help="a record made earlier, or on another board -> its Markdown table")
    shown.add_argument("record", type=Path, metavar="RECORD", help="JSON that one of the others wrote")
    _add_targets(shown)
    shown.set_defaults(run=_table)
    return parser


def _add_latency(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    latency = commands.add_parser("latency", help="time a tile, a batch, a frame and the whole process on this board")
    _add_models(latency)
    latency.add_argument("--threads", type=whole_number(1), nargs="+", default=[1, 2], metavar="N", help="default: 1 2")
    latency.add_argument(
        "--interpreter", action="append", choices=tuple(RUNTIMES), help="for one tile; repeatable (default: all)"
    )
    latency.add_argument(
        "--batches", type=whole_number(1), nargs="+", default=[1, 8, 48], metavar="N", help="default: 1 8 48"
    )
    latency.add_argument("--rounds", type=whole_number(1), default=30, metavar="N", help="of each race (default: 30)")
    latency.add_argument(
        "--process-runs",
        type=whole_number(0),
        default=3,
        metavar="N",
        help="starts of `cancernet run` (default: 3; 0: none)",
    )
    _add_record_targets(latency)
    latency.set_defaults(run=_latency)


def _add_accuracy(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    accuracy = commands.add_parser("accuracy", help="score models and their float parents on patients kept aside")
    accuracy.add_argument("folder", type=Path, metavar="DIR", help="the IDC archive: a tree of patients, or flat")
    accuracy.add_argument(
        "--splits", type=Path, required=True, metavar="CSV", help="columns patient_id, split[, group]"
    )
    accuracy.add_argument("--split", default="test", help="side of the splits to score (default: test)")
    _add_models(accuracy)
    accuracy.add_argument("--interpreter", choices=(AUTO, *RUNTIMES), default=AUTO, help="default: what is installed")
    accuracy.add_argument("--threads", type=whole_number(1), default=2, metavar="N", help="default: 2")
    accuracy.add_argument(
        "--resamples", type=whole_number(1), default=2000, metavar="N", help="of slides (default: 2000)"
    )
    accuracy.add_argument("--seed", type=whole_number(0), default=0, help="of the resamples (default: 0)")
    _add_record_targets(accuracy)
    accuracy.set_defaults(run=_accuracy)


def _add_gates(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    gates = commands.add_parser("gates", help="what the gates refuse of tissue, glass, pen, and ink laid over tissue")
    gates.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    gates.add_argument(
        "--split", nargs="+", default=["train", "val"], metavar="SPLIT", help="sides to measure (default: train val)"
    )
    gates.add_argument("--reject", type=Path, metavar="DIR", help="pictures of glass and, where named so, of pen")
    gates.add_argument("--um-per-px", type=float, default=4.0, metavar="X", help="of these pictures (default: 4)")
    gates.add_argument(
        "--model", metavar="MODEL", help="measure the gates of a model file or shipped name (default: as packed next)"
    )
    _add_record_targets(gates)
    gates.set_defaults(run=_gates)


def _add_models(parser: argparse.ArgumentParser) -> None:
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


def _add_record_targets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the JSON here instead of standard output")
    _add_targets(parser)


def _add_targets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table here")
    parser.add_argument("--readme", type=Path, metavar="FILE", help="put the table between the markers of this file")


def _latency(args: argparse.Namespace) -> int:
    from .contenders import open_contenders
    from .latency import Choice, measure_latency
    from .record import check_targets, give_record

    check_targets(args, "latency")
    choice = Choice(
        tuple(args.threads),
        tuple(args.interpreter or RUNTIMES),
        tuple(args.batches),
        args.rounds,
        args.process_runs,
    )
    give_record(measure_latency(open_contenders(args.model, args.reference), choice, _now()), args)
    return 0


def _accuracy(args: argparse.Namespace) -> int:
    from train.bootstrap import Resampling

    from .accuracy import measure_accuracy, read_tiles
    from .contenders import open_contenders
    from .record import check_targets, give_record

    check_targets(args, "accuracy")
    contenders = open_contenders(args.model, args.reference)
    data = read_tiles(args.folder, args.splits, args.split, contenders[0].model.contract.tile_px)
    resampling = Resampling(args.resamples, args.seed)
    give_record(measure_accuracy(contenders, data, resampling, args.interpreter, args.threads, _now()), args)
    return 0


def _gates(args: argparse.Namespace) -> int:
    from edge_runtime.scale import check_um_per_px
    from train.formats import IDC

    from .gates import measure_gates
    from .gates_inputs import gates_of, read_pictures, read_sides
    from .record import check_targets, give_record

    check_targets(args, "gates")
    gates = gates_of(args.model)
    pictures = read_pictures(args.reject, check_um_per_px(args.um_per_px)) if args.reject else []
    give_record(measure_gates(gates, read_sides(args.index, args.split), pictures, IDC.labels, _now()), args)
    return 0


def _table(args: argparse.Namespace) -> int:
    from .record import give_table, read_record, to_markdown

    record = read_record(args.record)
    if args.markdown or args.readme:
        give_table(record, args)
    else:
        print(to_markdown(record), end="")
    return 0


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%d")
