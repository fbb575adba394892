"""The virtual stage: where it goes, what it sees there, and what is wrong with its microscope."""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.cameras import Camera
from edge_runtime.cameras.registry import open_camera
from edge_runtime.cameras.travel import PATHS, fields, without_stop
from edge_runtime.cameras.virtual_microscope import Flaws, Journey, VirtualMicroscope
from edge_runtime.errors import BadInput
from edge_runtime.procedural import TISSUES, UM_PER_PX, ProceduralSlide
from edge_runtime.records import Frame, LostFrame

SMALL = "synthetic:?size=120x110&um_per_px=2&frame=100x90"


def frames_of(camera: Camera) -> list[Frame]:
    with contextlib.closing(camera):
        return [frame for frame in camera.frames() if isinstance(frame, Frame)]


@pytest.fixture
def tiny_slide() -> ProceduralSlide:
    """A slide of smooth colours, with carcinoma in its right half."""
    y, x = np.mgrid[0:60, 0:80].astype(np.uint8)
    classes = np.full((60, 80), TISSUES.index("stroma"), np.uint8)
    classes[:, 40:] = TISSUES.index("carcinoma")
    return ProceduralSlide(np.stack([x * 3, y * 4, x + y], axis=2), classes, 0)


@pytest.mark.parametrize("um_per_px", [4.0, 2.0, 0.8, 1.3])
def test_the_virtual_microscope_shows_each_place_where_it_is(tiny_slide: ProceduralSlide, um_per_px: float) -> None:
    scale = um_per_px / UM_PER_PX
    for frame in VirtualMicroscope(tiny_slide, um_per_px, (50, 60)).frames():
        ys, xs = (
            (np.arange(n) + start + 0.5) * scale - 0.5 for n, start in zip((50, 60), frame.origin_xy[::-1], strict=True)
        )
        inner = np.ix_((ys >= 1) & (ys <= 58), (xs >= 1) & (xs <= 78))
        expected = np.stack(np.broadcast_arrays(xs[None, :] * 3, ys[:, None] * 4, xs[None, :] + ys[:, None]), axis=2)
        assert np.abs(frame.pixels[inner].astype(float) - expected[inner]).max() < 1.6
        assert frame.truth is not None
        sure = np.abs(xs - 39.5) > 0.6
        assert np.array_equal(frame.truth[:, sure], np.broadcast_to(xs[sure] > 39.5, (50, sure.sum())))


def test_the_virtual_microscope_visits_the_whole_slide_with_whole_frames(tiny_slide: ProceduralSlide) -> None:
    seen = np.zeros((300, 400), int)  # 0.8 µm per px
    for frame in VirtualMicroscope(tiny_slide, 0.8, (90, 150)).frames():
        assert frame.pixels.shape == (90, 150, 3)
        x, y = frame.origin_xy
        seen[y : y + 90, x : x + 150] += 1
    assert seen.shape == (300, 400) and seen.min() >= 1


def test_a_slide_smaller_than_the_sensor_is_one_frame(tiny_slide: ProceduralSlide) -> None:
    (frame,) = VirtualMicroscope(tiny_slide, 4.0, (1080, 1920)).frames()
    assert np.array_equal(frame.pixels, tiny_slide.rgb)


def test_sensor_noise_is_as_strong_as_asked_and_new_in_each_frame(tiny_slide: ProceduralSlide) -> None:
    flat = ProceduralSlide(np.full_like(tiny_slide.rgb, 128), tiny_slide.classes, 9)
    frames = [frame.pixels.astype(float) for frame in VirtualMicroscope(flat, 2.0, (60, 80), Flaws(noise=3.0)).frames()]
    assert [frame.std() for frame in frames] == pytest.approx([3.0] * len(frames), rel=0.05)
    assert not np.array_equal(frames[0], frames[1])


def test_the_scale_given_beside_the_source_is_the_virtual_cameras() -> None:
    assert frames_of(open_camera("synthetic:?size=100x100&frame=64x64", 2.0))[0].um_per_px == 2.0
    assert frames_of(open_camera("synthetic:?size=100x100"))[0].um_per_px == 0.8


def test_another_seed_is_another_slide() -> None:
    def pixels(seed: int) -> Iterator[np.ndarray]:
        return (frame.pixels for frame in frames_of(open_camera(f"synthetic:?size=100x100&um_per_px=4&seed={seed}")))

    assert not np.array_equal(next(pixels(1)), next(pixels(2)))


SIZES = st.tuples(st.integers(20, 300), st.integers(20, 300))


@given(st.sampled_from(PATHS), SIZES, SIZES, st.integers(0, 5))
def test_every_path_but_still_visits_each_field_once(
    path: str, size: tuple[int, int], frame: tuple[int, int], seed: int
) -> None:
    all_ = {(box.x, box.y) for box in fields("serpentine", size, frame)}
    got = [(box.x, box.y) for box in fields(path, size, frame, seed)]
    assert set(got) <= all_ and len(got) == len(set(got)) == (1 if path == "still" else len(all_))
    assert got == [(box.x, box.y) for box in fields(path, size, frame, seed)]


