"""Look at a write-ahead log as it lies on the disk: SQLite ends silently at the first damage, whatever follows it.

The format: https://www.sqlite.org/fileformat2.html#the_write_ahead_log
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

_HEADER, _FRAME_HEADER = 32, 24
_MAGIC = 0x377F0682
"""The last bit says that checksums are over big-endian words."""


@dataclass(frozen=True)
class LogState:
    """What a log holds."""

    commits: int = 0
    """That SQLite reads: all before the first damage."""
    beyond: int = 0
    """That lie behind it and cannot be read. One of them may be the frame in flight as the plug was pulled."""

    @property
    def lost(self) -> int:
        """Commits that were complete and are lost."""
        return max(0, self.beyond - 1)


def look_at_log(path: Path) -> LogState:
    """Return the state of a log; one that is not there, or empty, holds nothing."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return LogState()
    if len(data) < _HEADER + _FRAME_HEADER:
        return LogState()
    magic, _, page_size, _, salt_1, salt_2, *said = struct.unpack_from(">8I", data)
    words = ">" if magic & 1 else "<"
    sums = _checksum(data[:24], (0, 0), words)
    whole = magic & ~1 == _MAGIC and tuple(said) == sums
    if not whole:  # another writer's salts cannot be told from the header: those of the first frame are taken
        page_size = 4096
        salt_1, salt_2 = struct.unpack_from(">2I", data, _HEADER + 8)
    commits = beyond = 0
    step = _FRAME_HEADER + page_size
    for start in range(_HEADER, len(data) - step + 1, step):
        _, commit, *salts = struct.unpack_from(">4I", data, start)
        if salts != [salt_1, salt_2]:
            whole = False  # the end of this generation of the log, or damage
            continue
        if whole:
            body = data[start : start + 8] + data[start + _FRAME_HEADER : start + step]
            sums = _checksum(body, sums, words)
            whole = struct.unpack_from(">2I", data, start + 16) == sums
        if commit:
            commits, beyond = (commits + 1, beyond) if whole else (commits, beyond + 1)
    return LogState(commits, beyond)


def _checksum(data: bytes, sums: tuple[int, int], words: str) -> tuple[int, int]:
    first, second = sums
    values = iter(struct.unpack(f"{words}{len(data) // 4}I", data))
    for one, other in zip(values, values, strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second
