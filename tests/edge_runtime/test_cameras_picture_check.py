"""What no sensor gives is told from what only looks odd."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.cameras.picture_check import PictureCheck
from edge_runtime.errors import BadPicture
from edge_runtime.records import Frame
from tests.edge_runtime.fakes.failing import picture


def checked(*pictures: np.ndarray, repeats: int = 1) -> list[str]:
    check, said = PictureCheck(repeats), []
    for pixels in pictures:
        try:
            check.check(Frame(pixels, 0.5, 0, "x"))
            said.append("good")
        except BadPicture as error:
            said.append(error.reason)
    return said


def test_each_kind_of_bad_picture_has_its_reason() -> None:
    cut = picture(1)
    cut[30:] = 128
    empty_yuv = np.full((40, 60, 3), (0, 135, 0), np.uint8)
    assert checked(picture(0), np.full((40, 60, 3), 16, np.uint8)) == ["good", "black_picture"]
    assert checked(picture(0), picture(0), picture(1)) == ["good", "frozen_picture", "good"]
    assert checked(picture(0), cut, empty_yuv) == ["good", "garbled_picture", "garbled_picture"]
    assert checked(picture(0)[..., 0], picture(0).astype(float), picture(0)[:0]) == ["garbled_picture"] * 3
    assert checked(picture(0), picture(1, (60, 40)), picture(2)) == ["good", "resized_picture", "good"]


def test_glare_a_dark_field_stop_and_a_still_view_with_noise_are_no_faults() -> None:
    glare = np.full((40, 60, 3), 255, np.uint8)
    stopped = picture(3)
    stopped[30:] = 2
    noisy = [np.clip(picture(5) + np.random.default_rng(n).integers(0, 2, (40, 60, 3)), 0, 255) for n in (1, 2)]
    assert checked(glare, glare, stopped, *(each.astype(np.uint8) for each in noisy)) == ["good"] * 5


def test_a_stream_may_repeat_a_picture_so_often() -> None:
    assert checked(*[picture(0)] * 4, repeats=3) == ["good"] * 3 + ["frozen_picture"]


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_a_live_sensor_of_any_size_is_never_frozen(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = [rng.integers(20, 250, (height + 5, width + 5, 3), np.uint8) for _ in range(2)]
    assert checked(*pictures) == ["good", "good"]
