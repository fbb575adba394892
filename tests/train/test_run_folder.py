import json

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.recipe import Recipe
from train.run_folder import claim, describe
from train.tiles import TileSet


def side(patients, labels):
    count = len(labels)
    return TileSet(
        np.zeros((count, 50, 50, 3), np.uint8), np.array(labels, np.uint8), np.array(patients), ("",) * count
    )


def test_a_run_says_which_patients_were_on_which_side_and_what_made_it(tmp_path):
    sides = {"train": side(["8867", "8867", "9036"], [0, 1, 1]), "val": side(["9077", "9077"], [0, 1])}
    describe(tmp_path, sides, "mirrored", 2)
    split = json.loads((tmp_path / "split.json").read_text())
    assert (split["format"], split["split_by"]) == ("idc", "patient")
    assert split["sides"]["train"] == {"tiles_of_class": [1, 2], "tiles_of_patient": {"8867": 2, "9036": 1}}
    assert split["sides"]["val"] == {"tiles_of_class": [1, 1], "tiles_of_patient": {"9077": 2}}
    describe(tmp_path, sides, "none", 1)
    starts = json.loads((tmp_path / "made.json").read_text())
    assert [(start["strategy"], start["replicas"]) for start in starts] == [("mirrored", 2), ("none", 1)]
    assert {"python", "numpy", "tensorflow"} <= set(starts[0]["versions"]) and "commit" in starts[0]


def test_a_folder_is_gone_on_with_by_the_same_recipe_and_data_alone(tmp_path):
    claim(tmp_path, Recipe("lean"), "abc", {})
    claim(tmp_path, Recipe("lean"), "abc", {})
    for recipe, digest in ((Recipe("lean", epochs=3), "abc"), (Recipe("lean"), "abd")):
        with pytest.raises(BadInput, match="another recipe, other data"):
            claim(tmp_path, recipe, digest, {})


def test_a_run_of_before_a_recipe_had_some_key_is_gone_on_with(tmp_path):
    claim(tmp_path, Recipe("lean"), "abc", {})
    record = json.loads((tmp_path / "run.json").read_text())
    del record["recipe"]["optimizer"]
    (tmp_path / "run.json").write_text(json.dumps(record))
    claim(tmp_path, Recipe("lean"), "abc", {})


def test_a_file_that_no_run_wrote_is_refused(tmp_path):
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(BadInput, match="is not what a run wrote"):
        claim(tmp_path, Recipe("lean"), "abc", {})
