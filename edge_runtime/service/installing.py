"""Put the service into a system, or take it out of it: user, unit, start. What stands behind `install-service`."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from edge_runtime.atomic import write_text
from edge_runtime.errors import EXIT_DONE, BadInput, CheckFailed

from .asked import STATE, recorded_in, unit_of
from .unit import NAME, Unit

log = logging.getLogger(__name__)

UNIT_FILE, USER_FILE = Path(f"etc/systemd/system/{NAME}.service"), Path(f"etc/sysusers.d/{NAME}.conf")
"""Below the root of the system."""
BOOTED = Path("run/systemd/system")
"""There only where systemd runs (man sd_booted)."""
_USER = f'u {NAME} - "CancerNet Edge" {STATE}\n'

Do = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]
Parse = Callable[[Sequence[str]], argparse.Namespace]


def run_program(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a program of the system and return what it said."""
    return subprocess.run(words, capture_output=True, text=True, check=False)


def install_job(args: argparse.Namespace, parse: Parse, do: Do = run_program, base: Path = Path("/")) -> int:
    """Install the service that `args` describe below `base`, or remove it; `parse` is our command line, for the job."""
    if args.remove:
        _require_root()
        return _remove(base, do)
    words = args.job[1:] if args.job[:1] == ["--"] else args.job
    if not words or words[0] not in ("run", "serve"):
        raise BadInput(f"expected the job of the service, as `run pi: ...`, found {' '.join(words) or 'nothing'}")
    job = parse(words)
    unit = unit_of(words, job, args.user)
    text = unit.text(systemd_version(do))
    if args.dry_run:
        print(text, end="")
        return EXIT_DONE
    _require_root()
    _require_program(unit.command[:4], do)
    if unit.user == NAME:
        write_text(base / USER_FILE, _USER)
        _must(do, ["systemd-sysusers", str(base / USER_FILE)], "make the service's user")
    _check_user(unit, job)
    write_text(base / UNIT_FILE, text)
    _start(base, do)
    return EXIT_DONE


def systemd_version(do: Do) -> int:
    """Return the version of the systemd that is here; BadInput where there is none."""
    if shutil.which("systemctl") is None:
        raise BadInput("expected a system with systemd, as Raspberry Pi OS is, found no systemctl; start it otherwise")
    found = do(["systemctl", "--version"]).stdout.split()
    return int(found[1]) if len(found) > 1 and found[1].isdecimal() else 0


def _start(base: Path, do: Do) -> None:
    """Have the service start with the system, and now where that runs: an image that is built in a chroot does not."""
    _must(do, ["systemctl", "enable", NAME], "enable the service")
    if not (base / BOOTED).is_dir():
        log.info("installed; it starts with this system")
        return
    _must(do, ["systemctl", "daemon-reload"], "have systemd read the unit")
    _must(do, ["systemctl", "restart", NAME], f"start the service; `journalctl -u {NAME} -n 50` says why")
    log.info("%s runs, and starts with the system; `systemctl status %s` tells how it is doing", NAME, NAME)
    if os.environ.get("SUDO_USER"):
        log.info("to read its records: sudo usermod -a -G %s %s, then log in again", NAME, os.environ["SUDO_USER"])


def _remove(base: Path, do: Do) -> int:
    """Stop and forget the service; its records and its user stay."""
    if not (base / UNIT_FILE).exists():
        log.info("no service %s is installed", NAME)
        return EXIT_DONE
    is_booted = (base / BOOTED).is_dir()
    _must(do, ["systemctl", "disable", *(["--now"] if is_booted else []), NAME], "stop the service")
    for file in (UNIT_FILE, USER_FILE):
        (base / file).unlink(missing_ok=True)
    if is_booted:
        _must(do, ["systemctl", "daemon-reload"], "have systemd forget the unit")
    log.info("removed the service; its records in %s stay", STATE)
    return EXIT_DONE


def _require_root() -> None:
    if os.geteuid() != 0:
        raise BadInput("expected root, to write a unit; write `sudo` before it, or look first with --dry-run")


def _require_program(python: Sequence[str], do: Do) -> None:
    """See that the command of the unit can be started from anywhere; a checkout that is not installed cannot."""
    found = do([*python, "--version"])
    if found.returncode != 0:
        raise BadInput(
            f"expected cancernet to be installed in {sys.prefix}, found that `{' '.join(python)}` does not start; "
            "install it there: pip install -r requirements-edge.txt ."
        )


def _check_user(unit: Unit, job: argparse.Namespace) -> None:
    """See that the user exists, is not root, and owns the folders that lie elsewhere."""
    import pwd  # not on Windows

    try:
        number = pwd.getpwnam(unit.user).pw_uid
    except KeyError:
        raise BadInput(f"expected a user of this system, found {unit.user!r}; leave --user out") from None
    if number == 0:
        raise BadInput("expected a user without rights for the service, found root; leave --user out")
    for folder in recorded_in(job):
        if str(folder) in unit.writable and not (folder.is_dir() and folder.stat().st_uid == number):
            raise BadInput(
                f"expected a folder of the user {unit.user} at {folder}; make it: "
                f"sudo install -d -m 750 -o {unit.user} {folder}"
            )


def _must(do: Do, words: Sequence[str], what: str) -> None:
    done = do(words)
    if done.returncode != 0:
        raise CheckFailed(f"cannot {what}: `{' '.join(words)}` failed: {(done.stderr or done.stdout).strip()}")
