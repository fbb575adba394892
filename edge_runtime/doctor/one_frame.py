"""Open a source, take one frame and tell of it as JSON: `python -m edge_runtime.doctor.one_frame SOURCE`."""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
import time

import numpy as np

from edge_runtime.cameras import Camera
from edge_runtime.cameras.registry import open_camera
from edge_runtime.errors import CancerNetError, UnknownScale
from edge_runtime.records import LostFrame

SETTLING = 10
"""So many frames of a live camera are taken: its exposure settles meanwhile."""
PROBED_UM_PER_PX = 1.0
"""For a source that does not say its scale: whether it gives pictures does not depend on it."""


def main(source: str) -> int:
    """Print what a frame is like; exit code 1 with a sentence on standard error where there is none."""
    began = time.perf_counter()
    try:
        with contextlib.closing(_open(source)) as camera:
            wanted = SETTLING if getattr(camera, "live", False) else 1
            taken = [*itertools.islice(camera.frames(), wanted)][-1:]
    except CancerNetError as error:
        print(error, file=sys.stderr)
        return 1
    if not taken:
        print("the source gave no frame", file=sys.stderr)
        return 1
    frame = taken[0]
    if isinstance(frame, LostFrame):
        print(f"{frame.reason}: {frame.message}", file=sys.stderr)
        return 1
    height, width = frame.pixels.shape[:2]
    grey = frame.pixels[::8, ::8].mean(axis=2)
    found = {
        "size": [width, height],
        "seconds": round(time.perf_counter() - began, 1),
        "mean": round(float(grey.mean()), 1),
        "dark": round(float(np.mean(grey < 16)), 3),
        "clipped": round(float(np.mean(grey >= 254)), 3),
    }
    print(json.dumps(found))
    return 0


def _open(source: str) -> Camera:
    """Open a source; one that does not say its scale is opened all the same."""
    try:
        return open_camera(source)
    except UnknownScale:
        return open_camera(source, PROBED_UM_PER_PX)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
