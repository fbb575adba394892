"""The camera `folder:`: one picture, all below a folder in the order of their names, or those that land there."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from edge_runtime.cameras.controls import NoControls
from edge_runtime.cameras.options import UM_PER_PX, Asked, check_keys, existing_path, read_choice, read_positive
from edge_runtime.cameras.watch import ALL, IDLE, NEW, OFF, WATCH, WatchedFolder, watch_folder
from edge_runtime.errors import BadInput, UnreadablePicture
from edge_runtime.gates import UNREADABLE
from edge_runtime.patches import is_nested_duplicate, is_picture_name, parse_patch_name, walk_files
from edge_runtime.pictures import read_picture
from edge_runtime.records import Frame, LostFrame
from edge_runtime.scale import agreed_um_per_px, check_um_per_px, patches_um_per_px

log = logging.getLogger(__name__)


class PictureFolder:
    """A frame for each picture file; one that cannot be decoded is a LostFrame."""

    def __init__(self, paths: Sequence[Path], names: Sequence[str], um_per_px: float) -> None:
        """Take the files, what to call them, and the scale of all of them."""
        self._paths = list(zip(paths, names, strict=True))
        self._um_per_px = um_per_px
        self.controls = NoControls()

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield the pictures in order."""
        for index, (path, name) in enumerate(self._paths):
            yield read_frame(path, self._um_per_px, index, name)

    def close(self) -> None:
        """Do nothing: each file is closed once it is read."""


def read_frame(path: Path, um_per_px: float, index: int, name: str) -> Frame | LostFrame:
    """Return a picture file as a frame; an IDC patch lies where its name says."""
    try:
        pixels = read_picture(path)
    except UnreadablePicture as error:
        return LostFrame(index, name, UNREADABLE, str(error))
    patch = parse_patch_name(path)
    return Frame(pixels, um_per_px, index, name, (patch.x, patch.y) if patch else (0, 0))


def open_camera(path: str, options: Mapping[str, str], asked: Asked) -> PictureFolder | WatchedFolder:
    """Open one picture, whatever its name, or a folder with pictures; option `watch=1` takes what lands there, too."""
    check_keys("folder", options, {UM_PER_PX, WATCH, IDLE})
    given = agreed_um_per_px(asked.um_per_px, options.get(UM_PER_PX))
    root = existing_path("folder", path)
    watch = read_choice(options, WATCH, OFF, (OFF, ALL, NEW))
    idle_s = read_positive(options, IDLE, 60.0)
    if watch != OFF:
        return watch_folder(root, given, read_frame, watch == NEW, idle_s)
    if idle_s is not None:
        raise BadInput(f"{IDLE}: expected beside {WATCH}=1, found alone; write {WATCH}=1&{IDLE}={idle_s:g}")
    pictures = _pictures_below(root) if root.is_dir() else [root]
    names = [picture.relative_to(root).as_posix() if root.is_dir() else picture.name for picture in pictures]
    return PictureFolder(pictures, names, _scale(pictures, given))


def _pictures_below(root: Path) -> list[Path]:
    files = [file for file in walk_files(root) if not file.name.startswith(".")]  # no .DS_Store, no ._name of macOS
    named = [file for file in files if is_picture_name(file)]
    pictures = [file for file in named if not is_nested_duplicate(file, root)] or named
    if not pictures:
        raise BadInput(f"{root}: expected pictures, found {len(files)} other files and none; give another folder")
    if len(files) > len(named):
        log.info("%s: skipped %d files that are no pictures", root, len(files) - len(named))
    if len(named) > len(pictures):
        log.info("%s: skipped %d pictures of the archive's second copy of itself", root, len(named) - len(pictures))
    return pictures


def _scale(pictures: Sequence[Path], given: float | None) -> float:
    """Return the one scale of all pictures: IDC patches carry it themselves, others must be told."""
    patches = sum(parse_patch_name(picture) is not None for picture in pictures)
    if patches:
        known = patches_um_per_px(given)
    return known if patches == len(pictures) else check_um_per_px(given)
