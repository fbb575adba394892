import pytest

from edge_runtime.gates import (
    NO_TISSUE,
    PEN_OR_DIRT,
    look,
)
from edge_runtime.pictures import read_picture
from edge_runtime.tiling import cut, tile_edges
from tests.conftest import SLIDES
from tests.edge_runtime.fakes.gated import (
    ALL,
    reasons,
)


@pytest.fixture(scope="module")
def to_reject():
    """The pictures of glass and pen, cut into tiles, by name."""
    folder = SLIDES / "reject"
    if not folder.is_dir():
        pytest.skip("the frames to reject are not beside this checkout")
    pictures = {path.stem: read_picture(path) for path in sorted(folder.glob("*.png"))}
    return {
        name: cut(pixels, tile_edges(pixels.shape[1], 50), tile_edges(pixels.shape[0], 50), 50)
        for name, pixels in pictures.items()
    }


@pytest.mark.slides
@pytest.mark.parametrize("name", ["almost-white-1", "no-tissue"])
def test_real_glass_is_refused_to_the_last_tile(to_reject, name):
    assert set(reasons(to_reject[name], ALL, is_view=True)) == {NO_TISSUE}


@pytest.mark.slides
@pytest.mark.parametrize("is_view", [False, True])
@pytest.mark.parametrize("name", ["no-tissue-green-pen", "no-tissue-red-pen"])
def test_real_pen_is_refused_to_the_last_tile_and_called_pen(to_reject, name, is_view):
    found = reasons(to_reject[name], ALL, is_view=is_view)
    assert found.count(NO_TISSUE) + found.count(PEN_OR_DIRT) >= 0.95 * len(found) and None not in found
    assert found.count(PEN_OR_DIRT) > 85


@pytest.mark.slides
def test_the_corner_of_a_real_slide_with_tissue_is_judged_and_its_glass_is_not(to_reject):
    found = look(to_reject["almost-white-2"], ALL, is_view=True).reasons.reshape(11, 11)
    assert found[0, 7] is None and set(found[2:].ravel()) == {NO_TISSUE}
