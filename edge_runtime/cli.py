"""The device's command line.

cancernet run synthetic: --out demo-out --frames 6
cancernet run slide:IDC_regular/8863 --out out
cancernet run microscope.png --um-per-px 0.39 --out out
cancernet classify IDC_regular/8863 --out tiles.csv
cancernet calibrate pi: --objective 4x --micrometer --out instrument.json
cancernet inspect
cancernet selftest lean
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from . import __version__
from .calibrate.options import add_calibrate
from .console import DEVICE, run_command, whole_number
from .interpreters import AUTO, RUNTIMES

_NOTE = "Research use only: not a diagnosis, not a medical device."


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, do one thing, return an exit code: 0 done, 1 a check failed, 2 bad usage or input, 3 a device failed."""
    return run_command(_parser(), argv, DEVICE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cancernet", description=__doc__, epilog=_NOTE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"cancernet-edge {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    _add_classify(commands)
    add_calibrate(commands, _NOTE).set_defaults(run=_calibrate)
    inspect = commands.add_parser("inspect", help="show everything in a model file, as JSON", epilog=_NOTE)
    inspect.add_argument("model", nargs="?", metavar="MODEL", help="a file, or a shipped model's name (default: lean)")
    inspect.set_defaults(run=_inspect)
    selftest = commands.add_parser(
        "selftest", help="replay a model's golden vectors on this machine; exit 1 if it fails"
    )
    selftest.add_argument("model", nargs="?", metavar="MODEL", help="a file, or a shipped model's name (default: lean)")
    _add_interpreter(selftest)
    selftest.set_defaults(run=_selftest)
    return parser


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser("run", help="capture, classify, record: the main job", epilog=_NOTE)
    run.add_argument("source", metavar="SOURCE", help="synthetic:, slide:PATH, video:PATH, folder:PATH, or a bare path")
    run.add_argument("--out", type=Path, metavar="DIR", help="record here: frames.jsonl, overlays/, summary.json")
    run.add_argument("--overwrite", action="store_true", help="replace an earlier run's records in DIR")
    run.add_argument("--no-overlay", action="store_true", help="draw no overlay pictures")
    run.add_argument("--frames", type=whole_number(1), metavar="N", help="stop after N frames")
    run.add_argument(
        "--looks",
        type=_looks,
        default=8,
        metavar="N",
        help="frames of one field that are averaged, of a camera or a stage; then its result stands. "
        "off: each by itself (default: 8)",
    )
    run.add_argument(
        "--ahead",
        type=whole_number(1),
        default=1,
        metavar="N",
        help="frames that wait at most; a live camera leaves the oldest out (default: 1)",
    )
    run.add_argument(
        "--heat",
        choices=("auto", "on", "off"),
        default="auto",
        help="rest between frames when the processor is hot; auto: on a board such as a Raspberry Pi (default)",
    )
    scale = run.add_mutually_exclusive_group()
    _add_scale(scale)
    scale.add_argument("--calibration", type=Path, metavar="FILE", help="a calibration file, which holds the scale")
    _add_model(run)
    run.set_defaults(run=_run)


def _looks(text: str) -> int:
    return 0 if text == "off" else whole_number(1)(text)


def _add_classify(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    classify = commands.add_parser(
        "classify",
        help="tiles, IDC trees or pictures -> CSV: path,patient_id,x,y,probability,label,reason",
        epilog=_NOTE,
    )
    classify.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a patch, an IDC tree or folder, a picture"
    )
    classify.add_argument("--out", type=Path, metavar="FILE", help="write the CSV here instead of standard output")
    _add_scale(classify)
    _add_model(classify)
    classify.set_defaults(run=_classify)


def _add_scale(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--um-per-px", metavar="X", help="µm of tissue a pixel covers; IDC patches carry 4 themselves")


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", metavar="MODEL", help="a model file, or a shipped model's name (default: lean)")
    parser.add_argument(
        "--operating-point", metavar="NAME", help="balanced_accuracy (default), or a sensitivity, as sensitivity95"
    )
    parser.add_argument(
        "--gates",
        default="on",
        metavar="on|off|REASONS",
        help="off judges glass and pen too; or those that are to refuse, as no_tissue,out_of_focus (default: on)",
    )
    parser.add_argument(
        "--gate",
        action="append",
        default=[],
        metavar="REASON.CONSTANT=NUMBER",
        help="change a constant of the model's gates, as out_of_focus.min_sharpness=0.3; repeatable",
    )
    parser.add_argument(
        "--context",
        choices=("auto", "off"),
        default="auto",
        help="auto judges each tile among its neighbours, where the model can and their places are known (default)",
    )
    _add_interpreter(parser)


def _add_interpreter(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--interpreter", choices=(AUTO, *RUNTIMES), default=AUTO, help="default: what is installed")
    parser.add_argument(
        "--threads",
        type=whole_number(1),
        default=min(4, os.cpu_count() or 1),
        metavar="N",
        help="of the interpreter, and of OpenCV in `run` (default: all, 4 at most)",
    )


def _run(args: argparse.Namespace) -> int:
    from .run_job import run_job  # OpenCV, NumPy and the interpreter load only for the job that needs them

    return run_job(args)


def _classify(args: argparse.Namespace) -> int:
    from .classify_job import classify_job

    return classify_job(args)


def _calibrate(args: argparse.Namespace) -> int:
    from .calibrate.job import calibrate_job

    return calibrate_job(args)


def _inspect(args: argparse.Namespace) -> int:
    from .describe import inspect_job

    return inspect_job(args)


def _selftest(args: argparse.Namespace) -> int:
    from .describe import selftest_job

    return selftest_job(args)
