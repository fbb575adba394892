"""The text of a source, and what is said about a wrong one."""

from __future__ import annotations

import logging
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.cameras.registry import CAMERAS, SourceSpec, open_camera, parse_source
from edge_runtime.errors import BadInput, ScaleOutOfRange, UnknownScale


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def picture(path: Path, size: tuple[int, int] = (60, 80)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return path


def patch(folder: Path, x: int = 1, y: int = 1, patient: str = "8863", size: tuple[int, int] = (50, 50)) -> Path:
    return picture(folder / f"{patient}_idx5_x{x}_y{y}_class0.png", size)


def refusal(text: str, um_per_px: float | None = None) -> str:
    """Return what is said of a source that cannot be used: one line."""
    with pytest.raises(BadInput) as caught:
        open_camera(text, um_per_px)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_kind_path_and_options_are_taken_apart(here: Path) -> None:
    assert parse_source("video:a b.mp4?every=3&um_per_px=0.5") == SourceSpec(
        "video", "a b.mp4", {"every": "3", "um_per_px": "0.5"}
    )
    assert parse_source("synthetic:") == SourceSpec("synthetic", "")
    assert parse_source("synthetic:?seed=2") == SourceSpec("synthetic", "", {"seed": "2"})


def test_a_bare_path_is_a_picture_a_video_a_folder_or_a_slide(here: Path) -> None:
    picture(here / "one.png")
    picture(here / "pictures" / "deep" / "a.png")
    patch(here / "8863" / "0")
    (here / "clip.MP4").write_bytes(b"")
    assert parse_source("one.png").kind == "folder"
    assert parse_source("pictures").kind == "folder"
    assert parse_source("8863").kind == "slide"
    assert parse_source("clip.MP4").kind == "video"
    assert parse_source("8863?field=100x100") == SourceSpec("slide", "8863", {"field": "100x100"})


@pytest.mark.parametrize("name", ["video:x.png", "what.png?every=2", "zz:y.png"])
def test_a_path_that_exists_wins_over_its_reading_as_a_source(here: Path, name: str) -> None:
    picture(here / name)
    assert parse_source(name) == SourceSpec("folder", name)


def test_a_question_mark_in_a_name_does_not_hide_the_options(here: Path) -> None:
    picture(here / "what?.png")
    assert parse_source("what?.png?um_per_px=2") == SourceSpec("folder", "what?.png", {"um_per_px": "2"})
    assert parse_source("slide:what?.png") == SourceSpec("slide", "what?.png")


def test_a_windows_drive_is_no_kind(here: Path) -> None:
    assert parse_source(r"video:C:\clips\a.mp4?every=2") == SourceSpec("video", r"C:\clips\a.mp4", {"every": "2"})
    assert "no such file or folder" in refusal(r"C:\slides\a.png")


def test_an_address_keeps_its_own_colons_and_slashes() -> None:
    spec = SourceSpec("video", "rtsp://pi:8554/cam", {"every": "2"})
    assert parse_source("video:rtsp://pi:8554/cam?every=2") == spec


def test_an_unknown_kind_names_the_known_ones_and_that_a_path_will_do(here: Path) -> None:
    said = refusal("webcam:0")
    assert "'webcam'" in said and "give a path" in said
    assert all(kind in said for kind in CAMERAS)


def test_a_missing_path_is_named(here: Path) -> None:
    assert refusal("nowhere.png").startswith("nowhere.png: no such file or folder")
    for kind in ("folder", "video", "slide"):
        assert "nowhere: no such file or folder" in refusal(f"{kind}:nowhere", 1.0)
        assert f"expected a path after {kind}:" in refusal(f"{kind}:", 1.0)
    assert "found nothing" in refusal("")
    assert "no such file" in refusal("a" * 5000)


def test_a_kind_without_its_colon_is_explained(here: Path) -> None:
    assert "write synthetic:?seed=1" in refusal("synthetic?seed=1")
    assert "write synthetic:" in refusal("synthetic")


def test_a_folder_with_nothing_usable_is_refused(here: Path) -> None:
    (here / "empty").mkdir()
    (here / "empty" / "notes.txt").write_text("")
    assert "found a folder with none in it" in refusal("empty")
    assert "expected pictures, found 1 other files" in refusal("folder:empty", 1.0)
    assert "expected the IDC patches of one patient" in refusal("slide:empty")
    picture(here / "pictures" / "a.png")
    assert "write folder:pictures" in refusal("slide:pictures", 1.0)


def test_an_unknown_option_names_the_known_ones(here: Path) -> None:
    picture(here / "a.png")
    assert "folder: has no option 'every'; it knows idle, um_per_px, watch" in refusal("folder:a.png?every=2", 1.0)
    assert "seed, size, speed, tint, um_per_px" in refusal("synthetic:?sead=1")
    assert "it knows every, um_per_px" in refusal("video:a.png?speed=2", 1.0)
    assert "it knows field, um_per_px" in refusal("slide:a.png?fields=2", 1.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("video:a.png?every=0", "every: expected a whole number from 1 on, found '0'"),
        ("video:a.png?every=two", "every: expected a whole number"),
        ("video:a.png?every", "expected KEY=VALUE"),
        ("video:a.png?every=", "every: expected a whole number from 1 on, found ''"),
        ("video:a.png?every=1&every=2", "found 'every' twice"),
        ("video:a.txt", "expected a video that OpenCV can decode"),
        ("slide:a.png?field=5", "field: expected WIDTHxHEIGHT in px, found '5'; write field="),
        ("slide:a.png?field=0x5", "field: expected WIDTHxHEIGHT"),
        ("slide:a.png?field=100x20", "field: expected at least one tile (200 µm, here 50 px) a side, found 100x20"),
        ("synthetic:?seed=-1", "seed: expected a whole number from 0 on"),
        ("synthetic:?noise=nan", "noise: expected a number from 0 on"),
        ("synthetic:?frame=99999x99999", "frame: expected at most"),
        ("synthetic:slide", "synthetic: takes no path"),
    ],
)
def test_a_wrong_option_is_answered_with_a_sentence(here: Path, text: str, says: str) -> None:
    picture(here / "a.png")
    (here / "a.txt").write_text("no video")
    assert says in refusal(text, 4.0)


