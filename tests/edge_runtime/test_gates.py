import dataclasses
import json

import numpy as np
import pytest

from edge_runtime.cli import main
from edge_runtime.contract import (
    CONTRACT_VERSION,
    DarkGate,
    FocusGate,
    MotionGate,
    PenGate,
    SaturationGate,
    StainGate,
    StainSide,
    TissueGate,
    contract_from_json,
)
from edge_runtime.errors import BadInput, BadModelFile
from edge_runtime.gates import (
    FOREIGN_STAIN,
    GATED,
    NO_DATA,
    NO_TISSUE,
    PEN_OR_DIRT,
    SATURATED,
    TOO_DARK,
    Gatekeeper,
    Gates,
    Instrument,
    choose,
    gates_of,
    look,
)
from edge_runtime.golden import golden_bytes
from edge_runtime.model_file import CARD, CONTRACT, GOLDEN, PARITY, flatbuffer_of, seal
from edge_runtime.network import Network
from edge_runtime.pictures import read_picture
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import TISSUES, make_slide
from edge_runtime.records import Frame
from edge_runtime.sample import Sample
from edge_runtime.tiling import cut, tile_edges
from tests.conftest import SLIDES

PEN = PenGate(green_ratio=1.2, min_excess=0.35, red_excess=1.4, max_ink_share=0.3, min_roughness=0.045)
TISSUE = TissueGate(max_mean_density=0.13, max_stained_share=0.03, stained_density=0.25)
FOCUS = FocusGate(near_um=4.0, far_um=16.0, min_sharpness=0.25, of_baseline=0.45, min_contrast=0.8, max_um_per_px=2.0)
DARK = DarkGate(white_level=242.0, min_light=0.56)
SATURATION = SaturationGate(clipped_level=253.0, stained_level=240.0, max_share=0.2)
STAIN = StainGate(
    min_density=0.15,
    glass_density=(0.052, 0.061, 0.056),
    sides=(
        StainSide(red=0.0, blue=-16.5, added=5.0, tile=1.2),
        StainSide(red=24.7, blue=36.8, added=-15.9, tile=4.2),
        StainSide(red=6.8, blue=0.0, added=-1.3, tile=1.1),
    ),
    max_view=1.0,
    max_tile=1.0,
    min_tiles=4,
    min_textured=0.5,
    min_roughness=0.06,
)
MOTION = MotionGate(
    max_shift_um=8.0,
    min_match=0.5,
    max_gap_s=0.5,
    default_interval_s=1 / 30,
    max_anisotropy=1.7,
    sharp=0.4,
    even=1.3,
)
ALL = Gates(TISSUE, PEN, FOCUS, DARK, SATURATION, STAIN, MOTION)
BOTH = Gates(tissue=TISSUE, pen=PEN)
HEMATOXYLIN, EOSIN = np.array([0.52, 0.735, 0.435]), np.array([0.109, 0.827, 0.551])
INKS = {"blue": (1.8, 1.0, 0.2), "green": (1.9, 0.5, 0.6), "black": (1.0, 1.0, 1.0), "brown": (0.35, 0.9, 1.75)}
RED = (0.2, 1.55, 1.25)
GLASS_RGB = (242, 240, 241)


def stained(count=4, seed=0):
    """Tissue: haematoxylin and eosin in amounts that vary from pixel to pixel; uint8 (count, 50, 50, 3)."""
    rng = np.random.default_rng(seed)
    amounts = rng.uniform(0, 0.8, (2, count, 50, 50, 1))
    return picture_of(amounts[0] * HEMATOXYLIN + amounts[1] * EOSIN)


def picture_of(density):
    return np.rint(np.array(GLASS_RGB) * np.exp(-density)).astype(np.uint8)


def inked(tiles, ink, density, columns=50):
    """Tiles under a film of ink over their first columns."""
    film = np.zeros((50, 50, 1))
    film[:, :columns] = density
    return np.rint(tiles * np.exp(-film * np.array(ink))).astype(np.uint8)


