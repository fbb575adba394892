"""From a trained run to the one model file.

python -m quantize convert runs/lean
python -m quantize parity runs/lean --split test
python -m quantize pack runs/lean --out edge_runtime/models/lean.tflite
python -m quantize parity edge_runtime/models/lean.tflite --reference quantize/reference/lean.tflite
python -m quantize recalibrate lean --reference quantize/reference/lean.tflite --version 0.2.0-own --out own.tflite
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_runtime.console import run_command
from train.recipe_parts import PTQ, QAT

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
    convert.add_argument("--version", default="0.2.0", help="of the model (default: 0.2.0)")
    _add_sensitivity(convert)
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
    _add_recalibrate(commands)
    return parser


def _add_recalibrate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    again = commands.add_parser(
        "recalibrate", help="the same graph, with thresholds, calibration and context from your own validation slides"
    )
    again.add_argument("model", metavar="MODEL", help="an int8 model file, or a shipped model's name")
    again.add_argument("--reference", type=Path, required=True, metavar="FILE", help="its float parent's model file")
    again.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    again.add_argument("--split", default="test", help="held against the parent on these patients (default: test)")
    again.add_argument("--version", required=True, help="of the new model; not that of the old one")
    again.add_argument("--out", type=Path, required=True, metavar="FILE", help="the model file to write")
    again.add_argument("--reference-out", type=Path, metavar="FILE", help="where to write the parent (default: not)")
    kernel = again.add_mutually_exclusive_group()
    kernel.add_argument(
        "--context",
        metavar="RADIUS,SIGMA,OWN",
        help="what neighbours weigh: 1,0,1 is the mean over 3x3 tiles, 0,0,1 is none (default: the model's own)",
    )
    kernel.add_argument("--recipe", type=Path, metavar="TOML", help="take its [context]")
    again.add_argument(
        "--stain-strength",
        type=float,
        metavar="SHARE",
        help="normalize each slide's stain balance towards the index's training slides: 0 not, 1 all the way (default: "
        "as in the model)",
    )
    _add_sensitivity(again)
    again.set_defaults(run=_recalibrate)


def _add_sensitivity(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sensitivity",
        type=float,
        default=0.95,
        metavar="SHARE",
        help="that the second operating point is to reach on validation slides (default: 0.95)",
    )


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
    _say(report)
    return EXIT_DONE if report["passed"] else EXIT_CHECK_FAILED


def _pack(args: argparse.Namespace) -> int:
    from .steps import pack_run

    print(json.dumps(pack_run(args.folder, args.out, args.reference)))
    return 0


def _recalibrate(args: argparse.Namespace) -> int:
    from edge_runtime.errors import EXIT_CHECK_FAILED, EXIT_DONE
    from edge_runtime.model_file import find_model
    from train.recipe import load_recipe

    from .recalibrate import Recalibration, recalibrate
    from .thresholds import read_context

    job = Recalibration(
        find_model(args.model),
        args.reference,
        args.index,
        args.split,
        args.out,
        args.reference_out,
        args.version,
        load_recipe(args.recipe).context if args.recipe else read_context(args.context),
        args.sensitivity,
        args.stain_strength,
    )
    report = recalibrate(job)
    print(json.dumps(report))
    _say(report)
    return EXIT_DONE if report["passed"] else EXIT_CHECK_FAILED


def _say(report: dict[str, Any]) -> None:
    import logging

    from .parity_context import context_in_words

    log = logging.getLogger(__name__)
    for side in ("float", "int8"):
        score = report[side]
        log.info(
            "%-5s AUC %.4f, balanced accuracy %.4f, F1 %.4f",
            side,
            score["auc"],
            score["balanced_accuracy"],
            score["f1"],
        )
    log.info(
        "%d tiles of %s: balanced accuracy drop %+.4f, agreement %.2f %%: %s",
        report["tiles"],
        report["split"],
        report["balanced_accuracy_drop"],
        100 * report["agreement"],
        "passed" if report["passed"] else "FAILED: " + "; ".join(report["failures"]),
    )
    for line in context_in_words(report["context"]):
        log.info("%s", line)
