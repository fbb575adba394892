"""Let a phone in by a code that is shown at the instrument: short, for one phone, for some minutes and few tries."""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

DIGITS = 8
TRIES = 5
"""Wrong ones until a code is void."""
LASTS_S = 600.0
REST_S = 60.0
"""Between two codes: 5 guesses of 10^8 a minute would take a year for 3 %."""
PAIRING = "pairing"


class Pairing:
    """One code at a time; a new one is shown when somebody stands before the login page and none holds."""

    def __init__(
        self, show: Callable[[str], object] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take what shows a code, by default the log, and the clock; show the first one."""
        self._show, self._clock = show or _to_log, clock
        self._lock = threading.Lock()
        self._code: str | None = None
        self._made = -REST_S
        self._tries = 0
        self.offer()

    def offer(self) -> None:
        """Show a code where none holds, and the last one is not too new."""
        with self._lock:
            self._offer()

    def matches(self, text: str) -> bool:
        """Tell whether it is the code; then it is used up."""
        digits = "".join(sign for sign in text if sign not in " -")
        with self._lock:
            if not self._holds():
                self._offer()
                return False
            assert self._code is not None
            if hmac.compare_digest(digits.encode(), self._code.encode()):
                self._code = None
                return True
            self._tries += 1
            if self._tries >= TRIES:
                self._code = None
            return False

    def _holds(self) -> bool:
        return self._code is not None and self._clock() - self._made < LASTS_S

    def _offer(self) -> None:
        if self._holds() or self._clock() - self._made < REST_S:
            return
        self._code, self._tries, self._made = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", 0, self._clock()
        self._show(f"{self._code[:4]} {self._code[4:]}")


def _to_log(code: str) -> None:
    log.warning("pairing code for the page: %s (one phone, %.0f minutes)", code, LASTS_S / 60)
