"""The command line of `cancernet run`."""

from __future__ import annotations

import argparse
from pathlib import Path

from .console import whole_number
from .model_options import add_model, add_scale
from .session.options import add_session


def add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser], note: str) -> argparse.ArgumentParser:
    """Add the command and return its parser; whoever adds it sets what it runs."""
    run = commands.add_parser("run", help="capture, classify, record: the main job", epilog=note)
    run.add_argument("source", metavar="SOURCE", help="synthetic:, slide:PATH, video:PATH, folder:PATH, or a bare path")
    run.add_argument("--out", type=Path, metavar="DIR", help="record here: frames.jsonl, overlays/, summary.json")
    run.add_argument("--overwrite", action="store_true", help="replace an earlier run's records in DIR")
    run.add_argument("--no-overlay", action="store_true", help="draw no overlay pictures")
    run.add_argument("--frames", type=whole_number(1), metavar="N", help="stop after N frames")
    add_pace(run)
    scale = run.add_mutually_exclusive_group()
    add_scale(scale)
    scale.add_argument(
        "--calibration", type=Path, metavar="FILE", help="what `cancernet calibrate` made of this camera: scale, light"
    )
    run.add_argument("--objective", metavar="NAME", help="the one in use, as 4x: held against that of the calibration")
    run.add_argument(
        "--camera", metavar="KIND:NAME", help="which camera the pictures are of, for the calibration: as pi:"
    )
    add_model(run)
    add_session(run)
    return run


def add_pace(parser: argparse.ArgumentParser) -> None:
    """Add how many looks a field is given, how many frames wait, and whether the board may rest."""
    parser.add_argument(
        "--looks",
        type=_looks,
        default=8,
        metavar="N",
        help="frames of one field that are averaged, of a camera or a stage; then its result stands. "
        "off: each by itself (default: 8)",
    )
    parser.add_argument(
        "--ahead",
        type=whole_number(1),
        default=1,
        metavar="N",
        help="frames that wait at most; a live camera leaves the oldest out (default: 1)",
    )
    parser.add_argument(
        "--heat",
        choices=("auto", "on", "off"),
        default="auto",
        help="rest between frames when the processor is hot; auto: on a board such as a Raspberry Pi (default)",
    )


def _looks(text: str) -> int:
    return 0 if text == "off" else whole_number(1)(text)
