"""The contract that every camera of the table keeps, and what is particular to each."""

from __future__ import annotations

import contextlib
import itertools
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.cameras import Camera
from edge_runtime.cameras.controls import Settings
from edge_runtime.cameras.registry import CAMERAS, open_camera
from edge_runtime.errors import BadInput
from edge_runtime.records import Frame, LostFrame
from tests.edge_runtime.fakes import mjpeg, picamera2, video_device

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


def frames_of(camera: Camera, most: int | None = None) -> list[Frame]:
    try:
        frames = list(itertools.islice(camera.frames(), most))
    finally:
        camera.close()
    assert all(isinstance(frame, Frame) for frame in frames), frames
    return [frame for frame in frames if isinstance(frame, Frame)]


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


# folder


def test_pictures_come_back_in_rgb_order(tmp_path: Path) -> None:
    frame = frames_of(open_camera(str(write_picture(tmp_path / "a.png")), 2.0))[0]
    assert np.array_equal(frame.pixels, RNG_PICTURE)


# video


def test_every_third_frame_is_taken_with_its_time(tmp_path: Path) -> None:
    frames = frames_of(open_camera(video_example(tmp_path)))
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
    from edge_runtime.cameras.video import Video

    frames = list(Video(StumblingCapture(), "v", 1.0).frames())  # type: ignore[arg-type]
    assert [type(frame) for frame in frames] == [Frame, LostFrame, Frame]
    assert isinstance(frames[1], LostFrame) and frames[1].reason == "unreadable"


# slide


def test_a_large_picture_is_covered_and_no_field_is_smaller_than_a_tile(tmp_path: Path) -> None:
    frames = frames_of(open_camera(slide_example(tmp_path)))
    seen = np.zeros(RNG_PICTURE.shape[:2], int)
    for frame in frames:
        (x, y), (height, width) = frame.origin_xy, frame.pixels.shape[:2]
        assert min(height, width) >= 50
        assert np.array_equal(frame.pixels, RNG_PICTURE[y : y + height, x : x + width])
        seen[y : y + height, x : x + width] += 1
    assert seen.min() >= 1


def test_a_field_is_eight_by_six_tiles_unless_said_otherwise(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "large.png", np.zeros((700, 900, 3), np.uint8))
    assert frames_of(open_camera(f"slide:{path}", 2.0))[0].pixels.shape == (600, 800, 3)
    assert frames_of(open_camera(f"slide:{path}", 4.0))[0].pixels.shape == (300, 400, 3)


@pytest.mark.parametrize("layout", ["{label}/{name}", "{name}"])
def test_patches_of_a_patient_are_stitched_and_no_tile_is_seen_twice(tmp_path: Path, layout: str) -> None:
    rng = np.random.default_rng(0)
    places = {(x, y) for x in range(101, 601, 50) for y in range(51, 401, 50) if rng.random() < 0.6}
    patches = {place: rng.integers(0, 256, (50, 50, 3), np.uint8) for place in places}
    for number, ((x, y), rgb) in enumerate(sorted(patches.items())):
        name = f"8863_idx5_x{x}_y{y}_class{number % 2}.png"
        write_picture(tmp_path / "8863" / layout.format(label=number % 2, name=name), rgb)
    seen = []
    for frame in frames_of(open_camera(f"slide:{tmp_path / '8863'}?field=150x200")):
        assert frame.um_per_px == 4.0
        for top in range(0, frame.pixels.shape[0], 50):
            for left in range(0, frame.pixels.shape[1], 50):
                cell = slice(top, top + 50), slice(left, left + 50)
                if frame.has_data is None or frame.has_data[cell].all():
                    seen.append((frame.origin_xy[0] + left, frame.origin_xy[1] + top))
                    assert np.array_equal(frame.pixels[cell], patches[seen[-1]])
                else:
                    assert not frame.has_data[cell].any()
    assert sorted(seen) == sorted(places)


def test_a_patient_of_whom_nothing_can_be_read_is_refused(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "8863" / "8863_idx5_x1_y1_class0.png", RNG_PICTURE[:50, :50])
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(BadInput, match="none of its 1 patches can be read"):
        open_camera(str(path.parent))
