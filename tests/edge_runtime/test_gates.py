import numpy as np
import pytest

from edge_runtime.gates import is_glass, optical_density
from edge_runtime.pictures import read_picture
from edge_runtime.procedural import TISSUES, make_slide
from edge_runtime.tiling import cut, tile_edges
from tests.conftest import SLIDES


@pytest.fixture
def gate(lean):
    return lean.contract.tissue_gate


def test_density_is_beer_lamberts():
    pixels = np.full((1, 2, 2, 3), 255, np.uint8)
    pixels[0, 0, 0] = 94  # 255 / e
    density = optical_density(pixels)
    assert density[0, 0, 0] == pytest.approx(1.0, abs=0.01) and density[0, 1, 1] == 0


def test_glass_is_flat_and_pale_even_with_a_speck_of_dirt_and_an_off_white_lamp(gate):
    glass = np.full((2, 50, 50, 3), (236, 233, 240), np.uint8)
    glass[1, 20:24, 20:24] = 40
    assert is_glass(glass, gate).tolist() == [True, True]


def test_an_even_stain_is_no_glass(gate):
    assert not is_glass(np.full((1, 50, 50, 3), (200, 120, 180), np.uint8), gate)[0]


def test_fat_is_tissue_and_glass_is_not_on_a_procedural_slide(gate):
    slide = make_slide(seed=1)
    edges = [tile_edges(length, 50) for length in slide.classes.shape]
    tiles = cut(slide.rgb, edges[1], edges[0], 50)
    classes = cut(slide.classes[..., None], edges[1], edges[0], 50).reshape(len(tiles), -1)
    glass = is_glass(tiles, gate)
    for tissue, expected in (("glass", True), ("fat", False), ("stroma", False), ("carcinoma", False)):
        pure = (classes == TISSUES.index(tissue)).mean(1) > 0.98
        assert pure.sum() > 5
        assert (glass[pure] == expected).mean() >= 0.99, tissue


@pytest.mark.slides
@pytest.mark.parametrize("name", ["almost-white-1.png", "no-tissue.png"])
def test_real_glass_is_refused_to_the_last_tile(gate, name):
    path = SLIDES / "reject" / name
    if not path.exists():
        pytest.skip("the frames to reject are not beside this checkout")
    pixels = read_picture(path)
    tiles = cut(pixels, tile_edges(pixels.shape[1], 50), tile_edges(pixels.shape[0], 50), 50)
    assert is_glass(tiles, gate).all()