def test_a_spiral_goes_from_the_middle_out_to_neighbours_only() -> None:
    got = [(box.x // 10, box.y // 10) for box in fields("spiral", (50, 50), (10, 10))]
    assert got[0] == (2, 2) and len(got) == 25
    assert all(abs(ax - bx) + abs(ay - by) == 1 for (ax, ay), (bx, by) in itertools.pairwise(got))
    assert fields("still", (50, 50), (10, 10))[0].x == 20


@given(SIZES, st.floats(0.7, 60))
def test_a_stage_that_does_not_stop_goes_the_same_step_between_frames(size: tuple[int, int], step_px: float) -> None:
    boxes = fields("serpentine", size, (20, 20))
    views = list(without_stop(boxes, step_px))
    length = sum(math.hypot(a.x - b.x, a.y - b.y) for a, b in itertools.pairwise(boxes))
    assert len(views) == pytest.approx(length / step_px + 1.5, abs=1.01)
    gone = [math.hypot(a.x - b.x, a.y - b.y) for a, b in itertools.pairwise(views[:-1])]
    assert all(way <= step_px + 1e-6 for way in gone), "around a corner it is less in a straight line"
    assert all(math.hypot(*view.along) == pytest.approx(1) for view in views[:-1])


def test_speed_and_frame_rate_tell_how_far_apart_the_frames_are() -> None:
    frames = frames_of(open_camera(f"{SMALL}&speed=500&fps=10"))
    assert frames[1].origin_xy[0] - frames[0].origin_xy[0] == 25  # 50 um
    assert frames[1].timestamp_ns == frames[1].interval_ns == 100_000_000
    assert len(frames_of(open_camera(f"{SMALL}&rounds=3"))) == 3 * len(frames_of(open_camera(SMALL)))


def flat_frames(flaws: Flaws, journey: Journey | None = None) -> list[Frame]:
    grey = np.full((100, 120, 3), (200, 150, 180), np.uint8)
    slide = ProceduralSlide(grey, np.zeros((100, 120), np.uint8), 4)
    return frames_of(VirtualMicroscope(slide, 2.0, (80, 100), flaws, journey))


def test_lamp_falloff_and_dirt_are_the_same_in_every_frame() -> None:
    frames = flat_frames(Flaws(lamp=0.5, falloff=0.4, dirt=3))
    assert len(frames) > 2 and all(np.array_equal(frames[0].pixels, frame.pixels) for frame in frames)
    assert frames[0].pixels[0, 0, 0] == pytest.approx(200 * 0.5 * 0.6, abs=1)
    assert flat_frames(Flaws(lamp=0.5))[0].pixels[0, 0].tolist() == [100, 75, 90]


def test_jitter_moves_the_view_but_not_what_the_stage_believes(tiny_slide: ProceduralSlide) -> None:
    still, shaken = (
        frames_of(VirtualMicroscope(tiny_slide, 2.0, (60, 80), Flaws(jitter=jitter))) for jitter in (0.0, 6.0)
    )
    assert [frame.origin_xy for frame in still] == [frame.origin_xy for frame in shaken]
    assert not np.array_equal(still[0].pixels, shaken[0].pixels)
    again = frames_of(VirtualMicroscope(tiny_slide, 2.0, (60, 80), Flaws(jitter=6.0)))
    assert all(np.array_equal(one.pixels, other.pixels) for one, other in zip(shaken, again, strict=True))


def test_defocus_tint_and_motion_are_seen() -> None:
    def sharpness(options: str) -> float:
        frame = frames_of(open_camera(f"synthetic:?size=200x200&frame=200x160&noise=0&{options}"))[7]
        return float(cv2.Laplacian(frame.pixels[..., 1], cv2.CV_32F).std())

    sharp = sharpness("seed=1")
    assert sharpness("seed=1&defocus=6") < 0.5 * sharp
    assert frames_of(open_camera(f"{SMALL}&tint=40"))[0].pixels.mean() != frames_of(open_camera(SMALL))[0].pixels.mean()
    moving = [
        frames_of(open_camera(f"{SMALL}&noise=0&speed=2000&exposure_us={us}"))[2].pixels[..., 1] for us in (1, 20_000)
    ]
    assert (
        np.abs(np.diff(moving[1].astype(int), axis=1)).mean()
        < 0.8 * np.abs(np.diff(moving[0].astype(int), axis=1)).mean()
    )


def test_a_microscope_that_fails_on_purpose_recovers_and_shows_every_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_runtime.cameras.trouble.Backoff.waits", lambda self, rng: iter([0.0] * 99))
    text = f"{SMALL}&faults=0.5&timeout=0.05"
    with contextlib.closing(open_camera(text)) as camera:
        got = list(camera.frames())
    frames, lost = ([each for each in got if isinstance(each, kind)] for kind in (Frame, LostFrame))
    assert [frame.origin_xy for frame in frames] == [frame.origin_xy for frame in frames_of(open_camera(SMALL))]
    assert lost and all(each.reason and each.message for each in lost)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("path=zigzag", "path: expected one of serpentine, raster, spiral, random, still, found 'zigzag'"),
        ("speed=-1", "speed: expected a number from 0 on"),
        ("falloff=2", "falloff: expected a share of 0 to 1, found '2'"),
        ("faults=1.5", "faults: expected a share of 0 to 1"),
        ("fps=0", "fps: expected a number above 0"),
        ("rounds=0", "rounds: expected a whole number from 1 on"),
        ("dirt=many", "dirt: expected a whole number from 0 on"),
        ("timeout=1", "has no option 'timeout'"),
    ],
)
def test_a_wrong_wish_is_answered_with_a_sentence(options: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        open_camera(f"{SMALL}&{options}")
    assert says in str(caught.value)
