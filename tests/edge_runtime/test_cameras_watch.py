"""`folder:` with `watch=1`: pictures as they land; the test plays the other program between two looks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.cameras.folder import read_frame
from edge_runtime.cameras.registry import open_camera
from edge_runtime.cameras.watch import PATIENCE_LOOKS, WatchedFolder, stamps
from edge_runtime.errors import BadInput, UnknownScale
from edge_runtime.records import Frame, LostFrame


def encoded(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


def watched(root: Path, acts: list[Callable[[], object]], **more: object) -> list[Frame | LostFrame]:
    """Do one act between each two looks, a few looks without any after the last, and return what was taken."""
    left = [*acts, *[lambda: None] * 3]

    def pause(closing: threading.Event, _: float) -> bool:
        if not left:
            closing.set()
            return True
        left.pop(0)()
        return False

    return list(WatchedFolder(root, 0.5, read_frame, pause=pause, **more).frames())  # type: ignore[arg-type]


def names(got: list[Frame | LostFrame]) -> list[str]:
    return [each.source for each in got]


def test_pictures_are_taken_as_they_land_and_each_once(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(0))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_bytes(encoded(0))
    (tmp_path / "deep").mkdir()
    acts = [
        lambda: (tmp_path / "deep" / "c.png").write_bytes(encoded(1)),
        lambda: None,
        lambda: (tmp_path / "b.png").write_bytes(encoded(2)),
    ]
    got = watched(tmp_path, acts)
    assert names(got) == ["a.png", "deep/c.png", "b.png"]
    assert [each.index for each in got] == [0, 1, 2]
    assert all(isinstance(each, Frame) and each.um_per_px == 0.5 for each in got)


def test_a_picture_that_is_being_written_is_left_until_it_is_whole(tmp_path: Path) -> None:
    data, file = encoded(3), tmp_path / "slow.png"
    parts = [data[: len(data) * share // 4] for share in (1, 2, 2, 2, 3, 4)]  # the third and fourth look see no change
    got = watched(tmp_path, [lambda part=part: file.write_bytes(part) for part in parts])
    assert names(got) == ["slow.png"] and isinstance(got[0], Frame)


def test_a_picture_that_stays_damaged_is_lost_after_a_while_and_told_once(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(encoded(4)[:200])
    got = watched(tmp_path, [lambda: None] * (PATIENCE_LOOKS + 3))
    assert [(each.source, each.reason) for each in got] == [("bad.png", "unreadable")]


def test_a_file_that_is_written_anew_is_a_new_picture(tmp_path: Path) -> None:
    file = tmp_path / "live.png"
    acts = [lambda: file.write_bytes(encoded(5)), lambda: None, lambda: file.write_bytes(encoded(6) + b"\0")]
    got = watched(tmp_path, acts)
    assert names(got) == ["live.png"] * 2 and not np.array_equal(got[0].pixels, got[1].pixels)


def test_only_new_pictures_are_taken_where_that_is_asked(tmp_path: Path) -> None:
    (tmp_path / "old.png").write_bytes(encoded(0))
    got = watched(tmp_path, [lambda: (tmp_path / "new.png").write_bytes(encoded(1))], taken=stamps(tmp_path))
    assert names(got) == ["new.png"]


def test_a_folder_that_goes_away_is_told_once_and_taken_up_when_it_is_back(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    acts = [stick.rmdir, lambda: None, stick.mkdir, lambda: (stick / "a.png").write_bytes(encoded(1))]
    got = watched(stick, acts)
    assert [getattr(each, "reason", "frame") for each in got] == ["camera_lost", "frame"]
    assert [each.index for each in got] == [0, 1]


def test_patches_that_land_carry_their_own_scale_or_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "8863_idx5_x101_y51_class0.png").write_bytes(encoded(1))
    (got,) = watched(tmp_path, [])
    assert isinstance(got, LostFrame) and got.reason == "bad_scale" and "4 µm per px" in got.message


def test_it_ends_after_an_idle_time_or_when_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(0))
    folder = WatchedFolder(tmp_path, 0.5, read_frame, idle_s=2.0, pause=lambda *_: False)
    assert names(list(folder.frames())) == ["a.png"]
    folder = WatchedFolder(tmp_path, 0.5, read_frame, pause=lambda *_: False)
    frames = folder.frames()
    next(frames)
    folder.close()
    assert next(frames, None) is None


def test_the_options_of_a_watched_folder(tmp_path: Path) -> None:
    assert isinstance(open_camera(f"folder:{tmp_path}?watch=1", 0.5), WatchedFolder)
    with pytest.raises(UnknownScale):
        open_camera(f"folder:{tmp_path}?watch=new")
    (tmp_path / "a.png").write_bytes(encoded(0))
    with pytest.raises(BadInput, match="expected a folder to watch, found a file"):
        open_camera(f"folder:{tmp_path / 'a.png'}?watch=1", 0.5)
    with pytest.raises(BadInput, match="watch: expected one of 0, 1, new, found 'yes'"):
        open_camera(f"folder:{tmp_path}?watch=yes", 0.5)
    with pytest.raises(BadInput, match="expected beside watch=1, found alone"):
        open_camera(f"folder:{tmp_path}?idle=5", 0.5)
