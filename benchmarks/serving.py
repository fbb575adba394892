"""A served instrument in a process of its own, and the processes of those who look at it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from edge_runtime.errors import CheckFailed

_CHECKOUT = Path(__file__).resolve().parents[1]


def frames_now(url: str, process: subprocess.Popen[str]) -> tuple[int, float, float]:
    """Return the frames so far, the time, and the time of the processor that the instrument took, s."""
    with urllib.request.urlopen(f"{url}api/v1/state", timeout=60) as answer:
        frames = json.load(answer)["frames"]
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return frames, time.perf_counter(), (int(fields[11]) + int(fields[12])) / 100


@contextlib.contextmanager
def serving(source: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a source in a process of its own; give where, and the process, once frames are judged."""
    command = [sys.executable, "-m", "edge_runtime", "serve", source, "--port", "0", "--looks", "off"]
    with subprocess.Popen(command, cwd=_CHECKOUT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            url = next((line.split()[-1] for line in process.stderr if "the page is at" in line), None)
            if url is None:
                raise CheckFailed("expected `cancernet serve` to start, found that it ended: run it by itself")
            while not frames_now(url, process)[0]:
                time.sleep(0.2)
            yield url, process
        finally:
            process.terminate()
            process.communicate()


@contextlib.contextmanager
def clients_of(module: str, url: str) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Run a module of clients; give what tells them a word of what to do, and returns what came of what they did."""
    parts = urlsplit(url)
    command = [sys.executable, "-m", module, str(parts.hostname), str(parts.port)]
    with subprocess.Popen(command, cwd=_CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        said, heard = process.stdin, process.stdout
        assert said is not None and heard is not None

        def do(word: str) -> dict[str, Any]:
            said.write(f"{word}\n")
            said.flush()
            return dict(json.loads(heard.readline()))

        yield do
        said.close()
