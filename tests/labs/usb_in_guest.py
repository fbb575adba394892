"""What `usb:` makes of a real V4L2 device, the kernel's `vivid`: run inside the guest of v4l2_guest.sh.

Prints one line of JSON; tests/edge_runtime/test_cameras_usb_device.py runs it and judges what it says.
"""

import contextlib
import fcntl
import json
import logging
import struct
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from edge_runtime.cameras.controls import Settings
from edge_runtime.cameras.registry import open_camera
from edge_runtime.errors import CancerNetError
from edge_runtime.records import Frame

DEVICE = "/dev/video0"
UNBIND, BIND = Path("/sys/bus/platform/drivers/vivid/unbind"), Path("/sys/bus/platform/drivers/vivid/bind")
QUERYCTRL, S_CTRL, NEXT = 0xC0445624, 0xC008561C, 0x80000000


class Said(logging.Handler):
    def __init__(self):
        super().__init__(logging.INFO)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


def set_control(name, value):
    """Set a control of vivid's by its name, past OpenCV, as another program would."""
    with Path(DEVICE).open("rb+", buffering=0) as device:
        number = 0
        while True:
            asked = struct.pack("II32siiiiI8x", number | NEXT, 0, b"", 0, 0, 0, 0, 0)
            number, _, found = struct.unpack_from("II32s", fcntl.ioctl(device, QUERYCTRL, asked))
            if found.split(b"\0")[0].decode() == name:
                return fcntl.ioctl(device, S_CTRL, struct.pack("Ii", number, value))


def refusal(text):
    try:
        open_camera(text, 1.0).close()
    except CancerNetError as error:
        return f"{type(error).__name__}: {error}"
    return "opened"


def take(frames, count):
    return [next(frames) for _ in range(count)]


def reasons(got):
    return ["frame" if isinstance(each, Frame) else each.reason for each in got]


def wait_for_device():
    while not Path(DEVICE).exists():
        time.sleep(0.05)


said = Said()
logging.getLogger("edge_runtime").addHandler(said)
logging.getLogger("edge_runtime").setLevel(logging.INFO)
told = {}

with contextlib.closing(open_camera("usb:0?size=320x180&timeout=20", 0.5)) as camera:
    frames = camera.frames()
    got = take(frames, 8)
    told["plain"] = reasons(got)
    told["shape"], told["dtype"], told["scale"] = got[0].pixels.shape, str(got[0].pixels.dtype), got[0].um_per_px
    told["colours"] = [got[-1].pixels[90, x].tolist() for x in range(20, 320, 40)]
    told["stamps_ms"] = [each.timestamp_ns / 1e6 for each in got]
    told["now_ms"] = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e3
    told["busy"] = refusal("usb:0")
    told["settings"] = vars(camera.controls.read())
    taken = camera.controls.set(Settings(exposure_us=5000, gain=100))
    told["taken"], told["locked"] = vars(taken), vars(camera.controls.lock())
    set_control("Percentage of Dropped Buffers", 40)
    take(frames, 12)
    told["dropped"] = sum(each.dropped for each in take(frames, 24) if isinstance(each, Frame))
    set_control("Percentage of Dropped Buffers", 0)
    set_control("OSD Text Mode", 2)  # nothing in the picture moves any more
    told["frozen"] = reasons(take(frames, 6))[-3:]
    set_control("OSD Text Mode", 0)
    told["unfrozen"] = "frame" in reasons(take(frames, 12))
    UNBIND.write_text("vivid.0")
    told["unplugged"] = reasons(take(frames, 2))
    BIND.write_text("vivid.0")
    wait_for_device()
    told["plugged_in"] = "frame" in reasons(take(frames, 6))

with contextlib.closing(open_camera("usb:/dev/video0?size=1280x720&fps=25&timeout=20", 0.5)) as camera:
    told["large"] = next(camera.frames()).pixels.shape
said.lines.clear()
with contextlib.closing(open_camera("usb:0?format=MJPG&exposure_us=5000&timeout=20", 0.5)) as camera:
    told["mjpg"] = reasons(take(camera.frames(), 2))
told["mjpg_said"] = list(said.lines)
told["size"] = refusal("usb:0?size=1234x777")
told["absent"] = refusal("usb:7")
told["no_name"] = refusal("usb:no-such-camera")
told["file"] = refusal("usb:/etc/hostname")
print("TOLD", json.dumps(told), flush=True)
