"""What `pi:` makes of the real picamera2 on libcamera's virtual camera: run inside the root that holds them.

With `still` it expects frames that do not change. Prints one line of JSON;
tests/edge_runtime/test_cameras_pi_device.py runs it and judges what it says. Bridged here is what the virtual camera
lacks: it has no raw modes, and its buffers come from libcamera's own allocator.
"""

import contextlib
import itertools
import json
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cv2
import picamera2
from picamera2.allocators import LibcameraAllocator

from edge_runtime.cameras.registry import open_camera
from edge_runtime.errors import CancerNetError
from edge_runtime.records import Frame

SIZE = (1280, 720)


class VirtualPicamera2(picamera2.Picamera2):
    def __init__(self, number=0):
        super().__init__(number)
        self.allocator = LibcameraAllocator(self.camera)

    def _get_raw_modes(self):
        return [{"format": "NV12", "size": SIZE}]


class Said(logging.Handler):
    def __init__(self):
        super().__init__(logging.INFO)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def refusal(text):
    try:
        open_camera(text, 1.0, 4.0).close()
    except CancerNetError as error:
        return f"{type(error).__name__}: {error}"
    return "opened"


picamera2.Picamera2 = VirtualPicamera2
said = Said()
logging.getLogger("edge_runtime").addHandler(said)
logging.getLogger("edge_runtime").setLevel(logging.INFO)
told = {}
with contextlib.closing(open_camera("pi:?exposure_us=900&timeout=30", 0.5, 4.0)) as camera:
    frames, told["reasons"] = [], []
    for each in itertools.islice(camera.frames(), 4 if "still" in sys.argv else 60):
        if isinstance(each, Frame):
            frames.append(each)
        else:
            told["reasons"].append(each.reason)
        if len(frames) == 8:
            break
    pixels = frames[0].pixels
    told["shape"], told["dtype"], told["scale"] = pixels.shape, str(pixels.dtype), frames[0].um_per_px
    told["stamps_ns"] = [each.timestamp_ns for each in frames]
    smooth = cv2.blur(frames[-1].pixels, (31, 31))  # single pixels carry the frames' noise and JPEG's rounding
    told["along_x"] = smooth[360, 40::200].tolist()
    told["along_y"] = smooth[20::100, 640].tolist()
    told["locked"] = camera.controls.lock().locked
    told["busy"] = refusal("pi:0")
told["again"] = refusal("pi:0")
told["absent"] = refusal("pi:1")
told["said"] = said.lines
print("TOLD", json.dumps(told), flush=True)
