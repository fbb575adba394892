"""The contract that every camera of the table keeps, and what is particular to each."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.cameras.controls import Settings
from edge_runtime.cameras.registry import CAMERAS, open_camera
from edge_runtime.errors import BadInput
from edge_runtime.records import Frame
from tests.edge_runtime.fakes import mjpeg, picamera2, video_device
from tests.edge_runtime.fakes.files import RNG_PICTURE, frames_of, write_picture, write_video


def folder_example(root: Path) -> str:
    write_picture(root / "pictures" / "a.png")
    write_picture(root / "pictures" / "deep" / "b.png", RNG_PICTURE[:80])
    return f"folder:{root / 'pictures'}?um_per_px=2"


def slide_example(root: Path) -> str:
    return f"slide:{write_picture(root / 'large.png')}?um_per_px=4&field=60x70"


def video_example(root: Path) -> str:
    return f"video:{write_video(root / 'clip.avi')}?um_per_px=1&every=3"


def synthetic_example(_: Path) -> str:
    return "synthetic:?seed=3&size=120x110&um_per_px=2&frame=100x90"


FILES: dict[str, Callable[[Path], str]] = {
    "folder": folder_example,
    "slide": slide_example,
    "synthetic": synthetic_example,
    "video": video_example,
}
LIVE = {"pi": "pi:?um_per_px=1", "stream": "stream:{address}?um_per_px=1", "usb": "usb:0?um_per_px=1"}


@pytest.fixture(params=sorted(CAMERAS))
def source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A tiny working source of each kind in the table; live ones stand on what their own tests stand on."""
    if request.param in FILES:
        return FILES[request.param](tmp_path)
    if request.param not in LIVE:
        pytest.fail(f"the camera {request.param!r} is in the table but has no example here; add one")
    if request.param == "pi":
        monkeypatch.setitem(sys.modules, "picamera2", picamera2.module(picamera2.World()))
    if request.param == "usb":
        video_device.plug_in(monkeypatch)
    address = request.getfixturevalue("sender").address if request.param == "stream" else ""
    return LIVE[request.param].format(address=address)


@pytest.fixture
def sender() -> Iterator[mjpeg.Sender]:
    with mjpeg.Sender() as running:
        yield running


def test_frames_are_rgb_bytes_at_a_known_scale_and_counted_from_0(source: str) -> None:
    frames = frames_of(open_camera(source), 6)
    assert len(frames) >= 2
    assert [frame.index for frame in frames] == list(range(len(frames)))
    for frame in frames:
        assert frame.pixels.dtype == np.uint8 and frame.pixels.ndim == 3 and frame.pixels.shape[2] == 3
        assert frame.pixels.strides[1:] == (3, 1), "pixels lie side by side, also in a view"
        assert frame.um_per_px > 0
        assert frame.source
        for map_ in (frame.truth, frame.has_data):
            assert map_ is None or map_.shape == frame.pixels.shape[:2]
    assert len({frame.source for frame in frames}) == len(frames)


def test_sensor_timestamps_rise_from_frame_to_frame(source: str) -> None:
    stamps = [frame.timestamp_ns for frame in frames_of(open_camera(source), 6)]
    told = [stamp for stamp in stamps if stamp is not None]
    assert len(told) in (0, len(stamps)), "a camera has a clock, or it has none"
    assert all(one < other for one, other in itertools.pairwise(told))


@pytest.mark.parametrize("source", sorted(FILES), indirect=True)
def test_the_same_files_give_the_same_frames(source: str) -> None:
    first, second = frames_of(open_camera(source)), frames_of(open_camera(source))
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.pixels, other.pixels)
        assert (one.origin_xy, one.source, one.timestamp_ns) == (other.origin_xy, other.source, other.timestamp_ns)


def test_a_frame_stays_as_it_was_when_the_next_one_comes(source: str) -> None:
    camera = open_camera(source)
    kept = [(frame.pixels, frame.pixels.copy()) for frame in itertools.islice(camera.frames(), 6)]
    camera.close()
    assert all(np.array_equal(now, then) for now, then in kept)


def test_controls_can_be_read_set_and_locked_where_a_camera_has_them(source: str) -> None:
    with contextlib.closing(open_camera(source)) as camera:
        next(iter(camera.frames()))
        before = camera.controls.read()
        taken = camera.controls.set(Settings(exposure_us=3000.0))
        assert taken.exposure_us in (None, pytest.approx(3000.0, rel=0.05)), "another value would be told"
        assert (taken.exposure_us is None) == (before.exposure_us is None)
        locked = camera.controls.lock()
        assert locked.locked and camera.controls.read() == locked


def test_closing_twice_or_before_the_first_frame_is_no_error(source: str) -> None:
    camera = open_camera(source)
    camera.close()
    camera.close()


@pytest.mark.parametrize("source", sorted(LIVE), indirect=True)
def test_a_live_camera_that_was_closed_gives_no_more_frames_and_can_be_opened_again(source: str) -> None:
    for _ in range(2):
        camera = open_camera(source)
        frames = camera.frames()
        assert isinstance(next(frames), Frame)
        camera.close()
        assert next(frames, None) is None


def test_a_wrong_option_is_named(source: str) -> None:
    joint = "&" if "?" in source else "?"
    with pytest.raises(BadInput, match=r"has no option 'colour'; it knows .*um_per_px"):
        open_camera(f"{source}{joint}colour=red")


def test_pictures_come_back_in_rgb_order(tmp_path: Path) -> None:
    frame = frames_of(open_camera(str(write_picture(tmp_path / "a.png")), 2.0))[0]
    assert np.array_equal(frame.pixels, RNG_PICTURE)
