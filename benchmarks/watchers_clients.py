"""Clients that watch a served instrument as phones do, in a process of their own that costs as little as it can.

Each waits for the next view by a long poll, fetches its picture, and waits again, over one connection that it keeps.
Nothing is parsed but the view's number and the length of a body. Each comes from an address of its own (127.0.1.N).

python -m benchmarks.watchers_clients HOST PORT    # reads how many are to watch, a line each; tells what they got
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import time

_NUMBER = re.compile(rb'"number":(\d+)')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class Got:
    """What the clients got since somebody asked."""

    def __init__(self) -> None:
        self.views = self.bytes = self.refused = 0
        self.seconds: list[float] = []

    def tell(self) -> dict[str, float]:
        """Return it, and begin anew."""
        waits = sorted(self.seconds)
        found = {
            "views": self.views,
            "bytes": self.bytes,
            "refused": self.refused,
            "picture_ms": 1e3 * waits[len(waits) // 2] if waits else 0.0,
        }
        self.__init__()  # type: ignore[misc]
        return found


async def watch(host: str, port: int, number: int, got: Got) -> None:
    """Watch for ever, from the n-th address."""
    reader, writer = await asyncio.open_connection(host, port, local_addr=(f"127.0.1.{number + 1}", 0))
    newest = -1

    async def ask(path: str) -> tuple[int, bytes]:
        writer.write(f"GET /api/v1/{path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        return int(head[9:12]), await reader.readexactly(int(length[1])) if length else b""

    try:
        while True:
            status, body = await ask(f"views/newest?after={newest}&wait=20")
            if status != 200:
                got.refused += status != 204
                await asyncio.sleep(0.1 if status != 204 else 0)
                continue
            found = _NUMBER.search(body)
            newest = int(found[1]) if found else newest
            began = time.perf_counter()
            status, picture = await ask(f"frames/{newest}/picture")
            got.seconds.append(time.perf_counter() - began)
            got.views += status == 200
            got.refused += status != 200
            got.bytes += len(body) + len(picture)
    finally:
        writer.close()


async def main(host: str, port: int) -> None:
    """Have as many watch as the last line says."""
    loop, got = asyncio.get_running_loop(), Got()
    watching: list[asyncio.Task[None]] = []
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        for task in watching:
            task.cancel()
        ended = await asyncio.gather(*watching, return_exceptions=True)
        failed = [repr(each) for each in ended if isinstance(each, Exception)]
        print(json.dumps({**got.tell(), "failed": failed}), flush=True)
        watching = [asyncio.create_task(watch(host, port, n, got)) for n in range(int(line))]


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], int(sys.argv[2])))
