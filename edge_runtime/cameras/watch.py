"""A folder into which another program puts pictures: each is taken once it is whole, until one asks to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from edge_runtime.cameras.attendant import Wait, wait
from edge_runtime.cameras.controls import NoControls
from edge_runtime.errors import BadInput, CameraLost
from edge_runtime.gates import BAD_SCALE, UNREADABLE
from edge_runtime.patches import is_picture_name, parse_patch_name, walk_files
from edge_runtime.records import Frame, LostFrame
from edge_runtime.scale import check_um_per_px, patches_um_per_px

log = logging.getLogger(__name__)

WATCH, IDLE = "watch", "idle"
OFF, ALL, NEW = "0", "1", "new"
LOOK_S = 0.5
"""Between two looks at the folder."""
PATIENCE_LOOKS = 20
"""A picture that is not whole and no longer grows is given so many looks, 10 s, before it counts as damaged."""

BACK = "its pictures are taken when it is back"

Stamp = tuple[int, int]
"""(bytes, time of the last change in ns): while it changes, somebody writes."""
Reader = Callable[[Path, float, int, str], Frame | LostFrame]


class WatchedFolder:
    """Takes pictures as they land, in the order of their times; one that is written anew is taken anew.

    A file is looked at once its size and time stood still between two looks, and taken once it decodes. Where it does
    not, it may still be on its way (a stick, a slow network): it is tried again, and lost after 10 s without change.
    """

    def __init__(
        self,
        root: Path,
        um_per_px: float,
        read: Reader,
        taken: dict[Path, Stamp] | None = None,
        idle_s: float | None = None,
        pause: Wait = wait,
    ) -> None:
        """Take the folder, the scale of its pictures, what reads one, and which files are not to be taken.

        After `idle_s` without a new picture the frames end; None: they do not. `pause` waits between two looks.
        """
        self._root = root
        self._um_per_px = um_per_px
        self._read = read
        self._taken = dict(taken or {})
        self._idle_s = idle_s
        self._pause = pause
        self._closing = threading.Event()
        self.controls = NoControls()

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield pictures as they land, until `close` is called, from any thread."""
        index, idle_looks, was_there = 0, 0, True
        seen: dict[Path, Stamp] = {}
        patience: dict[Path, int] = {}
        while not self._closing.is_set():
            is_there = self._root.is_dir()
            if was_there and not is_there:
                yield LostFrame(index, str(self._root), CameraLost.reason, f"{self._root}: the folder is gone; {BACK}")
                index += 1
            was_there = is_there
            now = stamps(self._root)
            settled = [path for path, stamp in now.items() if seen.get(path) == stamp != self._taken.get(path)]
            patience = {path: patience.get(path, 0) + 1 for path in settled}
            taken_before = index
            for path in sorted(settled, key=lambda path: (now[path][1], path)):
                frame = self._frame(path, index, patience[path])
                if frame is None:
                    continue
                self._taken[path] = now[path]
                index += 1
                yield frame
                if self._closing.is_set():
                    return
            idle_looks = 0 if index > taken_before else idle_looks + 1
            if self._idle_s is not None and idle_looks * LOOK_S > self._idle_s:
                return
            seen = now
            self._pause(self._closing, LOOK_S)

    def close(self) -> None:
        """End `frames`, also from another thread."""
        self._closing.set()

    def _frame(self, path: Path, index: int, looks: int) -> Frame | LostFrame | None:
        """Return a picture that is whole, or lost; None where it may still become whole, or is gone again."""
        name = path.relative_to(self._root).as_posix()
        try:
            scale = patches_um_per_px(self._um_per_px) if parse_patch_name(path) else self._um_per_px
        except BadInput as error:
            return LostFrame(index, name, BAD_SCALE, str(error))
        frame = self._read(path, scale, index, name)
        if isinstance(frame, LostFrame) and frame.reason == UNREADABLE and looks < PATIENCE_LOOKS:
            return None
        return frame


def watch_folder(
    root: Path, um_per_px: float | None, read: Reader, only_new: bool, idle_s: float | None
) -> WatchedFolder:
    """Watch a folder, which may be empty yet; `only_new` leaves what lies there alone."""
    if not root.is_dir():
        raise BadInput(f"{root}: expected a folder to watch, found a file; write folder:{root.parent}?{WATCH}=1")
    scale = check_um_per_px(um_per_px)
    log.info("%s: watched for new pictures; Ctrl-C ends it", root)
    return WatchedFolder(root, scale, read, stamps(root) if only_new else None, idle_s)


def stamps(root: Path) -> dict[Path, Stamp]:
    """Return the pictures below a folder with their stamps, without hidden ones and those that vanished meanwhile."""
    found = {}
    for path in walk_files(root):
        if is_picture_name(path) and not path.name.startswith("."):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            found[path] = (stat.st_size, stat.st_mtime_ns)
    return found
