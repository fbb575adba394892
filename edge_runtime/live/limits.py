"""How often somebody may ask, and how much they may send."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from fastapi import Response
from starlette.types import Message, Receive, Scope

from .errors import error_answer
from .headers import header

LARGEST_BODY = 16 * 1024
"""Bytes; the largest sensible request is a note of a few lines."""
BODY_S = 10.0
"""How long it may take to come."""
_MOST_KEYS = 1024


class Buckets:
    """A bucket of requests a client, refilled at an even rate; of clients that are long gone nothing is kept.

    Our own 30 lines: the libraries that count in memory start a thread a request to forget by.
    """

    def __init__(self, burst: float, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Take how many may come at once, and how many a second for ever."""
        self._burst, self._rate, self._clock = burst, a_second, clock
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, who: Hashable) -> float:
        """Take one; return 0, or how many seconds to wait where none is left."""
        now = self._clock()
        left, at = self._left.pop(who, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._rate)
        wait = 0.0 if left >= 1 else (1 - left) / self._rate
        self._left[who] = (left if wait else left - 1, now)
        if len(self._left) > _MOST_KEYS:
            self._left.popitem(last=False)
        return wait


class TooLarge(Exception):
    """A body is larger than any that we ask for."""


async def taken_whole(receive: Receive) -> Receive:
    """Take a request's body whole, and return a `receive` that gives it; raises TooLarge, or TimeoutError."""
    body = await asyncio.wait_for(_body(receive), BODY_S)
    given = False

    async def giving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return giving


async def _body(receive: Receive) -> bytes:
    parts, taken = [], 0
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        taken += len(parts[-1])
        if taken > LARGEST_BODY:
            raise TooLarge
        if not message.get("more_body", False):
            return b"".join(parts)


def bad_body(scope: Scope) -> Response | None:
    """Return why a request's body is not taken, by what its headers say of it; None: it is."""
    length = header(scope, b"content-length")
    if length is not None and (not length.isdecimal() or len(length) > 12 or int(length) > LARGEST_BODY):
        return too_large()
    kind = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
    if has_body(scope) and kind != "application/json":
        return error_answer(415, "wrong_type", "expected a body of application/json")
    return None


def has_body(scope: Scope) -> bool:
    """Tell whether a request has one."""
    length = header(scope, b"content-length")
    return header(scope, b"transfer-encoding") is not None or (length or "0").strip("0") != ""


def too_large() -> Response:
    """Return the answer to a body that is larger than any that we ask for."""
    return error_answer(413, "too_large", f"expected a body of {LARGEST_BODY} bytes at most", {"connection": "close"})
