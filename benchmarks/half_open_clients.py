"""Clients that hold connections for nothing, on this computer alone: 64 half-open ones, and one that never reads.

Of each four half-open ones, one sends nothing, one half a head, one half a body, and one a byte a second. What the
server closes is opened again, half a second later, so that it is connections that are measured and not a flood.

python -m benchmarks.half_open_clients HOST PORT    # reads `one`, `each` or `rest` a line each; tells what was closed
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import sys
from collections.abc import Sequence

HALF_OPEN = 64
REST, ONE, EACH = WAYS = ("rest", "one", "each")
"""Nobody; all from one address, the operator's own; each from an address of its own."""
_AGAIN_S = 0.5
_HEAD = b"GET /api/v1/state HTTP/1.1\r\nHost: 127.0.0.1"
_BODY = (
    b"POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
)
_PICTURES = b"GET /api/v1/frames/%d/picture HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Counts:
    """What came of it."""

    def __init__(self) -> None:
        self.opened = self.closed = 0


async def hold(host: str, port: int, own: str, number: int, counts: Counts) -> None:
    """Hold one half-open connection for ever."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(host, port, local_addr=(own, 0))
            counts.opened += 1
            try:
                writer.write((b"", _HEAD, _BODY, b"")[number % 4])
                trickle = asyncio.create_task(_trickle(writer)) if number % 4 == 3 else None
                try:
                    while await reader.read(4096):
                        pass
                finally:
                    if trickle is not None:
                        trickle.cancel()
                counts.closed += 1
            finally:
                writer.close()
        await asyncio.sleep(_AGAIN_S)


async def _trickle(writer: asyncio.StreamWriter) -> None:
    for sign in _HEAD * 100:
        writer.write(bytes([sign]))
        await asyncio.sleep(1)


async def never_read(host: str, port: int, own: str, counts: Counts) -> None:
    """Ask for the newest picture again and again, and read nothing of what comes."""
    loop = asyncio.get_running_loop()
    while True:
        with contextlib.suppress(OSError):
            newest = await _newest(host, port, own)
            _, protocol = await loop.create_connection(
                functools.partial(_Deaf, newest), host, port, local_addr=(own, 0)
            )
            counts.opened += 1
            await protocol.ended
            counts.closed += 1
        await asyncio.sleep(_AGAIN_S)


async def _newest(host: str, port: int, own: str) -> int:
    reader, writer = await asyncio.open_connection(host, port, local_addr=(own, 0))
    try:
        writer.write(b"GET /api/v1/state HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        body = (await reader.read(-1)).partition(b"\r\n\r\n")[2]
        return int(json.loads(body)["newest"])
    finally:
        writer.close()


class _Deaf(asyncio.Protocol):
    """Asks for a picture a thousand times over one connection that it does not read."""

    def __init__(self, newest: int) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._newest = newest

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        transport.write(_PICTURES % self._newest * 1000)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


def _attack(host: str, port: int, way: str, counts: Counts) -> Sequence[asyncio.Task[None]]:
    if way == REST:
        return []
    own = [host if way == ONE else f"127.0.2.{number + 1}" for number in range(HALF_OPEN + 1)]
    held = [asyncio.create_task(hold(host, port, own[n], n, counts)) for n in range(HALF_OPEN)]
    return [*held, asyncio.create_task(never_read(host, port, own[-1], counts))]


async def main(host: str, port: int) -> None:
    """Do as the last line says."""
    loop, at_work, counts = asyncio.get_running_loop(), list[asyncio.Task[None]](), Counts()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        print(json.dumps(vars(counts)), flush=True)
        counts = Counts()
        at_work = list(_attack(host, port, line.strip(), counts))


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], int(sys.argv[2])))
