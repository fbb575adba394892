"""Every format that libcamera may lay a picture out in comes back as RGB."""

from __future__ import annotations

import numpy as np
import pytest

from edge_runtime.cameras.pi_formats import FORMATS, Layout, check_layout, to_half_rgb, to_rgb, yuv_matrix
from edge_runtime.errors import CameraFailed, GarbledPicture
from tests.edge_runtime.fakes.picamera2 import laid_out, scene


@pytest.mark.parametrize("padding", [0, 64])
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(("encoding", "full_range"), [("Rec601", True), ("Rec709", False), ("Rec709", True)])
def test_every_format_comes_back_as_rgb_whatever_the_stride(
    format_: str, padding: int, encoding: str, full_range: bool
) -> None:
    rgb = scene(90, 120)
    depth = {"B": 3, "R": 3, "X": 4}.get(format_[0], 1)
    stride = 120 * depth + padding
    buffer = laid_out(rgb, format_, stride, encoding, full_range)
    got = to_rgb(buffer, check_layout(Layout(format_, (90, 120), stride, encoding, full_range)))
    assert got.shape == rgb.shape and got.dtype == np.uint8
    worst = np.abs(got.astype(int) - rgb)[1:-1, 1:-1].max()
    assert worst <= (0 if depth > 1 else 3)


@pytest.mark.parametrize("format_", FORMATS)
def test_at_half_the_size_every_pixel_has_a_colour_of_its_own(format_: str) -> None:
    half = np.random.default_rng(0).integers(60, 190, (45, 60, 3), np.uint8)  # within what YUV can hold
    rgb = half.repeat(2, 0).repeat(2, 1)
    stride = 120 * {"B": 3, "R": 3, "X": 4}.get(format_[0], 1) + 64
    layout = Layout(format_, (90, 120), stride, "Rec601", True)
    buffer = laid_out(rgb, format_, stride, "Rec601", True)
    assert np.abs(to_half_rgb(buffer, layout).astype(int) - half).max() <= 3
    if format_ in ("NV12", "YUV420"):
        assert np.abs(to_rgb(buffer, layout).astype(int) - rgb).max() > 20, "at the full size colours run"
    with pytest.raises(GarbledPicture):
        to_half_rgb(buffer[:-1], layout)


def test_a_wrong_yuv_matrix_would_be_seen() -> None:
    rgb = scene(90, 120)
    buffer = laid_out(rgb, "NV12", 120, "Rec709", True)
    for encoding, full_range in (("Rec601", True), ("Rec709", False)):
        got = to_rgb(buffer, Layout("NV12", (90, 120), 120, encoding, full_range))
        assert np.abs(got.astype(int) - rgb).max() > 8


@pytest.mark.parametrize("encoding", ["Rec601", "Rec709", "Rec2020"])
def test_black_grey_and_white_stay_what_they_are(encoding: str) -> None:
    for full_range, levels in ((True, (0, 128, 255)), (False, (16, 125.5, 235))):
        matrix = yuv_matrix(encoding, full_range)
        for level, expected in zip(levels, (0, 127.5, 255), strict=True):
            assert matrix @ [level, 128, 128, 1] == pytest.approx([expected] * 3, abs=0.6)


def test_too_few_bytes_are_a_garbled_picture_and_an_unknown_format_is_named() -> None:
    with pytest.raises(GarbledPicture, match="expected 16200 bytes of NV12, found 16199"):
        to_rgb(np.zeros(16199, np.uint8), Layout("NV12", (90, 120), 120))
    with pytest.raises(CameraFailed, match="the camera gives MJPEG"):
        check_layout(Layout("MJPEG", (90, 120), 120))
    with pytest.raises(CameraFailed, match="its colours are not known"):
        check_layout(Layout("NV12", (90, 120), 120, "Smpte240m"))
