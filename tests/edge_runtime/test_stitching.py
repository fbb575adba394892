"""Patches go back to where they were cut from."""

from __future__ import annotations

import logging
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.errors import BadInput
from edge_runtime.stitching import HOLE_GREY, Patch, read_patches, stitch

SLIDE = np.random.default_rng(3).integers(0, 255, (200, 300, 3), np.uint8)
PLACES = [(x, y) for x in range(0, 300, 50) for y in range(0, 200, 50)]


def cut(x: int, y: int, height: int = 50, width: int = 50) -> Patch:
    """Cut a patch whose name would carry the archive's offset of 1."""
    return Patch(x + 1, y + 1, SLIDE[y : y + height, x : x + width])


@given(st.sets(st.sampled_from(PLACES), min_size=1), st.randoms(use_true_random=False))
def test_any_patches_in_any_order_give_back_the_slide(places: set[tuple[int, int]], random: object) -> None:
    order = sorted(places)
    random.shuffle(order)  # type: ignore[attr-defined]
    mosaic = stitch([cut(*place) for place in order])
    left, top = min(x for x, _ in places), min(y for _, y in places)
    assert mosaic.origin_xy == (left + 1, top + 1)
    assert mosaic.rgb.shape[0] % 50 == mosaic.rgb.shape[1] % 50 == 0
    assert mosaic.has_data.sum() == len(places) * 2500
    part = SLIDE[top : top + mosaic.rgb.shape[0], left : left + mosaic.rgb.shape[1]]
    assert np.array_equal(mosaic.rgb[mosaic.has_data], part[mosaic.has_data])
    assert (mosaic.rgb[~mosaic.has_data] == HOLE_GREY).all()


def test_a_smaller_edge_patch_has_data_only_where_it_has_pixels() -> None:
    mosaic = stitch([cut(0, 0), cut(50, 0, width=41)])
    assert mosaic.rgb.shape == (50, 100, 3)
    assert mosaic.has_data[:, :91].all() and not mosaic.has_data[:, 91:].any()
    assert np.array_equal(mosaic.rgb[:, :91], SLIDE[:50, :91])


def test_nothing_to_stitch_and_far_apart_patches_are_refused() -> None:
    with pytest.raises(BadInput, match="at least one patch"):
        stitch([])
    with pytest.raises(BadInput, match="over the limit"):
        stitch([cut(0, 0), Patch(10**6, 10**6, SLIDE[:50, :50])])


def test_files_are_read_by_their_names_and_a_truncated_one_stays_a_hole(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for x, label in ((1, 0), (51, 1), (101, 0)):
        path = tmp_path / f"8863_idx5_x{x}_y1_class{label}.png"
        cv2.imwrite(str(path), SLIDE[:50, x - 1 : x + 49, ::-1])
    broken = tmp_path / "8863_idx5_x51_y1_class1.png"
    broken.write_bytes(broken.read_bytes()[:900])
    (tmp_path / "notes.txt").write_text("no patch")
    with caplog.at_level(logging.WARNING):
        mosaic = stitch(read_patches(sorted(tmp_path.iterdir())))
    assert "1 of 3 patches stay holes" in caplog.text and broken.name in caplog.text
    assert mosaic.has_data[0].tolist() == [True] * 50 + [False] * 50 + [True] * 50
    assert np.array_equal(mosaic.rgb[:, 100:], SLIDE[:50, 100:150])
