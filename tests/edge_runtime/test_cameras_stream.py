"""`stream:` over a real connection on loopback, decoded by OpenCV's own FFmpeg."""

from __future__ import annotations

import contextlib
import itertools
import socket
from collections.abc import Iterator

import numpy as np
import pytest

from edge_runtime.cameras.registry import SourceSpec, open_camera, parse_source
from edge_runtime.errors import BadInput, CameraLost, UnknownScale
from edge_runtime.records import Frame
from tests.edge_runtime.fakes.mjpeg import Sender


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    monkeypatch.setattr("edge_runtime.cameras.trouble.Backoff.waits", lambda self, rng: itertools.repeat(0.0))
    with Sender() as running:
        yield running


def test_frames_of_another_computer_come_in_rgb_without_a_clock_of_their_own(sender: Sender) -> None:
    with contextlib.closing(open_camera(f"stream:{sender.address}", 0.5)) as camera:
        frames = list(itertools.islice(camera.frames(), 3))
    assert all(isinstance(frame, Frame) and frame.timestamp_ns is None for frame in frames)
    assert np.abs(frames[2].pixels.mean((0, 1)) - (205.5, 95.5, 45.5)).max() < 4
    assert frames[0].source == f"{sender.address}#0"


def test_a_stream_that_ends_is_lost_and_opened_again(sender: Sender) -> None:
    sender.ends_after = 8
    with contextlib.closing(open_camera(f"stream:{sender.address}", 0.5)) as camera:
        told = [getattr(each, "reason", "frame") for each in itertools.islice(camera.frames(), 12)]
    assert "camera_lost" in told and told[-1] == "frame" and told.count("frame") >= 8
    assert len(sender.asked) >= 2


def test_a_sender_that_stalls_is_given_up_in_time_and_told(sender: Sender) -> None:
    sender.stalls_after = 10
    with contextlib.closing(open_camera(f"stream:{sender.address}?timeout=1", 0.5)) as camera:
        told = [getattr(each, "reason", "frame") for each in itertools.islice(camera.frames(), 12)]
    assert told[0] == "frame" and {"camera_lost", "camera_hung"} & set(told)


def test_a_picture_that_never_changes_is_frozen_after_so_many(sender: Sender) -> None:
    sender.still = True
    with contextlib.closing(open_camera(f"stream:{sender.address}?repeats=4", 0.5)) as camera:
        told = [getattr(each, "reason", "frame") for each in itertools.islice(camera.frames(), 5)]
    assert told == ["frame"] * 4 + ["frozen_picture"]


def test_the_addresses_own_query_reaches_the_sender(sender: Sender) -> None:
    for text in (f"stream:{sender.address}?action=stream", f"stream:{sender.address}?action=stream?um_per_px=0.5"):
        with contextlib.closing(open_camera(text, 0.5)) as camera:
            assert isinstance(next(iter(camera.frames())), Frame)
    assert sender.asked == ["/stream.mjpg?action=stream"] * 2


def test_where_nobody_answers_it_is_said_without_the_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(CameraLost, match="expected a stream, found none") as caught:
        open_camera(f"stream:http://user:secret@127.0.0.1:{port}/x?timeout=2", 0.5)
    assert "secret" not in str(caught.value) and f"http://127.0.0.1:{port}/x" in str(caught.value)


@pytest.mark.parametrize(
    "address", ["", "pi:8000", "file:///etc/passwd", "http://", "ftp://a/b", "http://[::1", "http://a:b"]
)
def test_what_is_no_address_of_a_stream_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="expected an address that begins with one of http://, https://, rtsp://"):
        open_camera(f"stream:{address}", 0.5)


def test_a_bare_address_is_a_stream_and_needs_a_scale() -> None:
    spec = SourceSpec("stream", "rtsp://pi:8554/cam", {"um_per_px": "0.4"})
    assert parse_source("rtsp://pi:8554/cam?um_per_px=0.4") == spec
    with pytest.raises(UnknownScale):
        open_camera("http://127.0.0.1/x")
    with pytest.raises(BadInput, match="has no option 'size'"):
        open_camera("http://127.0.0.1/x?size=2&um_per_px=1")
