import base64

import cv2
import numpy as np
import pytest

from train.explore.collection import Patient
from train.explore.galleries import spread_over_slides, stain_strips
from train.explore.measures import grey_of, measure
from train.explore.odd import find_odd
from train.explore.twins import NEAR, correlations, equal_across, near_counts, nearest_across
from train.hed import HED_TO_OD
from train.tiles import TileSet


def flat(*colours):
    return np.array([np.full((50, 50, 3), colour) for colour in colours]).astype(np.uint8)


def textured(n, seed=0):
    draw = np.random.default_rng(seed)
    coarse = draw.integers(0, 200, (n, 13, 13, 3)).astype(np.uint8)
    return np.stack([cv2.resize(tile, (50, 50), interpolation=cv2.INTER_CUBIC) for tile in coarse])


def side(tiles, name="a"):
    n = len(tiles)
    return TileSet(tiles, (np.arange(n) % 2).astype(np.uint8), np.array([f"{name}{k}" for k in range(n)]), ("x",) * n)


def test_density_is_that_of_beer_and_lambert_a_channel():
    found = measure(flat((255, 255, 255), (128, 64, 255)))
    assert found.density == pytest.approx(np.array([[0, 0, 0], -np.log(np.array([128, 64, 255]) / 255)]), abs=1e-5)


def test_stain_balance_is_0_for_eosin_and_1_for_haematoxylin_however_dark():
    stains = 255 * np.exp(-np.array([HED_TO_OD[1], HED_TO_OD[0], HED_TO_OD[0] * 0.5, HED_TO_OD[:2].mean(0)]))
    balance = measure(flat(*np.rint(stains))).balance
    assert balance[:3] == pytest.approx([0, 1, 1], abs=0.03) and 0.3 < balance[3] < 0.7


def test_a_blurred_tile_has_less_fine_detail():
    sharp = np.random.default_rng(0).integers(0, 256, (1, 50, 50, 3), np.uint8)
    blurred = cv2.GaussianBlur(sharp[0], (0, 0), 2)[None]
    assert measure(blurred).detail[0] < 0.2 * measure(sharp).detail[0]


def test_measures_do_not_depend_on_how_many_tiles_are_measured_at_a_time(monkeypatch):
    tiles = textured(7)
    whole = measure(tiles)
    monkeypatch.setattr("train.explore.measures.CHUNK", 3)
    seen = []
    parts = measure(tiles, seen.append)
    assert np.allclose(whole.thumbnails, parts.thumbnails) and seen == [3, 3, 1]


def test_equal_tiles_are_found_across_sides_and_blank_ones_are_not():
    tiles = textured(6)
    blank = flat((250, 250, 250))
    sides = {
        "train": side(np.concatenate([tiles[:3], tiles[:1], blank])),
        "test": side(np.concatenate([tiles[2:], blank])),
    }
    assert equal_across(sides) == [[("train", 2), ("test", 0)]]


def test_a_tile_saved_anew_in_other_colours_is_a_near_duplicate_and_no_other_is():
    train, test = textured(40), textured(20, seed=1)
    saved = cv2.imdecode(cv2.imencode(".jpg", train[7][..., [1, 2, 0]], [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 1)
    test[3] = saved
    sides = {"train": side(train), "test": side(test)}
    pairs = nearest_across(sides, {name: measure(data.tiles) for name, data in sides.items()})
    assert (pairs[0].sides, pairs[0].tiles) == (("test", "train"), (3, 7)) and pairs[0].correlation >= NEAR
    assert near_counts(pairs) == {("test", "train"): (20, 1)}


def test_two_tiles_with_the_same_shape_but_other_detail_are_no_duplicates():
    draw = np.random.default_rng(0)
    shape = np.where(np.arange(50) < 30, 220, 90)[None, :, None]
    tiles = np.clip(shape + draw.normal(0, 25, (2, 50, 50, 3)), 0, 255).astype(np.uint8)
    grey = [tile.ravel() for tile in grey_of(tiles)]
    assert np.corrcoef(*grey)[0, 1] > NEAR
    assert correlations(tiles, np.array([0]), tiles, np.array([1]))[0] < NEAR / 2


def test_a_flat_tile_is_like_no_other():
    tiles = np.concatenate([flat((200, 180, 200)), textured(1)])
    assert correlations(tiles, np.array([0]), tiles, np.array([1]))[0] == 0


def test_odd_patches_are_found_whatever_their_label():
    tiles = np.concatenate([textured(60), flat((252, 252, 252), (5, 5, 5), (255, 0, 0))])
    kinds = {kind.name: kind for kind in find_odd(measure(tiles), np.arange(60))}
    assert kinds["Almost white"].order[0] == 60 and kinds["Almost white"].count == 1
    assert kinds["Almost black"].order[0] == 61
    assert set(kinds["Extreme colour"].order[:2].tolist()) == {61, 62}
    assert not {60, 61, 62} & set(kinds["Out of focus"].order.tolist())  # flat: nothing to be blurred


def test_samples_take_a_tile_of_each_slide_before_a_second_of_any():
    data = TileSet(textured(10), np.ones(10, np.uint8), np.array(list("aaaaaaabbc")), ("x",) * 10)
    chosen = spread_over_slides(data, 1, 5, np.random.default_rng(0))
    assert sorted(data.patients[chosen[:3]]) == ["a", "b", "c"] and sorted(data.patients[chosen[3:]]) == ["a", "b"]


@pytest.mark.parametrize("slides", [1, 2, 5, 30, 168, 900])
def test_a_strip_of_slides_is_wide_and_low_however_few_there_are(slides):
    patients = [Patient(str(n), "val", 9, 3, 0.4, n / 1000, (n % 256, 0, 90)) for n in range(slides)]
    (strip,) = stain_strips(patients).blocks
    data = np.frombuffer(base64.b64decode(strip.uri.partition(",")[2]), np.uint8)
    height, width = cv2.imdecode(data, cv2.IMREAD_COLOR).shape[:2]
    assert width >= min(slides, 400) and 5 <= width / height <= 14
