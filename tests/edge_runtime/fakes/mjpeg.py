"""A camera of another computer, on loopback: motion JPEG over http, and ways to let it fail."""

from __future__ import annotations

import http.server
import threading

import cv2
import numpy as np


class Sender:
    """Serves `/stream.mjpg`: frames with noise, one after the other, until told otherwise."""

    def __init__(self) -> None:
        sender = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sender.asked.append(self.path)
                sender._send(self)

            def log_message(self, *_: object) -> None:
                pass

        self.asked: list[str] = []
        self.ends_after: int | None = None
        self.stalls_after: int | None = None
        self.still = False
        self.stopped = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/stream.mjpg"

    def __enter__(self) -> Sender:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def picture(self, number: int) -> bytes:
        rng = np.random.default_rng(0 if self.still else number)
        bgr = np.full((96, 128, 3), (40, 90, 200), np.uint8) + rng.integers(0, 12, (96, 128, 3), np.uint8)
        return cv2.imencode(".jpg", bgr)[1].tobytes()

    def _send(self, to: http.server.BaseHTTPRequestHandler) -> None:
        to.send_response(200)
        to.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        to.end_headers()
        number = 0
        try:
            while number != self.ends_after and not self.stopped.is_set():
                if number == self.stalls_after:
                    self.stopped.wait()
                    return
                data = self.picture(number)
                to.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data))
                to.wfile.write(data + b"\r\n")
                number += 1
        except OSError:  # the reader went away
            return
