"""A Raspberry Pi camera, open: its image processor crops and scales, and one request gives both sizes."""

from __future__ import annotations

import concurrent.futures
import logging
import math
from collections.abc import Iterator, Mapping
from typing import Any

from edge_runtime.cameras.controls import differences
from edge_runtime.cameras.pi_controls import PiControls
from edge_runtime.cameras.pi_formats import to_half_rgb, to_rgb
from edge_runtime.cameras.pi_geometry import delivered_um_per_px
from edge_runtime.cameras.pi_setup import PiOptions, sensor_size, set_up
from edge_runtime.cameras.stage import Box
from edge_runtime.errors import CameraHung, CameraLost, GarbledPicture
from edge_runtime.optics import AT_SCALE
from edge_runtime.records import Frame, LostFrame

log = logging.getLogger(__name__)


class PiCamera:
    """Owns an open, started Picamera2."""

    def __init__(self, device: Any, options: PiOptions) -> None:
        """Configure the device, read back what it made of that, and start it."""
        self._device = device
        self._options = options
        self._name = f"pi:{options.number}"
        self._sensor = sensor_size(device)
        self._main, self._lores = set_up(device, options, self._sensor, self._name)
        self._metadata: Mapping[str, Any] = {}
        self.controls = PiControls(device, self._last_metadata)
        if options.settings.says_something:
            for said in differences(options.settings, self.controls.set(options.settings)):
                log.warning("%s: %s", self._name, said)
        device.start()

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield frames without end: the fine picture, and beside it the one at the model's scale."""
        index = 0
        while True:
            yield self._frame_or_why_not(index)
            index += 1

    def close(self) -> None:
        """Stop the camera and give it back."""
        self._device.close()

    def _frame_or_why_not(self, index: int) -> Frame | LostFrame:
        try:
            return self._frame(index)
        except GarbledPicture as error:
            return LostFrame(index, f"{self._name}#{index}", error.reason, str(error))

    def _frame(self, index: int) -> Frame:
        request = self._request()
        try:
            self._metadata = told = request.get_metadata()
            pixels = to_rgb(request.make_buffer("main"), self._main)
            coarse = None if self._lores is None else to_half_rgb(request.make_buffer("lores"), self._lores)
        finally:
            request.release()
        crop = Box(*(told.get("ScalerCrop") or (0, 0, self._sensor[1], self._sensor[0])))
        duration_us = told.get("FrameDuration")
        return Frame(
            pixels,
            delivered_um_per_px(self._options.um_per_px, crop, self._main.size),
            index,
            f"{self._name}#{index}",
            timestamp_ns=told.get("SensorTimestamp"),
            interval_ns=None if not duration_us else round(duration_us * 1000),
            reduced=coarse if self._is_at_model_scale(crop) else None,
            sensor_px=self._sensor,
        )

    def _is_at_model_scale(self, crop: Box) -> bool:
        model = self._options.model_um_per_px
        if self._lores is None or model is None:
            return False
        delivered = 2 * delivered_um_per_px(self._options.um_per_px, crop, self._lores.size)
        return math.isclose(delivered, model, rel_tol=AT_SCALE)

    def _request(self) -> Any:
        job = self._device.capture_request(wait=False)
        try:
            return self._device.wait(job, timeout=self._options.timeout_s)
        except (concurrent.futures.TimeoutError, TimeoutError) as error:  # two classes before Python 3.11
            self._device.cancel_all_and_flush()  # else closing waits for the request, too
            raise CameraHung(
                f"{self._name}: expected a frame within {self._options.timeout_s:g} s, libcamera gave none; "
                "check the camera's ribbon cable"
            ) from error
        except RuntimeError as error:
            raise CameraLost(f"{self._name}: {error}; check the camera's ribbon cable") from error

    def _last_metadata(self) -> Mapping[str, Any]:
        if not self._metadata:
            request = self._request()
            try:
                self._metadata = request.get_metadata()
            finally:
                request.release()
        return self._metadata
