"""The camera `synthetic:`: a drawn slide under a virtual microscope; the same for the same seed, and no hardware."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime import procedural
from edge_runtime.cameras.options import UM_PER_PX, check_keys, read_float, read_int, read_size
from edge_runtime.cameras.stage import Box, serpentine
from edge_runtime.errors import BadInput, ScaleOutOfRange
from edge_runtime.records import Frame
from edge_runtime.scale import agreed_um_per_px

DEFAULT_UM_PER_PX = 0.8
DEFAULT_FRAME = (1080, 1920)
DEFAULT_SIZE = (1400, 1800)
CARCINOMA = procedural.TISSUES.index("carcinoma")
SHEET_MARGIN = 64
"""px by which the sheet of noise is larger than a frame, so that no two frames need carry the same noise."""


class VirtualMicroscope:
    """Moves over a slide in serpentine; each field is enlarged to the camera's scale and gets sensor noise."""

    def __init__(
        self, slide: procedural.ProceduralSlide, um_per_px: float, frame: tuple[int, int], noise: float = 0.0
    ) -> None:
        """Take a slide, the camera's scale, the (height, width) of its frames, px, and its noise, grey levels."""
        self._slide = slide
        self._truth = (slide.classes == CARCINOMA).astype(np.uint8)
        self._um_per_px = um_per_px
        self._enlargement = procedural.UM_PER_PX / um_per_px
        height, width = slide.rgb.shape[:2]
        size = int(height * self._enlargement), int(width * self._enlargement)
        self.boxes = serpentine(size, frame, smallest=frame)  # a sensor never shrinks: the last field is moved back
        self._sheet = _noise_sheet(slide.seed, frame, noise) if noise else None

    def frames(self) -> Iterator[Frame]:
        """Yield the fields along the path."""
        for index, box in enumerate(self.boxes):
            pixels = self._enlarge(self._slide.rgb, box, cv2.INTER_CUBIC)
            truth = self._enlarge(self._truth, box, cv2.INTER_NEAREST)
            name = f"synthetic:{self._slide.seed}#{index}"
            yield Frame(self._noisy(pixels, index), self._um_per_px, index, name, (box.x, box.y), truth=truth)

    def close(self) -> None:
        """Do nothing: the slide is memory."""

    def _enlarge(self, slide: NDArray[np.uint8], box: Box, method: int) -> NDArray[np.uint8]:
        """Return a box (px of the camera) of the slide; one call, exact below a pixel of the slide."""
        step = 1 / self._enlargement
        left, top = int(box.x * step), int(box.y * step)
        right, bottom = int((box.x + box.width) * step) + 3, int((box.y + box.height) * step) + 3
        left, top = max(0, left - 2), max(0, top - 2)  # what cubic interpolation sees beyond the edge
        # pixel centres: camera px i lies at (i + 0.5) * step - 0.5 px of the slide
        shift_x, shift_y = (box.x + 0.5) * step - 0.5 - left, (box.y + 0.5) * step - 0.5 - top
        matrix = np.array([[step, 0, shift_x], [0, step, shift_y]])
        part, size, flags = slide[top:bottom, left:right], (box.width, box.height), method | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(part, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)

    def _noisy(self, pixels: NDArray[np.uint8], index: int) -> NDArray[np.uint8]:
        if self._sheet is None:
            return pixels
        y, x = np.random.default_rng([self._slide.seed, index]).integers(0, SHEET_MARGIN, 2)
        sheet = self._sheet[y : y + pixels.shape[0], x : x + pixels.shape[1]]
        return np.asarray(cv2.add(pixels, sheet, dtype=cv2.CV_8U), np.uint8)  # saturates


def _noise_sheet(seed: int, frame: tuple[int, int], sigma: float) -> NDArray[np.int16]:
    """Return int16 (h, w, 3) Gaussian noise; drawn once, since drawing it anew costs more than all else in a frame."""
    rng = np.random.default_rng([seed, 1])
    noise = rng.standard_normal((frame[0] + SHEET_MARGIN, frame[1] + SHEET_MARGIN, 3), np.float32)
    return np.asarray(np.rint(np.clip(noise * sigma, -255, 255)), np.int16)


def open_camera(path: str, options: Mapping[str, str], um_per_px: float | None) -> VirtualMicroscope:
    """Draw a slide and open a camera over it; options seed, size, frame (WIDTHxHEIGHT), um_per_px, noise."""
    check_keys("synthetic", options, {"seed", "size", "frame", "noise", UM_PER_PX})
    if path:
        raise BadInput(f"synthetic: takes no path, found {path!r}; write synthetic: or synthetic:?seed=3")
    scale = agreed_um_per_px(um_per_px, options.get(UM_PER_PX)) or DEFAULT_UM_PER_PX
    if scale > procedural.UM_PER_PX:
        raise ScaleOutOfRange(
            f"expected a camera of at most {procedural.UM_PER_PX:g} µm per px, the scale of the drawn slide, "
            f"found {scale:g}; write um_per_px={DEFAULT_UM_PER_PX:g}"
        )
    seed, noise = read_int(options, "seed", 0, 0), read_float(options, "noise", 1.0, 0.0)
    frame, size = read_size(options, "frame", DEFAULT_FRAME), read_size(options, "size", DEFAULT_SIZE)
    return VirtualMicroscope(procedural.make_slide(seed, size), scale, frame, noise)
