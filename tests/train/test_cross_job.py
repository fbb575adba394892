import dataclasses
import importlib.util
import json

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.recipe import Augmentation, Recipe
from train.tiles import TileSet

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

RECIPE = Recipe(
    "small", epochs=12, batch=4, learning_rate=1.0, warmup_epochs=0.0, average=0.5, stain_strength=1.0,
    augmentation=Augmentation(False, 0.0, 0.0, 0.0),
)  # fmt: skip


def slides(names, seed=0):
    """Eight tiles a slide, dark ones carcinoma, in a row of neighbours."""
    draw = np.random.default_rng(seed)
    patients = np.repeat(names, 8)
    labels = np.tile([0, 0, 0, 0, 1, 1, 1, 1], len(names)).astype(np.uint8)
    level = np.where(labels, 90, 200)[:, None, None, None]
    tiles = np.clip(level + draw.normal(0, 20, (len(labels), 50, 50, 3)), 0, 255).astype(np.uint8)
    xs = np.tile(np.arange(8) * 50 + 1, len(names)).astype(np.int32)
    return TileSet(tiles, labels, patients, tuple(map(str, range(len(labels)))), patients, xs, np.ones_like(xs))


def small():
    from train.keras import keras, layers

    inputs = keras.Input((50, 50, 3))
    return keras.Model(inputs, layers.Dense(1)(layers.GlobalAveragePooling2D()(inputs)))


def cross_validated(folder, monkeypatch, recipe=RECIPE, told=None, split_by="patient"):
    from train import cross_job
    from train.crew import alone

    monkeypatch.setitem(cross_job.NETWORKS, "small", small)
    emit = [].append if told is None else told.append
    train, val, dealing = slides(["a", "b", "c"]), slides(["d"], 1), cross_job.Dealing(2, split_by)
    return cross_job.cross_validate(recipe, train, val, dealing, folder, alone(), emit)


def test_every_slide_is_judged_by_a_network_that_never_saw_it_and_the_figures_are_kept(tmp_path, monkeypatch):
    from train.cross_validate import read_out_of_fold

    result = cross_validated(tmp_path, monkeypatch)
    oof = read_out_of_fold(tmp_path)
    assert set(oof.patients) == {"a", "b", "c", "d"} and np.isfinite(oof.logits).all()
    assert all(len(set(oof.folds[oof.patients == slide])) == 1 for slide in "abcd")
    assert result["scores"]["tile"]["slides"] == 4
    assert result["context"] is None and "neighbours" in result["no_context"]  # 32 tiles are too few to choose by
    assert json.loads((tmp_path / "cross_validation.json").read_text()) == json.loads(json.dumps(result))


def test_a_finished_cross_validation_fits_nothing_again_and_says_the_same(tmp_path, monkeypatch):
    first = cross_validated(tmp_path, monkeypatch)
    told = []
    again = cross_validated(tmp_path, monkeypatch, told=told)
    assert told == [] and again == first


def test_a_folder_of_another_recipe_is_refused(tmp_path, monkeypatch):
    cross_validated(tmp_path, monkeypatch)
    with pytest.raises(BadInput, match="another recipe"):
        cross_validated(tmp_path, monkeypatch, dataclasses.replace(RECIPE, stain_strength=0.5))


def test_folds_that_tear_slides_apart_say_so_choose_no_context_and_never_mix_with_honest_ones(tmp_path, monkeypatch):
    from train.cross_validate import read_out_of_fold

    torn = cross_validated(tmp_path, monkeypatch, split_by="tile")
    oof = read_out_of_fold(tmp_path)
    assert all(len(set(oof.folds[oof.patients == slide])) == 2 for slide in "abcd")
    assert torn["split_by"] == "tile" and torn["warning"].startswith("LEAKY SPLIT") and "context" not in torn
    with pytest.raises(BadInput, match="another"):
        cross_validated(tmp_path, monkeypatch)