def glass(count=1):
    return np.full((count, 50, 50, 3), GLASS_RGB, np.uint8)


def reasons(tiles, gates, **more):
    return look(tiles, gates, **more).reasons.tolist()


def test_density_is_beer_lamberts():
    tile = np.full((1, 2, 2, 3), 255, np.uint8)
    tile[0, 0] = 94  # 255 / e
    assert Sample(tile).mean_density[0] == pytest.approx(1.0, abs=0.01)


def test_glass_is_flat_and_pale_even_with_a_speck_of_dirt_and_an_off_white_lamp():
    tiles = np.full((2, 50, 50, 3), (236, 233, 240), np.uint8)
    tiles[1, 20:24, 20:24] = 40
    assert reasons(tiles, BOTH) == [NO_TISSUE, NO_TISSUE]


def test_an_even_stain_is_no_glass():
    assert reasons(np.full((1, 50, 50, 3), (200, 120, 180), np.uint8), Gates(tissue=TISSUE)) == [None]


def test_fat_is_tissue_and_glass_is_not_on_a_procedural_slide():
    slide = make_slide(seed=1)
    edges = [tile_edges(length, 50) for length in slide.classes.shape]
    classes = cut(slide.classes[..., None], edges[1], edges[0], 50).reshape(len(edges[0]) * len(edges[1]), -1)
    refused = look(cut(slide.rgb, edges[1], edges[0], 50), Gates(tissue=TISSUE)).reasons == NO_TISSUE
    for tissue, expected in (("glass", True), ("fat", False), ("stroma", False), ("carcinoma", False)):
        pure = (classes == TISSUES.index(tissue)).mean(1) > 0.98
        assert pure.sum() > 5
        assert (refused[pure] == expected).mean() >= 0.99, tissue


def test_stained_tissue_passes_every_gate_alone_and_as_a_view():
    assert set(reasons(stained(), ALL)) == set(reasons(stained(), ALL, is_view=True)) == {None}


@pytest.mark.parametrize("ink", INKS.values(), ids=INKS)
def test_ink_over_tissue_is_refused_from_the_stated_share_of_the_tile_on(ink):
    assert set(reasons(inked(stained(), ink, 1.0), BOTH)) == {PEN_OR_DIRT}
    assert set(reasons(inked(stained(), ink, 1.0, columns=17), BOTH)) == {PEN_OR_DIRT}
    assert set(reasons(inked(stained(), ink, 1.0, columns=13), BOTH)) == {None}


def test_red_ink_is_told_from_eosin_where_it_is_thick():
    share = Sample(inked(stained(), RED, 1.3)).ink_share(PEN.green_ratio, PEN.min_excess, PEN.red_excess)
    assert (share > 0.9).all()
    assert not Sample(inked(stained(), RED, 0.2)).ink_share(PEN.green_ratio, PEN.min_excess, PEN.red_excess).any()


def test_what_is_stained_without_a_texture_is_refused_and_glass_is_called_glass():
    ramp = np.linspace(0.4, 0.8, 50)[None, None, :, None] * np.array(RED)
    smear = picture_of(np.broadcast_to(ramp, (1, 50, 50, 3)))
    assert reasons(np.concatenate([smear, glass(), stained(1)]), BOTH) == [PEN_OR_DIRT, NO_TISSUE, None]


def test_a_pure_white_and_a_pure_black_tile_are_refused():
    tiles = np.stack([np.full((50, 50, 3), grey, np.uint8) for grey in (255, 0)])
    assert reasons(tiles, BOTH) == [NO_TISSUE, PEN_OR_DIRT]
    assert reasons(tiles, ALL) == [NO_TISSUE, PEN_OR_DIRT]


def test_without_a_pen_gate_only_glass_is_refused():
    assert reasons(inked(stained(2), INKS["green"], 1.0), Gates(tissue=TISSUE)) == [None, None]


