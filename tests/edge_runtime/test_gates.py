import dataclasses

import numpy as np
import pytest

from edge_runtime.cli import main
from edge_runtime.contract import CONTRACT_VERSION, PenGate, TissueGate, contract_from_json
from edge_runtime.errors import BadModelFile
from edge_runtime.gates import NO_TISSUE, PEN_OR_DIRT, is_glass, is_pen, optical_density, pen_measures, refusals
from edge_runtime.model_file import CARD, CONTRACT, GOLDEN, PARITY, flatbuffer_of, golden_bytes, seal
from edge_runtime.network import Network
from edge_runtime.pictures import read_picture
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import TISSUES, make_slide
from edge_runtime.records import Frame
from edge_runtime.tiling import cut, tile_edges
from tests.conftest import SLIDES

PEN = PenGate(green_ratio=1.2, min_excess=0.35, red_excess=1.4, max_ink_share=0.3, min_roughness=0.045)
TISSUE = TissueGate(max_mean_density=0.13, max_stained_share=0.03, stained_density=0.25)
HEMATOXYLIN, EOSIN = np.array([0.52, 0.735, 0.435]), np.array([0.109, 0.827, 0.551])
INKS = {"blue": (1.8, 1.0, 0.2), "green": (1.9, 0.5, 0.6), "black": (1.0, 1.0, 1.0), "brown": (0.35, 0.9, 1.75)}
RED = (0.2, 1.55, 1.25)


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


def stained(count=4, seed=0):
    """Tissue: haematoxylin and eosin in amounts that vary from pixel to pixel; uint8 (count, 50, 50, 3)."""
    rng = np.random.default_rng(seed)
    amounts = rng.uniform(0, 0.8, (2, count, 50, 50, 1))
    return picture_of(amounts[0] * HEMATOXYLIN + amounts[1] * EOSIN)


def picture_of(density):
    return np.rint(255 * np.exp(-density)).astype(np.uint8)


def inked(tiles, ink, density, columns=50):
    """Tiles under a film of ink over their first columns."""
    film = np.zeros((50, 50, 1))
    film[:, :columns] = density
    return np.rint(tiles * np.exp(-film * np.array(ink))).astype(np.uint8)


def test_stained_tissue_is_no_pen():
    assert not is_pen(stained(), PEN).any()


@pytest.mark.parametrize("ink", INKS.values(), ids=INKS)
def test_ink_over_tissue_is_refused_from_the_stated_share_of_the_tile_on(ink):
    assert is_pen(inked(stained(), ink, 1.0), PEN).all()
    assert is_pen(inked(stained(), ink, 1.0, columns=17), PEN).all()
    assert not is_pen(inked(stained(), ink, 1.0, columns=13), PEN).any()


def test_red_ink_is_told_from_eosin_where_it_is_thick():
    share, _ = pen_measures(inked(stained(), RED, 1.3), PEN)
    assert (share > 0.9).all()
    assert not pen_measures(inked(stained(), RED, 0.2), PEN)[0].any()


def test_what_is_stained_without_a_texture_is_refused_and_glass_is_called_glass():
    ramp = np.linspace(0.4, 0.8, 50)[None, None, :, None] * np.array(RED)
    smear, glass = picture_of(np.broadcast_to(ramp, (1, 50, 50, 3))), np.full((1, 50, 50, 3), 242, np.uint8)
    tiles = np.concatenate([smear, glass, stained(1)])
    assert refusals(tiles, TISSUE, PEN).tolist() == [PEN_OR_DIRT, NO_TISSUE, None]


def test_a_pure_white_and_a_pure_black_tile_are_refused():
    tiles = np.stack([np.full((50, 50, 3), grey, np.uint8) for grey in (255, 0)])
    assert refusals(tiles, TISSUE, PEN).tolist() == [NO_TISSUE, PEN_OR_DIRT]


def test_without_a_pen_gate_only_glass_is_refused():
    tiles = inked(stained(2), INKS["green"], 1.0)
    assert refusals(tiles, TISSUE, None).tolist() == [None, None]


