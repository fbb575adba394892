"""Options that several commands share: the scale, the model, what runs it."""

from __future__ import annotations

import argparse
import os

from .console import whole_number
from .interpreters import AUTO, RUNTIMES


def add_scale(parser: argparse._ActionsContainer) -> None:
    """Add how a person says what scale a picture has."""
    parser.add_argument("--um-per-px", metavar="X", help="µm of tissue a pixel covers; IDC patches carry 4 themselves")


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add which model judges, and how."""
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
    add_interpreter(parser)


def add_interpreter(parser: argparse.ArgumentParser) -> None:
    """Add what runs the model."""
    parser.add_argument("--interpreter", choices=(AUTO, *RUNTIMES), default=AUTO, help="default: what is installed")
    parser.add_argument(
        "--threads",
        type=whole_number(1),
        default=min(4, os.cpu_count() or 1),
        metavar="N",
        help="of the interpreter, and of OpenCV in `run` (default: all, 4 at most)",
    )
