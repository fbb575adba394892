import logging
import subprocess
import sys

import numpy as np
import pytest

from edge_runtime.gates import refusals
from edge_runtime.pictures import read_picture
from quantize.gates import PEN_GATE, TISSUE_GATE, pen_gate_at, train_stain_profile
from tests.conftest import SLIDES
from tests.edge_runtime.test_stain import stained
from train.tiles import TileSet


def tile_set(tiles, **more):
    slides = np.array([f"s{n % 2}" for n in range(len(tiles))])
    return TileSet(tiles, np.zeros(len(tiles), np.uint8), slides, ("",) * len(tiles), **more)


def test_roughness_is_judged_at_the_scale_that_it_was_measured_at_alone():
    assert pen_gate_at(4.0) == PEN_GATE
    other = pen_gate_at(1.86)
    assert other.min_roughness == 0 and other.green_ratio == PEN_GATE.green_ratio


def test_tiles_of_ink_have_no_say_in_the_stain_profile():
    inked = np.rint(stained(4) * np.exp(-np.array([2.0, 0.5, 0.7]))).astype(np.uint8)
    clean = train_stain_profile(tile_set(stained(6)))
    assert clean is not None
    assert train_stain_profile(tile_set(np.concatenate([stained(6), inked]))) == clean


def test_train_tiles_without_tissue_give_no_profile_and_a_warning(caplog):
    with caplog.at_level(logging.WARNING):
        assert train_stain_profile(tile_set(np.full((4, 50, 50, 3), 245, np.uint8))) is None
    assert "no stain profile" in caplog.text


@pytest.fixture(scope="module")
def validation_tiles(tmp_path_factory):
    """The real validation tiles and their labels."""
    if not (SLIDES / "idc.zip").exists():
        pytest.skip("the real IDC tiles are not beside this checkout")
    folder = tmp_path_factory.mktemp("val")
    subprocess.run(
        [sys.executable, SLIDES / "unpack_idc.py", folder, "--split", "val"], check=True, capture_output=True
    )
    pictures = {path: read_picture(path) for path in sorted(folder.rglob("*.png"))}
    whole = {path: pixels for path, pixels in pictures.items() if pixels.shape == (50, 50, 3)}
    return np.stack(list(whole.values())), np.array([int(path.parent.name) for path in whole])


@pytest.mark.slides
def test_at_most_a_tile_in_a_hundred_of_real_validation_tissue_is_refused(validation_tiles):
    tiles, labels = validation_tiles
    refused = refusals(tiles, TISSUE_GATE, PEN_GATE).astype(bool)
    assert len(tiles) > 3000
    assert refused[labels == 0].mean() <= 0.01 and refused[labels == 1].mean() <= 0.002
