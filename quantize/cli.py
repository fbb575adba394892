"""From a trained run to the one model file.

python -m quantize convert runs/lean
python -m quantize parity runs/lean --split test
python -m quantize pack runs/lean --out edge_runtime/models/lean.tflite
python -m quantize parity edge_runtime/models/lean.tflite --reference quantize/reference/lean.tflite
python -m quantize recalibrate lean --reference quantize/reference/lean.tflite --version 0.3.0-own --out own.tflite
python -m quantize regate lean --out regated.tflite
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from edge_runtime import __version__
from edge_runtime.console import describe, run_command
from train.recipe_parts import PTQ, QAT

from .recalibrate_cli import add_recalibrate_command, add_sensitivity_option
from .regate import add_regate_command
from .run_files import PARITY


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, do one thing, return an exit code: 0 done, 1 parity failed, 2 bad usage or input."""
    return run_command(_parser(), argv)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m quantize", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    convert = commands.add_parser(
        "convert", help="a run -> full int8 and float graphs, thresholds from validation patients"
    )
    convert.add_argument("folder", type=Path, metavar="RUN", help="folder of a finished `python -m train fit`")
    convert.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    convert.add_argument("--method", choices=(QAT, PTQ), help="fine-tuned or calibrated (default: as fit left it)")
    convert.add_argument("--version", default=__version__, help=f"of the model (default: {__version__})")
    add_sensitivity_option(convert)
    convert.set_defaults(run=_convert)
    parity = commands.add_parser(
        "parity", help="int8 against its float parent on held-out patients; exit 1 when it fails"
    )
    parity.add_argument("model", type=Path, metavar="RUN_OR_MODEL", help="a converted run's folder, or a model file")
    parity.add_argument("--reference", type=Path, help="the float parent's model file; needed beside a model file")
    parity.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    parity.add_argument("--split", default="test", help="train, val or test (default: test)")
    parity.add_argument("--out", type=Path, help="write the report here too (a run's goes into its folder)")
    parity.set_defaults(run=_parity)
    pack = commands.add_parser("pack", help="a converted run with its parity report -> the one model file")
    pack.add_argument("folder", type=Path, metavar="RUN", help="folder of a converted run")
    pack.add_argument("--out", type=Path, required=True, metavar="FILE", help="the model file to write")
    pack.add_argument("--reference", type=Path, metavar="FILE", help="where to write the float parent (default: not)")
    pack.set_defaults(run=_pack)
    add_recalibrate_command(commands)
    add_regate_command(commands)
    describe(commands)
    return parser


def _convert(args: argparse.Namespace) -> int:
    from train.run_folder import read_run

    from .steps import convert_run

    run = read_run(args.folder)  # before TensorFlow is loaded
    print(json.dumps(convert_run(run, args.index, args.method, args.version, args.sensitivity)))
    return 0


def _parity(args: argparse.Namespace) -> int:
    from edge_runtime.atomic import write_text
    from edge_runtime.errors import EXIT_CHECK_FAILED, EXIT_DONE, BadInput

    from .steps import parity_of_files, parity_of_run
    from .verdict import log_verdict

    if args.model.is_dir():
        report = parity_of_run(args.model, args.index, args.split)
        out = args.out or args.model / PARITY
    elif args.reference is None:
        raise BadInput(
            "expected --reference FILE, the float parent, beside a model file; quantize/reference/ holds them"
        )
    else:
        report = parity_of_files(args.model, args.reference, args.index, args.split)
        out = args.out
    if out:
        write_text(out, json.dumps(report, indent=2) + "\n")
    print(json.dumps(report))
    log_verdict(report)
    return EXIT_DONE if report["passed"] else EXIT_CHECK_FAILED


def _pack(args: argparse.Namespace) -> int:
    from .steps import pack_run

    print(json.dumps(pack_run(args.folder, args.out, args.reference)))
    return 0
