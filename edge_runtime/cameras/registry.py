"""The table of cameras, and how the text of a source (`kind:path?key=value`, or a bare path) becomes one of them."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from edge_runtime.cameras import Camera
from edge_runtime.cameras.options import Asked, exists
from edge_runtime.errors import BadInput
from edge_runtime.patches import is_picture_name, parse_patch_name, walk_files

CAMERAS: dict[str, str] = {
    "folder": "edge_runtime.cameras.folder:open_camera",
    "pi": "edge_runtime.cameras.pi:open_camera",
    "slide": "edge_runtime.cameras.slide:open_camera",
    "stream": "edge_runtime.cameras.stream:open_camera",
    "synthetic": "edge_runtime.cameras.synthetic:open_camera",
    "usb": "edge_runtime.cameras.usb:open_camera",
    "video": "edge_runtime.cameras.video:open_camera",
}
"""Kind -> "module:function", imported when chosen. The function takes (path, options, what is asked)."""

CameraFactory = Callable[[str, Mapping[str, str], Asked], Camera]

VIDEO_SUFFIXES = frozenset(
    {".avi", ".m4v", ".mjpeg", ".mjpg", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv"}
)

_KIND = re.compile(r"(?P<kind>[A-Za-z][A-Za-z0-9_-]+):(?P<rest>.*)", re.DOTALL)  # one letter is a Windows drive


@dataclass(frozen=True)
class SourceSpec:
    """What the text of a source says."""

    kind: str
    """A key of CAMERAS."""
    path: str
    """What follows `kind:`; a file, a folder, an address, or nothing, as the camera has it."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What follows the last `?`, as it was written."""


def parse_source(text: str) -> SourceSpec:
    """Return what a source's text says; where it is the name of a file or folder that exists, it is only that."""
    if not text:
        raise BadInput(f"expected a source, found nothing; {_usage()}")
    if exists(Path(text)):
        return SourceSpec(_kind_of(Path(text)), text)
    head, mark, query = text.rpartition("?")
    if mark and head and exists(Path(head)):
        return SourceSpec(_kind_of(Path(head)), head, _options(query))
    named = _KIND.fullmatch(text)
    if named and named["kind"] in CAMERAS:
        return _named(named["kind"], named["rest"])
    if named and named["rest"].startswith("//"):  # http://, rtsp://; the camera says which it knows
        return _named("stream", text)
    if named:
        raise BadInput(f"{text}: no such file, and no camera is called {named['kind']!r}; {_usage()}")
    if (head or text) in CAMERAS:
        raise BadInput(f"{text}: no such file or folder; for the camera write {head or text}:{mark}{query}")
    raise BadInput(f"{text}: no such file or folder (here is {Path.cwd()}); {_usage()}")


def open_camera(text: str, um_per_px: float | None = None, model_um_per_px: float | None = None) -> Camera:
    """Open the camera that a source's text names; `um_per_px` is its scale, where the source does not say it itself.

    `model_um_per_px` is the scale that frames will be brought to; a camera that can scale by itself then does.
    """
    spec = parse_source(text)
    module, function = CAMERAS[spec.kind].split(":")
    factory = cast(CameraFactory, getattr(importlib.import_module(module), function))
    return factory(spec.path, spec.options, Asked(um_per_px, model_um_per_px))


def _usage() -> str:
    return f"give a path, or KIND:PATH?KEY=VALUE with one of the kinds {', '.join(sorted(CAMERAS))}"


def _named(kind: str, rest: str) -> SourceSpec:
    path, mark, query = rest.rpartition("?")
    if not mark or exists(Path(rest)):
        return SourceSpec(kind, rest)
    return SourceSpec(kind, path, _options(query))


def _options(query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        key, equals, value = pair.partition("=")
        if not (key and equals):
            raise BadInput(f"expected KEY=VALUE after the ? of a source, found {pair!r}; write ?um_per_px=0.39&...")
        if key in options:
            raise BadInput(f"expected each option of a source once, found {key!r} twice; leave one out")
        options[key] = value
    return options


def _kind_of(path: Path) -> str:
    """Decide for a bare path: IDC patches are a slide, other pictures a folder, one file a video or a picture."""
    if not path.is_dir():
        return "video" if path.suffix.lower() in VIDEO_SUFFIXES else "folder"
    kind = None
    for file in walk_files(path):
        if is_picture_name(file):
            if parse_patch_name(file):
                return "slide"
            kind = "folder"
    if kind is None:
        raise BadInput(f"{path}: expected pictures or IDC patches, found a folder with none in it; give another folder")
    return kind
