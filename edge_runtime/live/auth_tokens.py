"""Who was let in: a random token each, known here by its hash alone, and remembered over a pulled plug."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from edge_runtime.errors import BadInput

from .auth import write_private

log = logging.getLogger(__name__)

DAYS = 30
"""How long a phone is remembered after it was let in."""
MOST = 200
"""Tokens that are held; the oldest go first."""
FILE = "let-in.json"
_LENGTH = 43


@dataclass(frozen=True)
class Token:
    """One who was let in."""

    until: float
    """Seconds since 1970."""
    by: str
    """Which password or pairing let them in."""


class Tokens:
    """Gives tokens, and knows them again."""

    def __init__(self, folder: Path, valid: frozenset[str], now: Callable[[], float] = time.time) -> None:
        """Take the folder to remember them in, and which ways of letting in still hold."""
        self._path, self._valid, self._now = folder / FILE, valid, now
        self._lock = threading.Lock()
        self._held = self._read()

    def give(self, by: str) -> str:
        """Return a new token."""
        text = secrets.token_urlsafe(32)
        with self._lock:
            self._held[_hash(text)] = Token(self._now() + DAYS * 86400, by)
            self._drop()
            self._write()
        return text

    def knows(self, text: str) -> bool:
        """Tell whether a token is one of ours and still holds."""
        if len(text) != _LENGTH:
            return False
        found = self._held.get(_hash(text))
        return found is not None and found.until > self._now()

    def take_back(self, text: str) -> None:
        """Forget a token."""
        with self._lock:
            if self._held.pop(_hash(text), None) is not None:
                self._write()

    def _drop(self) -> None:
        now = self._now()
        held = {key: token for key, token in self._held.items() if token.until > now}
        newest = sorted(held, key=lambda key: held[key].until)[-MOST:]
        self._held = {key: held[key] for key in newest}

    def _read(self) -> dict[str, Token]:
        try:
            read = json.loads(self._path.read_text(encoding="utf-8"))
            held = {str(key): Token(float(each["until"]), str(each["by"])) for key, each in read.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.warning("%s: cannot be read (%s); everybody has to log in again", self._path, error)
            return {}
        return {key: token for key, token in held.items() if token.by in self._valid}

    def _write(self) -> None:
        try:
            write_private(self._path, json.dumps({key: asdict(token) for key, token in self._held.items()}))
        except BadInput as error:
            log.warning("%s; phones have to log in again after a restart", error)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
