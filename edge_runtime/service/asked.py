"""What a person wants to run as a service, and what follows for its unit: devices, network, paths."""

from __future__ import annotations

import argparse
import pwd
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from edge_runtime.cameras.registry import SourceSpec, parse_source
from edge_runtime.cameras.trouble import TIMEOUT, read_tolerance
from edge_runtime.errors import BadInput

from .unit import NAME, Unit

STATE = Path("/var/lib") / NAME
"""What the service may write, and nothing else unless it records elsewhere."""
HIDDEN = tuple(map(Path, ("/home", "/root", "/run/user", "/tmp", "/var/tmp")))
"""Where a service sees nothing but what is bound there for it."""
FILE_KINDS = frozenset({"folder", "slide", "video"})
"""Kinds of sources that are files."""
SERVE = "serve"
"""The job that has a page, and writes its own calibration."""
_SECRETS = ("password_file", "tls_key", "mqtt_password_file")
_PUBLIC = ("tls_cert", "mqtt_ca")
LONGEST_TIMEOUT_S = 20.0
"""A camera's own watchdog has to speak before the service's."""


def unit_of(words: Sequence[str], job: argparse.Namespace, user: str) -> Unit:
    """Return the unit that runs `cancernet WORDS`; `job` is what our own parser made of them. Raises BadInput."""
    spec = parse_source(job.source)
    _check_source(spec)
    read = [*_files_read(job, spec, words[0] == SERVE), *_secrets_read(job, user), *map(Path, _program())]
    return Unit(
        command=[sys.executable, "-I", "-m", "edge_runtime", *words],
        user=user,
        camera=spec.kind,
        visible=sorted({str(path) for path in read if is_below(path, HIDDEN)}),
        writable=[str(path) for path in recorded_in(job) if not is_below(path, (STATE,))],
        is_on_network=words[0] == SERVE or spec.kind == "stream",
        has_page=words[0] == SERVE,
    )


def recorded_in(job: argparse.Namespace) -> list[Path]:
    """Return the folders that a job records in; BadInput where it would record nothing, or only once."""
    if getattr(job, "out", None) is not None:
        raise BadInput(
            f"expected a service to record with --session, found --out {job.out}: it starts again and again, and an "
            f"--out folder takes one run; give --session {STATE}/sessions"
        )
    session = getattr(job, "session", None)
    if session is None:
        raise BadInput(f"expected a folder for the results, found none; give --session {STATE}/sessions")
    return [_absolute(Path(session), "--session")]


def is_below(path: Path, folders: Sequence[Path]) -> bool:
    """Tell whether a path lies in one of some folders."""
    return any(path.is_relative_to(folder) for folder in folders)


def _files_read(job: argparse.Namespace, spec: SourceSpec, serves: bool) -> Iterator[Path]:
    """Yield the files and folders that a person named for reading; a page's calibration may be made yet."""
    if spec.kind in FILE_KINDS:
        yield _readable(Path(spec.path), "the source")
    calibration = getattr(job, "calibration", None)
    if calibration is not None and serves and not Path(calibration).exists():
        _check_writable(_absolute(Path(calibration), "--calibration"), job)
    elif calibration is not None:
        yield _readable(Path(calibration), "--calibration")
    for option in _PUBLIC:
        if getattr(job, option, None) is not None:
            yield _readable(Path(getattr(job, option)), f"--{option.replace('_', '-')}")
    if getattr(job, "model", None) and Path(job.model).exists():  # else it is a shipped model's name
        yield _readable(Path(job.model), "--model")


def _check_writable(path: Path, job: argparse.Namespace) -> None:
    """Raise BadInput where the service could not write a calibration that is not there yet."""
    if not is_below(path, (STATE, *recorded_in(job))):
        raise BadInput(
            f"expected a calibration that is there, or one below {STATE}, where the page can write it, found {path}; "
            f"give --calibration {STATE}/instrument.json"
        )


def _secrets_read(job: argparse.Namespace, user: str) -> Iterator[Path]:
    """Yield the files that nobody but the service should read; BadInput where it cannot."""
    for option in _SECRETS:
        if getattr(job, option, None) is None:
            continue
        what = f"--{option.replace('_', '-')}"
        path = _absolute(Path(getattr(job, option)), what)
        try:
            status = path.stat()
        except OSError as error:
            raise BadInput(f"expected {what} at {path}: {error.strerror}; give one that is there") from error
        owner = _name_of(status.st_uid)
        if owner != user and not status.st_mode & 0o004:
            raise BadInput(
                f"expected {what} {path} to be readable by the service's user {user}, found it of {owner}, mode "
                f"{status.st_mode & 0o777:o}; mend it: sudo chown {user} {path}"
            )
        yield path


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _program() -> set[str]:
    """Return the folders of this very program: its environment, the Python below it, and the package itself."""
    return {sys.prefix, sys.base_prefix, str(Path(__file__).resolve().parents[2])}


def _check_source(spec: SourceSpec) -> None:
    if TIMEOUT in spec.options and read_tolerance(spec.options).frame_s > LONGEST_TIMEOUT_S:
        raise BadInput(
            f"expected a timeout of {LONGEST_TIMEOUT_S:g} s at most in a service's source, found "
            f"{spec.options[TIMEOUT]}: the service's own watchdog would be first"
        )


def _readable(path: Path, what: str) -> Path:
    """Return a path as the service reaches it; BadInput where others than its owner may not read it."""
    path = _absolute(path, what)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise BadInput(f"expected {what} at {path}: {error.strerror}; give one that is there") from error
    wanted = 0o005 if path.is_dir() else 0o004
    if mode & wanted != wanted:
        raise BadInput(
            f"expected {what} {path} to be readable by the service's user, found mode {mode & 0o777:o}; "
            f"mend it: chmod o+rX {path}"
        )
    return path


def _absolute(path: Path, what: str) -> Path:
    if not path.is_absolute():
        raise BadInput(f"expected an absolute path for {what}, found {path}: a service starts in a folder of its own")
    if ":" in str(path):
        raise BadInput(f"expected a path without a colon for {what}, found {path}: systemd cannot bind it")
    return path
