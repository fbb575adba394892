"""The command line of `cancernet install-service`."""

from __future__ import annotations

import argparse

from .unit import NAME

_EPILOG = f"""\
sudo cancernet install-service run pi: --calibration /etc/cancernet/instrument.json --session /var/lib/{NAME}/sessions
sudo cancernet install-service serve pi: --session /var/lib/{NAME}/sessions --host 0.0.0.0 --pair --tls self-signed
cancernet install-service --dry-run run synthetic: --session /var/lib/{NAME}/sessions
sudo cancernet install-service --remove
"""


def add_install_service(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command and return its parser; whoever adds it sets what it runs."""
    install = commands.add_parser(
        "install-service",
        help="let the system start a run, watch it, and start it again",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    install.add_argument("--dry-run", action="store_true", help="print the systemd unit and change nothing")
    install.add_argument("--remove", action="store_true", help="stop the service and remove it; its records stay")
    install.add_argument(
        "--user", default=NAME, metavar="NAME", help=f"who runs it (default: {NAME}, made where it is missing)"
    )
    install.add_argument(
        "job", nargs=argparse.REMAINDER, metavar="run|serve ...", help="what it runs, with all its options"
    )
    return install
