"""The command line of `cancernet serve`."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_runtime.model_options import add_model, add_scale
from edge_runtime.run_options import add_pace
from edge_runtime.session.options import KEEP, gigabytes

from .mqtt_options import add_mqtt
from .server_options import add_server


def add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser], note: str) -> argparse.ArgumentParser:
    """Add the command and return its parser; whoever adds it sets what it runs."""
    serve = commands.add_parser("serve", help="classify, and show and lead it from a phone's browser", epilog=note)
    serve.add_argument("source", metavar="SOURCE", help="as for run: pi:, usb:/dev/video0, synthetic:, a path")
    add_pace(serve)
    scale = serve.add_mutually_exclusive_group()
    add_scale(scale)
    scale.add_argument(
        "--calibration",
        type=Path,
        metavar="FILE",
        help="scale and light; the guided calibration writes it, so it need not be there yet (default: instrument.json "
        "below --session)",
    )
    serve.add_argument(
        "--objective", metavar="NAME", help="the one in use, as 4x: held against that of the calibration"
    )
    serve.add_argument(
        "--camera", metavar="KIND:NAME", help="which camera the pictures are of, for the calibration: as pi:"
    )
    add_model(serve)
    _add_sessions(serve)
    add_server(serve)
    add_mqtt(serve)
    return serve


def _add_sessions(serve: argparse.ArgumentParser) -> None:
    group = serve.add_argument_group("sessions", "started and ended on the page; docs/sessions.md tells of them")
    group.add_argument("--session", type=Path, metavar="DIR", help="the folder of all sessions; without, none is kept")
    group.add_argument("--keep", choices=KEEP, help="what is kept of each field, as for run (default: fields)")
    group.add_argument("--operator", metavar="NAME", help="who is at the instrument, where the page does not say it")
    group.add_argument("--storage-gb", type=gigabytes, metavar="G", help="what all sessions below DIR may take")
    group.add_argument("--record", metavar="LABEL", help="start a session of this slide with the first frame")