def test_a_scale_is_needed_checked_and_not_contradicted(here: Path) -> None:
    picture(here / "a.png")
    for text in ("a.png", "slide:a.png"):
        with pytest.raises(UnknownScale, match="--um-per-px"):
            open_camera(text)
        with pytest.raises(ScaleOutOfRange):
            open_camera(text, 0.0)
        with pytest.raises(ScaleOutOfRange):
            open_camera(f"{text}?um_per_px=nan")
        assert "expected one scale" in refusal(f"{text}?um_per_px=2", 3.0)
        assert next(iter(open_camera(f"{text}?um_per_px=2").frames())).um_per_px == 2.0
    with pytest.raises(ScaleOutOfRange, match="no cell could be seen"):
        open_camera("slide:a.png", 100.0)
    with pytest.raises(ScaleOutOfRange, match="the scale of the drawn slide"):
        open_camera("synthetic:", 5.0)


def test_patches_need_no_scale_and_allow_no_other(here: Path) -> None:
    file = patch(here / "8863" / "0", 101, 51)
    for text in ("8863", "folder:8863", str(file), f"slide:{file}"):
        frame = next(iter(open_camera(text, 4.0).frames()))
        assert (frame.um_per_px, frame.origin_xy) == (4.0, (101, 51))
        assert "IDC patches are at 4 µm per px" in refusal(text, 0.39)


def test_patches_among_other_pictures_do_not_lend_them_their_scale(here: Path) -> None:
    patch(here / "mixed")
    picture(here / "mixed" / "photo.png")
    with pytest.raises(UnknownScale):
        open_camera("folder:mixed")
    assert len(list(open_camera("folder:mixed", 4.0).frames())) == 2


def test_a_folder_of_several_patients_names_some_and_asks_for_one(here: Path) -> None:
    for patient in ("8863", "8864", "8865", "8866"):
        patch(here / "archive" / patient / "0", patient=patient)
    said = refusal("archive")
    assert "found 4 patients (8863, 8864, 8865, ...)" in said
    assert str(Path("archive", "8863")) in said


def test_a_field_over_patches_is_whole_patches(here: Path) -> None:
    patch(here / "8863" / "0")
    said = refusal("slide:8863?field=120x300")
    assert "multiples of 50 px, found 120x300; write field=100x300" in said


def test_a_folder_is_read_in_the_order_of_names_and_skips_what_is_no_picture(
    here: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("b.png", "a.PNG", "deep/c.png"):
        picture(here / "run" / name)
    (here / "run" / "notes.txt").write_text("")
    (here / "run" / "._b.png").write_text("what macOS leaves on a stick")
    (here / "run" / "bad.png").write_bytes(b"\x89PNG")
    with caplog.at_level(logging.INFO):
        frames = list(open_camera("run", 1.0).frames())
    assert [frame.source for frame in frames] == ["a.PNG", "b.png", "bad.png", "deep/c.png"]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert frames[2].reason == "unreadable" and "bad.png" in frames[2].message
    assert caplog.text.count("skipped") == 1 and "skipped 1 files" in caplog.text


def test_the_second_copy_of_the_archive_in_itself_is_read_once(here: Path) -> None:
    patch(here / "archive" / "8863" / "0")
    patch(here / "archive" / "IDC_regular_ps50_idx5" / "8863" / "0")
    assert len(list(open_camera("folder:archive").frames())) == 1


def test_one_file_of_any_name_is_a_picture_by_its_content(here: Path) -> None:
    picture(here / "a.png").rename(here / "scan")
    assert next(iter(open_camera("scan", 1.0).frames())).pixels.shape == (60, 80, 3)


@given(st.text(max_size=40).filter(lambda text: not text.startswith(("/", "~", "."))))  # nobody's own folders
def test_any_text_is_understood_or_refused_with_one_line(text: str) -> None:
    try:
        parse_source(text)
    except BadInput as error:
        assert str(error)
