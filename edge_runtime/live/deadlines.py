"""Nobody holds a connection for nothing: who does not ask, send or read in time is let go.

uvicorn waits for ever for the rest of a request, and for a client that does not read.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from .doorman import Doorman
from .headers import network_of

HEAD_S = 10.0
"""For the first request, the greeting of TLS included."""
IDLE_S = 20.0
"""For the next one."""
KEEP_ALIVE_S = 15
"""uvicorn's own, which closes politely; it begins anew with each byte."""
WRITE_S = 20.0
"""For a reader to take what fills our buffer of 64 kB."""


class Guarded(H11Protocol):
    """uvicorn's protocol, with deadlines; under TLS the greeting counts, too."""

    doorman: Doorman
    tls: ssl.SSLContext | None

    def __init__(self, *args: Any, **named: Any) -> None:
        """Take what uvicorn gives."""
        super().__init__(*args, **named)
        self.timeout_keep_alive = KEEP_ALIVE_S
        self.address = ""
        self.unheard = True
        self._raw: asyncio.Transport | None = None
        self._early = b""
        self._greeting: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if there is room."""
        self._raw = transport
        peer = transport.get_extra_info("peername")
        self.address = network_of(str(peer[0])) if peer else ""
        if not self.doorman.admit(self):
            transport.abort()
            return
        self._deadline = self.loop.call_later(HEAD_S, self.abort)
        if self.tls is None:
            super().connection_made(transport)
        else:
            transport.pause_reading()
            self._greeting = self.loop.create_task(self._greet(transport, self.tls))

    async def _greet(self, transport: asyncio.Transport, tls: ssl.SSLContext) -> None:
        try:
            made = await self.loop.start_tls(transport, self, tls, server_side=True, ssl_handshake_timeout=HEAD_S)
        except (OSError, asyncio.TimeoutError):
            made = None
        if made is None:  # it went away meanwhile, or is no browser; nobody else tells us
            transport.abort()
            self._forget()
            return
        super().connection_made(made)
        early, self._early = self._early, b""
        if early:
            self.data_received(early)

    def data_received(self, data: bytes) -> None:
        """Take bytes; they may come before the greeting's end is told."""
        if self.transport is None:
            self._early += data
            return
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Wait for the next request, but not for ever, whatever trickles in."""
        super().on_response_complete()
        self._look()

    def _look(self) -> None:
        if self.busy:
            self.unheard = False
            _cancel(self._deadline)
            self._deadline = None
        elif self._deadline is None:
            self._deadline = self.loop.call_later(IDLE_S, self.abort)

    def pause_writing(self) -> None:
        """Give a reader some time."""
        if self.flow is not None:
            super().pause_writing()
        if self._writing is None:
            self._writing = self.loop.call_later(WRITE_S, self.abort)

    def resume_writing(self) -> None:
        """Go on: it reads."""
        _cancel(self._writing)
        self._writing = None
        if self.flow is not None:
            super().resume_writing()

    def abort(self) -> None:
        """End the connection at once, with what was not sent."""
        transport = self.transport or self._raw
        if transport is not None:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._forget()
        if self.transport is not None:
            super().connection_lost(exc)

    def _forget(self) -> None:
        self.doorman.forget(self)
        for timer in (self._deadline, self._writing):
            _cancel(timer)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def guarded_protocol(tls: ssl.SSLContext | None) -> type[asyncio.Protocol]:
    """Return the protocol for a server of ours; `tls` encrypts, None does not."""
    return type("GuardedProtocol", (Guarded,), {"doorman": Doorman(), "tls": tls})
