import dataclasses

import numpy as np
import pytest

from edge_runtime.gates import (
    FOREIGN_STAIN,
    NO_DATA,
    NO_TISSUE,
    PEN_OR_DIRT,
    SATURATED,
    TOO_DARK,
    Gates,
    Instrument,
    look,
)
from edge_runtime.procedural import TISSUES, make_slide
from edge_runtime.sample import Sample
from edge_runtime.tiling import cut, tile_edges
from tests.edge_runtime.fakes.gated import (
    ALL,
    BOTH,
    GLASS_RGB,
    INKS,
    PEN,
    RED,
    TISSUE,
    glass,
    inked,
    picture_of,
    reasons,
    stained,
    turned,
)


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
