"""What stands behind `cancernet doctor`: the table of checks, and the report."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from edge_runtime.errors import EXIT_CHECK_FAILED, EXIT_DONE
from edge_runtime.service.asked import STATE

from .camera import check_camera, check_rights
from .clock import check_clock
from .computer import check_computer, check_memory, check_power, check_temperature
from .finding import Finding, as_json, as_text, has_failed
from .look import Look
from .packages import check_environment, check_interpreter, check_packages
from .service_state import check_service
from .storage import check_disk

CHECKS: tuple[Callable[[Look], Iterator[Finding]], ...] = (
    check_computer,
    check_memory,
    check_temperature,
    check_power,
    check_clock,
    check_disk,
    check_environment,
    check_packages,
    check_interpreter,
    check_rights,
    check_camera,
    check_service,
)
"""In the order of the report; a new check is a function and a row."""


def doctor_job(args: argparse.Namespace) -> int:
    """Look this computer over and print what was found; exit code 1 where a check failed."""
    look = Look(args.source, args.records or _records(), args.model, args.interpreter)
    findings = [finding for check in CHECKS for finding in check(look)]
    print(as_json(findings) if args.json else as_text(findings, sys.stdout.isatty()))
    return EXIT_CHECK_FAILED if has_failed(findings) else EXIT_DONE


def _records() -> Path:
    """Return where records most likely go: the service's folder where it is there, else here."""
    return STATE if STATE.is_dir() else Path.cwd()
