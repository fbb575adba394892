"""The command line of `cancernet doctor`."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_runtime.interpreters import AUTO, RUNTIMES


def add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command and return its parser; whoever adds it sets what it runs."""
    doctor = commands.add_parser(
        "doctor", help="look this computer over: what would keep a run from working, and the mend"
    )
    doctor.add_argument(
        "--source", metavar="SOURCE", help="take a frame from it, as pi: or usb:0 (default: list cameras)"
    )
    doctor.add_argument(
        "--records", type=Path, metavar="DIR", help="where records are to go (default: the service's, or here)"
    )
    doctor.add_argument("--model", metavar="MODEL", help="a model file, or a shipped model's name (default: lean)")
    doctor.add_argument("--interpreter", choices=(AUTO, *RUNTIMES), default=AUTO, help="default: what is installed")
    doctor.add_argument("--json", action="store_true", help="for a program to read")
    return doctor
