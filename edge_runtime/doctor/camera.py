"""The camera: is one there, may this user open it, and does it give a picture that shows something?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from edge_runtime.board import text_of
from edge_runtime.cameras.registry import parse_source
from edge_runtime.errors import BadInput

from .finding import FAILED, OK, WARNING, Finding
from .look import Look
from .packages import has_picamera2

PATIENCE_S = 90.0
"""A driver that hangs is opened for 20 s, twice, before it is given up."""
DARK, CLIPPED = 0.99, 0.5
"""Shares of a picture below 16, and at 254 or above: nothing, or no tissue, can be seen in it."""
_LIST_PI = (
    "from picamera2 import Picamera2\n"
    "for each in Picamera2.global_camera_info(): print('pi:%d (%s)' % (each['Num'], each['Model']))"
)
_PI_MEND = (
    "power off, and push the ribbon cable in on both ends (contacts away from the latch); camera_auto_detect=1 in "
    "/boot/firmware/config.txt; sudo apt install python3-picamera2"
)
_NO_PICTURES = ("bcm2835-codec", "bcm2835-isp", "rpivid", "rpi-hevc", "pispbe", "rp1-cfe", "unicam")
"""How the names of a Pi's own devices begin that are no camera: its codecs, and what only libcamera opens."""


def check_rights(look: Look) -> Iterator[Finding]:
    """See whether this user may open the devices of cameras."""
    dev = look.root / "dev"
    devices = sorted([*dev.glob("video[0-9]*"), *dev.glob("media[0-9]*"), *dev.glob("dma_heap/*")])
    shut = [path for path in devices if not os.access(path, os.R_OK | os.W_OK)]
    if shut:
        yield Finding(
            "rights",
            FAILED,
            f"this user may not open {', '.join(map(str, shut[:3]))}{' ...' if len(shut) > 3 else ''}",
            "sudo usermod -a -G video $USER, then log out and in again",
        )
    elif devices:
        yield Finding("rights", OK, f"this user may open {len(devices)} devices of cameras")


def check_camera(look: Look) -> Iterator[Finding]:
    """Take a frame from the source that is to be used; where none is named, list what there is."""
    if look.source is not None:
        yield _one_frame(look, look.source)
        return
    found = [*_pi_cameras(look), *_usb_cameras(look.root)]
    if found:
        mend = f"name one to have a frame taken: cancernet doctor --source '{found[0].split(' ')[0]}'"
        yield Finding("camera", WARNING, f"there are {', '.join(found)}; none was tried", mend)
    else:
        yield Finding("camera", WARNING, "none was found", _mend_of_none(look.root))


def _one_frame(look: Look, source: str) -> Finding:
    try:
        kind = parse_source(source).kind
    except BadInput as error:
        return Finding("camera", FAILED, str(error), "give a source as `cancernet run` takes it: pi:, usb:0, a path")
    tried = look.try_(["-m", "edge_runtime.doctor.one_frame", source], PATIENCE_S)
    if not tried.went_well:
        return Finding("camera", FAILED, f"{source} gives no picture: {tried.why}", _mend(kind))
    frame = json.loads(tried.out)
    width, height = frame["size"]
    what = f"{source} gives {width}x{height} px after {frame['seconds']} s, mean {frame['mean']:.0f} of 255"
    if frame["dark"] >= DARK:
        return Finding("camera", WARNING, f"{what}: black", "switch the lamp on, take the cap off, open the shutter")
    if frame["clipped"] >= CLIPPED:
        return Finding(
            "camera",
            WARNING,
            f"{what}, {frame['clipped']:.0%} of it overexposed",
            "dim the lamp, or shorten the exposure",
        )
    return Finding("camera", OK, what)


def _pi_cameras(look: Look) -> list[str]:
    if not has_picamera2(look.root):
        return []
    tried = look.try_(["-c", _LIST_PI], PATIENCE_S)
    return [line for line in tried.out.splitlines() if line.startswith("pi:")] if tried.went_well else []


def _usb_cameras(root: Path) -> list[str]:
    """Return the V4L2 devices that may be cameras; each camera has several, of which index 0 gives pictures."""
    found = []
    for folder in sorted((root / "sys/class/video4linux").glob("video[0-9]*")):
        name = text_of(folder / "name") or "no name"
        if text_of(folder / "index") in ("0", None) and not name.startswith(_NO_PICTURES):
            found.append(f"usb:{folder.name.removeprefix('video')} ({name})")
    return found


def _mend(kind: str) -> str:
    if kind == "pi":
        return f"{_PI_MEND}; `rpicam-hello --list-cameras` must show it"
    if kind == "usb":
        return "plug it in again, into another port; end what else uses it: sudo fuser -v /dev/video*"
    if kind == "stream":
        return "check the address, and that both are in one network: open it in a browser"
    return "check the path, and that this user may read it"


def _mend_of_none(root: Path) -> str:
    if text_of(root / "proc/device-tree/model") is None:
        return "plug a USB camera in"
    return _PI_MEND
