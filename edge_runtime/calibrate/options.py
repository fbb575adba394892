"""The command line of `cancernet calibrate`."""

from __future__ import annotations

import argparse
from pathlib import Path

from edge_runtime.console import whole_number

_HELP = """measure scale, lamp and focus of an instrument, and keep them in a file

One step after the other (each adds to FILE), or several at once from pictures:

cancernet calibrate pi: --objective 4x --micrometer --out instrument.json
cancernet calibrate pi: --blank --out instrument.json
cancernet calibrate pi: --tissue --out instrument.json
cancernet calibrate photos --objective 4x --micrometer m.png --blank blank.png --tissue field.png --out instrument.json
"""


def add_calibrate(commands: argparse._SubParsersAction[argparse.ArgumentParser], note: str) -> argparse.ArgumentParser:
    """Add the command and return its parser; whoever adds it sets what it runs."""
    parser = commands.add_parser(
        "calibrate",
        help="measure scale, lamp and focus of an instrument, and keep them in a file",
        description=_HELP,
        epilog=note,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="SOURCE", help="the camera, or pictures of it: as for run")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="make, or add to, this calibration")
    parser.add_argument("--new", action="store_true", help="start afresh: FILE's earlier parts go")
    _add_steps(parser)
    _add_optics(parser)
    about = parser.add_argument_group("what the file says of the instrument")
    about.add_argument("--objective", metavar="NAME", help="as engraved: 4x")
    about.add_argument(
        "--camera", metavar="KIND:NAME", help="which camera the pictures are of, as pi: or usb:/dev/video0"
    )
    about.add_argument("--name", help="what the calibration is called (default: FILE's)")
    about.add_argument("--valid-days", type=whole_number(1), metavar="N", help="it expires after N days (default: 30)")
    return parser


def _add_steps(parser: argparse.ArgumentParser) -> None:
    steps = parser.add_argument_group("what to look at", "without a value: SOURCE shows it now; one of them at a time")
    here = {"nargs": "?", "const": "", "metavar": "SOURCE"}
    steps.add_argument("--micrometer", **here, help="a stage micrometer: measures the scale")  # type: ignore[arg-type]
    steps.add_argument("--micrometer-um", type=float, default=10.0, metavar="X", help="from line to line (default: 10)")
    steps.add_argument("--blank", **here, help="clear glass: measures lamp, falloff and dirt")  # type: ignore[arg-type]
    steps.add_argument("--tissue", **here, help="sharp tissue: measures focus, checks the scale")  # type: ignore[arg-type]
    steps.add_argument("--average", type=whole_number(1), default=8, metavar="N", help="frames a step (default: 8)")
    steps.add_argument("--picture", type=Path, metavar="FILE", help="draw the micrometer's lines found into this PNG")


def _add_optics(parser: argparse.ArgumentParser) -> None:
    optics = parser.add_argument_group(
        "scale without a micrometer", "or beside one, to check it: --objective and the sensor, or the scale itself"
    )
    optics.add_argument("--um-per-px", metavar="X", help="µm of tissue that a pixel covers, where it is known")
    optics.add_argument(
        "--sensor", metavar="NAME", help="imx477 (Pi HQ), imx219 (2), imx708 (3), imx296 (GS), ov5647 (1)"
    )
    optics.add_argument(
        "--sensor-px-um", type=float, metavar="X", help="width of its pixels, where it has another name"
    )
    optics.add_argument(
        "--sensor-crop", metavar="WxH", help="the part that a frame shows, sensor px (default: all of a named sensor)"
    )
    optics.add_argument("--tube-mm", type=float, metavar="X", help="tube length, or focal length of the tube lens")
    optics.add_argument("--objective-tube-mm", type=float, metavar="X", help="that the objective was made for")
    optics.add_argument(
        "--relay", type=float, default=1.0, metavar="X", help="of an adapter's lens, as 0.5 (default: 1)"
    )