def test_a_roughness_of_0_leaves_smooth_stain_to_the_network():
    smooth = np.full((1, 50, 50, 3), (200, 120, 180), np.uint8)
    assert reasons(smooth, BOTH) == [PEN_OR_DIRT]
    assert reasons(smooth, BOTH.changed(PEN_OR_DIRT, "min_roughness", 0)) == [None]


@pytest.mark.parametrize("is_view", [False, True])
def test_a_lamp_of_80_percent_is_no_reason_to_refuse(is_view):
    assert set(reasons(np.rint(stained() * 0.8).astype(np.uint8), ALL, is_view=is_view)) == {None}


@pytest.mark.parametrize("is_view", [False, True])
def test_half_the_light_is_too_dark_and_the_number_is_the_share_of_light(is_view):
    found = look(np.rint(stained() * 0.5).astype(np.uint8), ALL, is_view=is_view)
    assert set(found.reasons) == {TOO_DARK} and set(found.measures) == {"light"}
    assert found.values == pytest.approx(np.full(4, 0.48), abs=0.03)


def test_light_is_held_against_the_lamp_of_a_calibration():
    dim = np.rint(stained() * 0.8).astype(np.uint8)
    assert set(reasons(dim, ALL, instrument=Instrument(glass_level=194), is_view=True)) == {None}
    assert set(reasons(np.rint(dim * 0.5).astype(np.uint8), ALL, instrument=Instrument(glass_level=194))) == {TOO_DARK}
    assert set(reasons(stained(), ALL.changed(TOO_DARK, "min_light", 1.0), is_view=True)) == {TOO_DARK}


def test_a_dark_tile_in_a_bright_view_is_ink_before_it_is_darkness():
    tiles = np.concatenate([stained(3), inked(stained(1), INKS["black"], 2.0)])
    assert reasons(tiles, ALL, is_view=True) == [None, None, None, PEN_OR_DIRT]
    assert reasons(tiles, dataclasses.replace(ALL, pen=None), is_view=True) == [None, None, None, TOO_DARK]


def test_clipped_tissue_is_saturated_and_clipped_glass_is_glass():
    pink = np.clip(np.rint(stained() * 1.4), 0, 255).astype(np.uint8)
    found = look(pink, ALL, is_view=True)
    assert set(found.reasons) == {SATURATED} and (found.values > 0.1).all()
    assert reasons(np.full((1, 50, 50, 3), 255, np.uint8), ALL) == [NO_TISSUE]


def test_a_flat_field_moves_the_level_at_which_a_channel_is_clipped():
    pink = np.rint(np.clip(stained() * 1.4, 0, 255) * 0.9).astype(np.uint8)
    assert SATURATED not in reasons(pink, ALL)
    assert set(reasons(pink, ALL, instrument=Instrument(clipped_level=228))) == {SATURATED}


def turned(tiles, degrees):
    import cv2

    hsv = cv2.cvtColor(tiles.reshape(-1, 50, 3), cv2.COLOR_RGB2HSV_FULL)
    hsv[..., 0] += np.uint8(round(degrees * 256 / 360) % 256)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL).reshape(tiles.shape)


@pytest.mark.parametrize("degrees", [-120, -90, -60, -45, -30, 30, 45, 60, 90, 120, 180])
def test_a_view_whose_hue_is_turned_by_30_degrees_or_more_is_a_foreign_stain(degrees):
    found = look(turned(stained(6), degrees), ALL, is_view=True)
    assert set(found.reasons) == {FOREIGN_STAIN} and set(found.measures) == {"stain_distance"}
    assert (found.values > 1).all()


@pytest.mark.parametrize("light", [0.7, 0.8, 0.9, 1.05])
def test_another_light_is_no_other_stain(light):
    relit = np.clip(np.rint(stained(6) * light), 0, 255).astype(np.uint8)
    assert FOREIGN_STAIN not in reasons(relit, ALL, is_view=True)


def test_how_deep_a_slide_is_stained_makes_it_no_stranger():
    for depth in (0.6, 1.8):
        density = -np.log(np.maximum(stained(6), 1) / np.array(GLASS_RGB)) * depth
        assert set(reasons(picture_of(density), ALL, is_view=True)) == {None}


