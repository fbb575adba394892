"""A large picture, or a patient's patches, seen by a stage that moves over it: each tile once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge_runtime.cameras.registry import open_camera
from edge_runtime.errors import BadInput
from tests.edge_runtime.fakes.files import RNG_PICTURE, frames_of, write_picture


def test_a_large_picture_is_covered_and_no_field_is_smaller_than_a_tile(tmp_path: Path) -> None:
    frames = frames_of(open_camera(f"slide:{write_picture(tmp_path / 'large.png')}?um_per_px=4&field=60x70"))
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
