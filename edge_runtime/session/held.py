"""Frames that wait in memory for a disk that failed, so many that a Zero 2 W can hold them."""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass

from .picture_file import Picture
from .rows import FrameRows

MOST_PICTURE_BYTES = 32_000_000
"""Of frames that wait; beyond it, the pictures of the oldest go."""
MOST_FRAMES = 5000
"""That wait, some 60 MB; beyond it, the oldest go, and are counted."""


@dataclass(frozen=True)
class Entry:
    """A frame that is to be written."""

    rows: FrameRows
    """What is written of it."""
    pictures: tuple[Picture, ...]
    """What is kept of it."""

    @property
    def picture_bytes(self) -> int:
        """What its pictures take."""
        return sum(len(picture.data) for picture in self.pictures)


class Held:
    """Frames that wait, oldest first."""

    def __init__(self, most_frames: int = MOST_FRAMES, most_picture_bytes: int = MOST_PICTURE_BYTES) -> None:
        """Take how many may wait, and what their pictures may take."""
        self._entries: deque[Entry] = deque()
        self._most_frames, self._most_bytes = most_frames, most_picture_bytes
        self._bytes = 0
        self.lost = self.without_pictures = 0
        """Frames that went, and frames whose pictures went."""

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        """Take another one in."""
        self._entries.append(entry)
        self._bytes += entry.picture_bytes

    def first(self) -> Entry:
        """Return the oldest, which stays."""
        return self._entries[0]

    def strip_first(self) -> None:
        """Let the pictures of the oldest go."""
        self._strip(0)

    def pop(self) -> None:
        """Let the oldest go: it is written."""
        self._bytes -= self._entries.popleft().picture_bytes

    def hold_memory(self) -> None:
        """Let pictures of the oldest go where they take too much, and then the oldest frames."""
        for n in range(len(self._entries)):
            if self._bytes <= self._most_bytes:
                break
            self._strip(n)
        while len(self._entries) > self._most_frames:
            self.pop()
            self.lost += 1

    def give_up(self) -> None:
        """Count all that wait as lost."""
        self.lost += len(self._entries)
        self._entries.clear()

    def _strip(self, n: int) -> None:
        if self._entries[n].pictures:
            self._bytes -= self._entries[n].picture_bytes
            self._entries[n] = dataclasses.replace(self._entries[n], pictures=())
            self.without_pictures += 1