def test_pen_over_glass_is_pen_even_where_it_fills_the_view():
    ramp = np.linspace(0.6, 0.9, 50)[None, None, :, None] * np.array(INKS["green"])
    pen = picture_of(np.broadcast_to(ramp, (6, 50, 50, 3)))
    assert set(reasons(pen, ALL, is_view=True)) == {PEN_OR_DIRT}


def test_a_hole_is_a_hole_whatever_it_is_filled_with():
    found = look(np.concatenate([glass(), stained(1)]), ALL, is_view=True, has_data=np.array([[False, True]]))
    assert found.reasons.tolist() == [NO_DATA, None] and np.isnan(found.values[0])


@pytest.mark.parametrize("seed", [1, 2])
def test_a_procedural_slide_is_glass_or_passes(seed):
    slide = make_slide(seed=seed, size=(800, 1000))
    edges = [tile_edges(length, 50) for length in slide.classes.shape]
    assert set(reasons(cut(slide.rgb, edges[1], edges[0], 50), ALL, is_view=True)) <= {None, NO_TISSUE}


def test_no_tile_at_all_is_no_trouble():
    assert reasons(np.empty((0, 50, 50, 3), np.uint8), ALL) == []


def test_a_model_of_before_has_the_gates_that_it_has(lean):
    old = json.loads(lean.contract.to_json())
    old["contract_version"] = 2
    for name in ("focus_gate", "dark_gate", "saturation_gate", "stain_gate", "motion_gate"):
        old.pop(name, None)
    contract = contract_from_json(json.dumps(old))
    assert gates_of(contract).reasons == [NO_TISSUE, PEN_OR_DIRT]


def test_every_gate_survives_the_way_into_the_file_and_back(lean):
    fields = {f"{name}_gate": gate for name, gate in vars(ALL).items()}
    contract = dataclasses.replace(lean.contract, **fields)
    assert contract_from_json(contract.to_json()) == contract and gates_of(contract) == ALL


@pytest.mark.parametrize(
    ("gate", "change"),
    [
        (PEN, {"green_ratio": 0.0}),
        (PEN, {"min_excess": float("nan")}),
        (PEN, {"max_ink_share": 1.5}),
        (PEN, {"min_roughness": -0.1}),
        (TISSUE, {"stained_density": float("inf")}),
        (FOCUS, {"near_um": 16.0}),
        (FOCUS, {"min_sharpness": 1.5}),
        (DARK, {"white_level": 256.0}),
        (SATURATION, {"stained_level": 254.0}),
        (STAIN, {"sides": ()}),
        (STAIN.sides[0], {"tile": 0.0}),
        (MOTION, {"max_shift_um": 0.0}),
        (MOTION, {"max_anisotropy": 0.5}),
    ],
)
def test_a_gate_that_cannot_be_is_refused(gate, change):
    with pytest.raises(BadModelFile, match="expected a"):
        dataclasses.replace(gate, **change)


def test_a_person_chooses_gates_and_changes_their_constants():
    assert choose(ALL).reasons == list(GATED)
    assert choose(ALL, "off") == Gates()
    assert choose(ALL, "no_tissue, saturated").reasons == [NO_TISSUE, SATURATED]
    changed = choose(ALL, changes=["out_of_focus.min_sharpness=0.3", "foreign_stain.min_tiles=9"])
    assert (changed.focus.min_sharpness, changed.stain.min_tiles) == (0.3, 9)