def test_a_roughness_of_0_leaves_smooth_stain_to_the_network():
    smooth = np.full((1, 50, 50, 3), (200, 120, 180), np.uint8)
    assert is_pen(smooth, PEN)[0] and not is_pen(smooth, dataclasses.replace(PEN, min_roughness=0.0))[0]


def test_a_dimmer_lamp_makes_no_ink():
    assert not is_pen(np.rint(stained() * 0.8).astype(np.uint8), PEN).any()


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_on_a_procedural_slide_is_pen(seed):
    slide = make_slide(seed=seed, size=(800, 1000))
    edges = [tile_edges(length, 50) for length in slide.classes.shape]
    assert PEN_OR_DIRT not in set(refusals(cut(slide.rgb, edges[1], edges[0], 50), TISSUE, PEN).tolist())


def test_the_pipeline_says_pen_or_dirt_and_gates_off_says_nothing(lean):
    model = dataclasses.replace(lean, contract=dataclasses.replace(lean.contract, pen_gate=PEN))
    frame = Frame(np.hstack([inked(stained(1), INKS["blue"], 1.5)[0], stained(1)[0]]), 4.0, 0, "test")
    result = Pipeline(model, Network(model)).judge(frame)
    assert [tile.reason for tile in result.tiles] == [PEN_OR_DIRT, None]
    assert {tile.reason for tile in Pipeline(model, Network(model), use_gates=False).judge(frame).tiles} == {None}


def test_a_folder_of_pen_alone_was_looked_at_and_is_no_failure(lean, tmp_path, write_patch, command):
    contract = dataclasses.replace(lean.contract, pen_gate=PEN, contract_version=CONTRACT_VERSION)
    parts = {name: lean.part(name) for name in (PARITY, CARD)} | {GOLDEN: golden_bytes(lean.golden)}
    model = tmp_path / "gated.tflite"
    model.write_bytes(seal(flatbuffer_of(lean), {CONTRACT: contract.to_json().encode(), **parts}))
    patch = write_patch(tmp_path / "9_idx5_x1_y1_class0.png", pixels=inked(stained(1), INKS["blue"], 1.5)[0])
    code, out, _ = command(main, "classify", patch, "--model", model)
    assert code == 0 and out.splitlines()[1].endswith(PEN_OR_DIRT)


def test_a_pen_gate_survives_the_way_into_the_file_and_back(lean):
    contract = dataclasses.replace(lean.contract, pen_gate=PEN)
    assert contract_from_json(contract.to_json()) == contract


@pytest.mark.parametrize(
    "change", [{"green_ratio": 0.0}, {"min_excess": float("nan")}, {"max_ink_share": 1.5}, {"min_roughness": -0.1}]
)
def test_a_pen_gate_that_cannot_be_is_refused(change):
    with pytest.raises(BadModelFile, match="expected a pen gate"):
        dataclasses.replace(PEN, **change)


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
def test_real_glass_is_refused_to_the_last_tile(gate, to_reject, name):
    assert set(refusals(to_reject[name], gate, PEN).tolist()) == {NO_TISSUE}


@pytest.mark.slides
@pytest.mark.parametrize("name", ["no-tissue-green-pen", "no-tissue-red-pen"])
def test_real_pen_is_refused_to_the_last_tile(gate, to_reject, name):
    reasons = refusals(to_reject[name], gate, PEN).tolist()
    assert set(reasons) == {NO_TISSUE, PEN_OR_DIRT} and reasons.count(PEN_OR_DIRT) > 90


@pytest.mark.slides
def test_the_corner_of_a_real_slide_with_tissue_is_judged_and_its_glass_is_not(gate, to_reject):
    reasons = refusals(to_reject["almost-white-2"], gate, PEN).reshape(11, 11)
    assert reasons[0, 7] is None and set(reasons[2:].ravel()) == {NO_TISSUE}
