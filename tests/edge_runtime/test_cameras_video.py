"""A video is a camera whose frames lie in a file; it may break off."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.cameras.registry import open_camera
from edge_runtime.cameras.video import Video
from edge_runtime.records import Frame, LostFrame
from tests.edge_runtime.fakes.files import frames_of, write_video


def test_every_third_frame_is_taken_with_its_time(tmp_path: Path) -> None:
    frames = frames_of(open_camera(f"video:{write_video(tmp_path / 'clip.avi')}?um_per_px=1&every=3"))
    assert [round(float(frame.pixels[..., 0].mean()) / 20) for frame in frames] == [0, 3, 6, 9]
    assert [frame.timestamp_ns for frame in frames] == [0, 300_000_000, 600_000_000, 900_000_000]
    assert frames[1].source == "clip.avi#1"


def test_a_video_that_breaks_off_keeps_what_came_before_and_warns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_video(tmp_path / "clip.avi", 12)
    data = path.read_bytes()
    path.write_bytes(b"00dc".join(data.split(b"00dc")[:7])[:-200])  # cut within the sixth frame
    with caplog.at_level(logging.WARNING):
        frames = frames_of(open_camera(str(path), 1.0))
    assert 0 < len(frames) < 12
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert f"ended after {len(frames)} of 12 frames" in caplog.text


def test_a_whole_video_ends_without_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    frames_of(open_camera(str(write_video(tmp_path / "clip.avi")), 1.0))
    assert not caplog.records


class StumblingCapture:
    """A capture of which the second frame cannot be decoded."""

    def __init__(self) -> None:
        self.grabbed = 0

    def grab(self) -> bool:
        self.grabbed += 1
        return self.grabbed <= 3

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        return (False, None) if self.grabbed == 2 else (True, np.zeros((4, 4, 3), np.uint8))

    def get(self, _: int) -> float:
        return 0.0


def test_a_frame_that_cannot_be_decoded_is_lost_and_the_next_one_follows() -> None:
    frames = list(Video(StumblingCapture(), "v", 1.0).frames())  # type: ignore[arg-type]
    assert [type(frame) for frame in frames] == [Frame, LostFrame, Frame]
    assert isinstance(frames[1], LostFrame) and frames[1].reason == "unreadable"
