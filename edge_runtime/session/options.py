"""The options of sessions on the command line."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from edge_runtime.errors import BadInput
from edge_runtime.model_options import add_interpreter

from .folder import check_label

NONE, PICTURES, FIELDS, FRAMES = KEEP = ("none", "pictures", "fields", "frames")
"""What is kept of a field beside numbers: nothing; a thumbnail; and what the pipeline saw, bit for bit; and what the
camera gave."""


def add_session(run: argparse.ArgumentParser) -> None:
    """Add to `cancernet run` what a session is of, and what is kept of it."""
    group = run.add_argument_group("session", "a record that a pulled plug cannot spoil; docs/sessions.md tells of it")
    group.add_argument("--session", type=Path, metavar="DIR", help="record in a new folder below this one")
    group.add_argument("--slide", metavar="LABEL", help="the label on the slide")
    group.add_argument("--operator", metavar="NAME", help="who is at the instrument")
    group.add_argument(
        "--keep",
        choices=KEEP,
        help="of each field nothing but numbers; a thumbnail; what the model saw, to replay it bit for bit (default); "
        "or what the camera gave, too, without loss (large)",
    )
    group.add_argument(
        "--storage-gb",
        type=gigabytes,
        metavar="G",
        help="what all sessions below DIR may take; pictures of the oldest go first, numbers stay "
        "(default: the disk less 0.25)",
    )


def add_sessions(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command that lists sessions and return its parser; whoever adds it sets what it runs."""
    sessions = commands.add_parser("sessions", help="list sessions, a line of JSON each; exit 2 if one cannot be read")
    sessions.add_argument("path", type=Path, metavar="DIR", help="a folder of sessions, or one session")
    sessions.add_argument(
        "--mend", action="store_true", help="check every number first, and save what can be read of damaged ones"
    )
    return sessions


def add_replay(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command that judges a session again and return its parser; whoever adds it sets what it runs."""
    replay = commands.add_parser(
        "replay",
        help="judge a session's fields again, to the bit or with another model; exit 1 if its own model says otherwise",
    )
    replay.add_argument(
        "session", type=Path, metavar="SESSION", help="its folder; recorded with --keep fields or frames"
    )
    replay.add_argument("--model", metavar="MODEL", help="a model file or shipped name (default: the session's own)")
    replay.add_argument("--out", type=Path, metavar="FILE", help="write the lines here instead of standard output")
    add_interpreter(replay)
    return replay


def check_session_options(args: argparse.Namespace, label: str = "slide") -> None:
    """Raise BadInput where options of a session cannot be used, or stand there without one; before anything opens.

    `label` is the option that takes the slide's label.
    """
    if args.session is None:
        for option in (label, "operator", "storage_gb", "keep"):
            if getattr(args, option) is not None:
                raise BadInput(f"expected --session DIR beside --{option.replace('_', '-')}, found none; give it")
        return
    check_label(getattr(args, label) or "", "label of a slide")
    check_label(args.operator or "", "name of an operator")


def gigabytes(text: str) -> float:
    """Return a number of gigabytes above 0, for argparse."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"expected gigabytes above 0, as 16 or 0.5, found {text!r}")
    return value
