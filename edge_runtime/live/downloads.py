"""Files made of a session for a download: in a process of their own, one at a time, behind everything else."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import edge_runtime
from edge_runtime.errors import BadInput, CancerNetError, MissingDependency
from edge_runtime.export.kinds import FILES
from edge_runtime.session.budget import RESERVE_BYTES
from edge_runtime.session.folder import SPARE

from .instrument import NotNow
from .shelf import fingerprint

log = logging.getLogger(__name__)

WHOLE = "session"
KINDS = (*FILES, WHOLE)
"""What a session can be downloaded as; WHOLE: its folder, as a zip."""
LEAST_FREE_BYTES = 2 * RESERVE_BYTES
"""Of the disk; below that nothing is made: recording goes first."""
LONGEST_S = 1800.0
_KEPT = 4
_MOST_WAITING = 4


class Downloads:
    """Makes files and keeps the newest few; what was made of a session that did not change is given again.

    They lie beside the sessions: a Pi's /tmp is in memory.
    """

    def __init__(self, root: Path | None) -> None:
        """Take the folder of sessions."""
        self._root = root
        self._one = asyncio.Lock()
        self._making: dict[str, asyncio.Task[Path]] = {}

    def sweep(self) -> None:
        """Delete what an earlier start left."""
        if self._root is not None:
            shutil.rmtree(self._root / SPARE, ignore_errors=True)

    async def get(self, session: Path, kind: str, wait_s: float) -> Path | None:
        """Return a session's file; None where it is not made within that time: it goes on being made.

        Raises BadInput where it cannot be made, NotNow where too many wait.
        """
        key = hashlib.sha256(repr((session.name, kind, fingerprint(session))).encode()).hexdigest()[:32]
        task = self._making.get(key)
        if task is None:
            if sum(not each.done() for each in self._making.values()) >= _MOST_WAITING:
                raise NotNow(f"expected at most {_MOST_WAITING} files to be made, found more; wait for them")
            task = self._making[key] = asyncio.ensure_future(self._make(session, kind, key))
            self._forget_old()
        done, _ = await asyncio.wait({task}, timeout=wait_s)
        if not done:
            return None
        try:
            made = task.result()
        except BaseException:
            self._making.pop(key, None)
            raise
        if not made.exists():
            self._making.pop(key, None)
            raise NotNow("expected the file that was made, found it gone; ask again")
        return made

    async def _make(self, session: Path, kind: str, key: str) -> Path:
        assert self._root is not None  # there is a session in it
        out = self._root / SPARE / key
        async with self._one:
            if shutil.disk_usage(self._root).free < LEAST_FREE_BYTES:
                raise BadInput(
                    f"expected {LEAST_FREE_BYTES / 1e9:.1f} GB of free room to make a file in, found less; copy the "
                    "session itself (a zip), or delete older ones"
                )
            out.mkdir(parents=True, exist_ok=True)
            told = await _in_a_process([str(session), kind, str(out)])
        if "made" in told:
            return Path(told["made"])
        shutil.rmtree(out, ignore_errors=True)
        error = MissingDependency if told.get("missing") else BadInput
        raise error(str(told["error"]).replace(f"{session.parent}/", ""))

    def _forget_old(self) -> None:
        done = [key for key, task in self._making.items() if task.done()]
        for key in done[: max(0, len(done) - _KEPT + 1)]:
            task = self._making.pop(key)
            if not task.cancelled():
                task.exception()  # seen
            assert self._root is not None
            shutil.rmtree(self._root / SPARE / key, ignore_errors=True)


async def _in_a_process(words: list[str]) -> dict[str, Any]:
    """Run `download_worker`, and return what it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "edge_runtime.live.download_worker",
        *words,
        cwd=Path(edge_runtime.__file__).parents[1],
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), LONGEST_S)
        told = json.loads(said.splitlines()[-1])
    except asyncio.TimeoutError:
        raise BadInput(f"expected the file within {LONGEST_S / 60:.0f} minutes, found it unfinished") from None
    except (IndexError, ValueError):
        log.error("a download could not be made: the worker ended with %s", process.returncode)
        if process.returncode == -signal.SIGKILL:
            raise CancerNetError(
                "the file could not be made: it was ended by the system, mostly for want of memory; take the whole "
                "session (zip), and export it on a PC"
            ) from None
        raise CancerNetError("the file could not be made; the instrument's log has why") from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return dict(told)
