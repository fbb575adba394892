"""The device's command line.

cancernet run synthetic: --out demo-out --frames 6
cancernet run slide:IDC_regular/8863 --out out
cancernet run microscope.png --um-per-px 0.39 --out out
cancernet serve pi: --session sessions
cancernet classify IDC_regular/8863 --out tiles.csv
cancernet calibrate pi: --objective 4x --micrometer --out instrument.json
cancernet inspect
cancernet selftest lean
cancernet export sessions/2026-11-21T203000Z-S12 --out S12
cancernet doctor --source pi:
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from . import __version__
from .calibrate.options import add_calibrate
from .console import DEVICE, run_command
from .doctor.options import add_doctor
from .export.options import add_export
from .live.serve_options import add_serve
from .live.server_options import add_password
from .model_options import add_interpreter, add_model, add_scale
from .note import NOTE
from .run_options import add_run
from .service.options import add_install_service
from .session.options import add_replay, add_sessions


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, do one thing, return an exit code: 0 done, 1 a check failed, 2 bad usage or input, 3 a device failed."""
    return run_command(_parser(), argv, DEVICE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cancernet", description=__doc__, epilog=NOTE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"cancernet-edge {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add_run(commands, NOTE).set_defaults(run=_run)
    add_serve(commands, NOTE).set_defaults(run=_serve)
    add_password(commands).set_defaults(run=_page_password)
    _add_classify(commands)
    add_calibrate(commands, NOTE).set_defaults(run=_calibrate)
    inspect = commands.add_parser("inspect", help="show everything in a model file, as JSON", epilog=NOTE)
    inspect.add_argument("model", nargs="?", metavar="MODEL", help="a file, or a shipped model's name (default: lean)")
    inspect.set_defaults(run=_inspect)
    selftest = commands.add_parser(
        "selftest", help="replay a model's golden vectors on this machine; exit 1 if it fails"
    )
    selftest.add_argument("model", nargs="?", metavar="MODEL", help="a file, or a shipped model's name (default: lean)")
    add_interpreter(selftest)
    selftest.set_defaults(run=_selftest)
    add_sessions(commands).set_defaults(run=_sessions)
    add_replay(commands).set_defaults(run=_replay)
    add_export(commands, NOTE).set_defaults(run=_export)
    add_doctor(commands).set_defaults(run=_doctor)
    add_install_service(commands).set_defaults(run=_install_service)
    return parser


def _add_classify(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    classify = commands.add_parser(
        "classify",
        help="tiles, IDC trees or pictures -> CSV: path,patient_id,x,y,probability,label,reason",
        epilog=NOTE,
    )
    classify.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a patch, an IDC tree or folder, a picture"
    )
    classify.add_argument("--out", type=Path, metavar="FILE", help="write the CSV here instead of standard output")
    add_scale(classify)
    add_model(classify)
    classify.set_defaults(run=_classify)


def _run(args: argparse.Namespace) -> int:
    from .run_job import run_job  # OpenCV, NumPy and the interpreter load only for the job that needs them

    return run_job(args)


def _page_password(args: argparse.Namespace) -> int:
    from .live.auth import password_job

    return password_job(args)


def _serve(args: argparse.Namespace) -> int:
    from .live.serve_job import serve_job

    return serve_job(args)


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


def _sessions(args: argparse.Namespace) -> int:
    from .session.listing import sessions_job

    return sessions_job(args)


def _replay(args: argparse.Namespace) -> int:
    from .session.replay_job import replay_job

    return replay_job(args)


def _export(args: argparse.Namespace) -> int:
    from .export.job import export_job

    return export_job(args)


def _doctor(args: argparse.Namespace) -> int:
    from .doctor.job import doctor_job

    return doctor_job(args)


def _install_service(args: argparse.Namespace) -> int:
    from .service.installing import install_job

    return install_job(args, _parser().parse_args)
