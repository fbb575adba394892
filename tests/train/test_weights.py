import numpy as np
import pytest

from train.recipe import Recipe
from train.tiles import TileSet
from train.weights import tile_weights


def data(patients, labels):
    count = len(patients)
    tiles = np.zeros((count, 50, 50, 3), np.uint8)
    return TileSet(tiles, np.array(labels, np.uint8), np.array(list(patients)), ("",) * count)


@pytest.mark.parametrize(("how", "ratio"), [("none", 1), ("sqrt", 3), ("full", 9)])
def test_a_tile_of_a_small_slide_counts_more_as_the_recipe_says(how, ratio):
    weights = tile_weights(data("a" * 9 + "b", [0, 1] * 5), Recipe("lean", slide_weight=how))
    assert weights.mean() == pytest.approx(1) and weights.dtype == np.float32
    assert weights[9] / weights[0] == pytest.approx(ratio)


def test_balanced_classes_weigh_the_same_in_all_and_slides_keep_their_share_within_each():
    labels = np.array([0] * 9 + [1] * 3)
    found = data("aaaaaabbbaab", labels)
    weights = tile_weights(found, Recipe("lean", class_weight="balanced"))
    assert weights.mean() == pytest.approx(1)
    assert weights[labels == 0].sum() == pytest.approx(weights[labels == 1].sum())
    plain = tile_weights(found, Recipe("lean"))
    assert weights[8] / weights[0] == pytest.approx(plain[8] / plain[0])
