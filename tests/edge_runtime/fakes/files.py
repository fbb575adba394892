"""Small pictures and videos for the tests of cameras that read files, and all the frames of one."""

from __future__ import annotations

import itertools
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.cameras import Camera
from edge_runtime.records import Frame

RNG_PICTURE = np.random.default_rng(5).integers(0, 256, (130, 170, 3), np.uint8)


def write_picture(path: Path, rgb: np.ndarray = RNG_PICTURE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.ascontiguousarray(rgb[..., ::-1]))
    return path


def write_video(path: Path, count: int = 10) -> Path:
    """Write frames whose red channel tells their number; motion JPEG, at 10 frames a second."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10.0, (64, 48))
    if not writer.isOpened():
        pytest.skip("this OpenCV writes no motion JPEG")
    for number in range(count):
        writer.write(np.full((48, 64, 3), (10, 40, 20 * number), np.uint8))
    writer.release()
    return path


def frames_of(camera: Camera, most: int | None = None) -> list[Frame]:
    try:
        frames = list(itertools.islice(camera.frames(), most))
    finally:
        camera.close()
    assert all(isinstance(frame, Frame) for frame in frames), frames
    return [frame for frame in frames if isinstance(frame, Frame)]
