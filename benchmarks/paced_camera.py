"""A camera at its own pace, in a process of its own: motion JPEG on loopback, so many frames a second, late or not.

python -m benchmarks.paced_camera 10      # prints its address; ends when its standard input does
"""

from __future__ import annotations

import contextlib
import http.server
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.cameras.registry import open_camera
from edge_runtime.errors import CheckFailed
from edge_runtime.records import Frame

UM_PER_PX = 0.8
_DRAWN = f"synthetic:?um_per_px={UM_PER_PX}"
_PICTURES = 8
_CHECKOUT = Path(__file__).resolve().parents[1]


def main(per_second: float) -> None:
    """Send to whoever asks, from 8 drawn views of 1920x1080 in turn."""
    pictures = _pictures()

    class Sender(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            began, number = time.perf_counter(), 0
            with contextlib.suppress(OSError):  # who looked is gone
                while True:
                    now = time.perf_counter()
                    number = max(number + 1, int((now - began) * per_second))  # what could not be sent in time is lost
                    time.sleep(max(0.0, began + number / per_second - now))
                    jpeg = pictures[number % len(pictures)]
                    self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
                    self.wfile.write(jpeg + b"\r\n")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sender) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"http://127.0.0.1:{server.server_address[1]}/camera.mjpg", flush=True)
        sys.stdin.read()
        server.shutdown()


def _pictures() -> list[bytes]:
    with contextlib.closing(open_camera(_DRAWN)) as camera:
        frames = camera.frames()
        drawn = [frame.pixels for frame in (next(frames) for _ in range(_PICTURES)) if isinstance(frame, Frame)]
    rng = np.random.default_rng(0)
    noisy = [
        np.clip(each.astype(np.int16) + rng.integers(-2, 3, each.shape), 0, 255).astype(np.uint8) for each in drawn
    ]
    return [cv2.imencode(".jpg", cv2.cvtColor(each, cv2.COLOR_RGB2BGR))[1].tobytes() for each in noisy]


@contextlib.contextmanager
def paced_camera(per_second: float) -> Iterator[str]:
    """Run one; give the source that names it."""
    command = [sys.executable, "-m", "benchmarks.paced_camera", f"{per_second:g}"]
    with subprocess.Popen(command, cwd=_CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            raise CheckFailed("expected a camera of motion JPEG to start, found that it ended: run it by itself")
        try:
            yield f"stream:{address}?um_per_px={UM_PER_PX}"
        finally:
            process.stdin.close()


if __name__ == "__main__":
    main(float(sys.argv[1]))
