"""The page's password: kept as a scrypt hash, in a file that `cancernet page-password` writes."""

from __future__ import annotations

import argparse
import base64
import binascii
import getpass
import hashlib
import hmac
import os
import secrets
import sys
import threading
from pathlib import Path

from edge_runtime.errors import EXIT_DONE, BadInput

_N, _R, _P = 1 << 14, 8, 5
"""16 MB and five passes: OWASP's choice for little memory (Password Storage Cheat Sheet); 0.2 s on a PC."""
_KIND = "scrypt"
SHORTEST, LONGEST = 8, 200
_ONE_AT_A_TIME = threading.Lock()


def password_job(args: argparse.Namespace) -> int:
    """Ask for a password, twice at a terminal, else a line of standard input; write its hash."""
    if sys.stdin.isatty():
        text = getpass.getpass("Password of the page: ")
        if getpass.getpass("Once more: ") != text:
            raise BadInput("expected the same password twice, found two; try again")
    else:
        text = sys.stdin.readline().rstrip("\r\n")
    write_password(args.file, text)
    return EXIT_DONE


def write_password(path: Path, text: str) -> None:
    """Write a password's hash for its owner alone; raises BadInput."""
    if not SHORTEST <= len(text) <= LONGEST:
        raise BadInput(f"expected a password of {SHORTEST} to {LONGEST} characters, found {len(text)}; choose another")
    write_private(path, hash_password(text) + "\n")


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all; raises BadInput."""
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise BadInput(f"cannot write {path}: {error.strerror}; give a folder that can be written to") from error


def hash_password(text: str) -> str:
    """Return a password as it is kept: kind, costs, salt, hash."""
    salt = secrets.token_bytes(16)
    parts = (base64.b64encode(each).decode() for each in (salt, _scrypt(text, salt, _N, _R, _P)))
    return ":".join((_KIND, str(_N), str(_R), str(_P), *parts))


class Password:
    """A password that is known by its hash alone."""

    def __init__(self, line: str, name: str = "the password file") -> None:
        """Take a line of `hash_password`; raises BadInput where it is none."""
        try:
            kind, n, r, p, salt, digest = line.strip().split(":")
            self._costs = int(n), int(r), int(p)
            self._salt, self._digest = (base64.b64decode(each, validate=True) for each in (salt, digest))
            if kind != _KIND or self._costs[0] > 1 << 17 or max(self._costs[1:]) > 16 or len(self._digest) != 32:
                raise ValueError
        except (ValueError, binascii.Error) as error:
            raise BadInput(f"expected {name} as `cancernet page-password` writes it, found another; set it") from error

    @property
    def fingerprint(self) -> str:
        """Which password it is: who was let in by an older one is let in no longer."""
        return hashlib.sha256(self._salt + self._digest).hexdigest()

    def matches(self, text: str) -> bool:
        """Tell whether it is this one; takes as long as it was made to, and 16 MB, so one at a time."""
        if len(text) > LONGEST:
            return False
        with _ONE_AT_A_TIME:
            return hmac.compare_digest(_scrypt(text, self._salt, *self._costs), self._digest)


def read_password(path: Path) -> Password:
    """Return the password of a file; raises BadInput."""
    try:
        with path.open(encoding="utf-8") as file:
            line = file.readline(1000)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"expected the page's password at {path}: {error}; set it: cancernet page-password {path}"
        ) from error
    return Password(line, str(path))


def _scrypt(text: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(text.encode(), salt=salt, n=n, r=r, p=p, maxmem=(128 * n * r + 128 * r * p) * 2, dklen=32)