@pytest.mark.parametrize(
    ("wanted", "changes", "message"),
    [
        ("glass", [], "--gates: expected on, off, or some of no_tissue,.*found 'glass'"),
        ("saturated", [], "this model has no_tissue,pen_or_dirt, and no saturated"),
        ("on", ["out_of_focus.min_sharpness=0.3"], "expected a gate that is at work .*found 'out_of_focus'"),
        ("on", ["pen_or_dirt.min_ink=0.3"], "expected a constant of pen_or_dirt .*found 'min_ink'"),
        ("on", ["pen_or_dirt.max_ink_share=many"], "expected REASON.CONSTANT=NUMBER"),
        ("on", ["pen_or_dirt=3"], "expected REASON.CONSTANT=NUMBER"),
        ("on", ["pen_or_dirt.max_ink_share=3"], "pen_or_dirt.max_ink_share cannot be 3"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_one_sentence(wanted, changes, message):
    with pytest.raises(BadInput, match=message):
        choose(BOTH, wanted, changes)


def test_a_number_of_tiles_is_whole():
    with pytest.raises(BadInput, match="expected a whole number"):
        choose(ALL, changes=["foreign_stain.min_tiles=2.5"])


def test_the_record_tells_the_reason_and_the_number_that_led_to_it(lean):
    model = dataclasses.replace(lean, contract=dataclasses.replace(lean.contract, pen_gate=PEN))
    frame = Frame(np.hstack([inked(stained(1), INKS["blue"], 1.5)[0], stained(1)[0]]), 4.0, 0, "test")
    result = Pipeline(model, Network(model)).judge(frame)
    assert [tile.reason for tile in result.tiles] == [PEN_OR_DIRT, None]
    said = result.to_json()["tiles"]
    assert said[0] == {"x": 0, "y": 0, "reason": PEN_OR_DIRT, "measure": "ink_share", "value": 1.0}
    assert "measure" not in said[1]
    assert {tile.reason for tile in Pipeline(model, Network(model), use_gates=False).judge(frame).tiles} == {None}
    chosen = Gatekeeper(Gates(tissue=TISSUE))
    assert {tile.reason for tile in Pipeline(model, Network(model), use_gates=chosen).judge(frame).tiles} == {None}


@pytest.fixture
def gated(lean, tmp_path):
    """A model file with every gate."""
    fields = {f"{name}_gate": gate for name, gate in vars(ALL).items()}
    contract = dataclasses.replace(lean.contract, contract_version=CONTRACT_VERSION, **fields)
    parts = {name: lean.part(name) for name in (PARITY, CARD)} | {GOLDEN: golden_bytes(lean.golden)}
    model = tmp_path / "gated.tflite"
    model.write_bytes(seal(flatbuffer_of(lean), {CONTRACT: contract.to_json().encode(), **parts}))
    return model


def test_a_folder_of_pen_alone_was_looked_at_and_is_no_failure(gated, tmp_path, write_patch, command):
    patch = write_patch(tmp_path / "9_idx5_x1_y1_class0.png", pixels=inked(stained(1), INKS["blue"], 1.0)[0])
    code, out, _ = command(main, "classify", patch, "--model", gated)
    assert code == 0 and out.splitlines()[1].endswith(PEN_OR_DIRT)


def test_gates_are_chosen_and_changed_on_the_command_line(gated, tmp_path, write_patch, command):
    patch = write_patch(tmp_path / "9_idx5_x1_y1_class0.png", pixels=inked(stained(1), INKS["blue"], 1.0)[0])
    for words in (("--gates", "no_tissue,saturated"), ("--gate", "pen_or_dirt.max_ink_share=1")):
        code, out, _ = command(
            main, "classify", patch, "--model", gated, *words, "--gate", "no_tissue.stained_density=1"
        )
        assert code == 0 and PEN_OR_DIRT not in out
    code, _, err = command(main, "classify", patch, "--model", gated, "--gates", "none")
    assert code == 2 and "--gates: expected on, off, or some of" in err


def test_a_picture_is_classified_as_one_view(gated, tmp_path, write_patch, command):
    tiles = turned(stained(6), 30)
    picture = write_patch(tmp_path / "picture.png", pixels=np.hstack(list(tiles)))
    code, out, _ = command(main, "classify", picture, "--model", gated, "--um-per-px", 4)
    assert code == 0 and [row.rsplit(",", 1)[1] for row in out.splitlines()[1:]] == [FOREIGN_STAIN] * 6


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
