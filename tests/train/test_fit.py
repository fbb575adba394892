import dataclasses
import importlib.util
import json

import numpy as np
import pytest

from train.recipe import FineTune, Recipe
from train.tiles import TileSet

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

RECIPE = Recipe("lean", epochs=3, batch=16, average=0.5, fine_tune=FineTune(epochs=1))


def easy(count=64, seed=0):
    """Tiles whose class is their colour: dark ones are carcinoma."""
    draw = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.uint8)
    level = np.where(labels, 90, 200)[:, None, None, None]
    tiles = np.clip(level + draw.normal(0, 20, (count, 50, 50, 3)), 0, 255).astype(np.uint8)
    return TileSet(tiles, labels, np.array([str(n % 8) for n in range(count)]), tuple(map(str, range(count))))


def fit_in(folder, recipe=RECIPE, emit=lambda record: None, network="lean", **changes):
    from train.fit import Plan, fit
    from train.networks import NETWORKS

    plan = dataclasses.replace(Plan(NETWORKS[network], recipe.epochs, 3e-3, 0.5), **changes)
    return fit(plan, easy(), easy(32, 1), recipe, 0, folder, emit)


def weights_in(folder, network="lean"):
    from train.fit import BEST_WEIGHTS
    from train.networks import NETWORKS

    built = NETWORKS[network]()
    built.load_weights(str(folder / BEST_WEIGHTS))
    return built.get_weights()


def test_a_network_learns_an_easy_task_and_says_a_record_an_epoch(tmp_path):
    records = []
    _, best = fit_in(tmp_path / "seed0", emit=records.append)
    assert [record["epoch"] for record in records] == [1, 2, 3]
    assert best["val_auc"] == max(record["val_auc"] for record in records) > 0.9
    lines = (tmp_path / "seed0" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == [1, 2, 3]


def test_a_killed_run_goes_on_to_the_same_weights_as_an_unbroken_one(tmp_path):
    from train.fit import BEST_WEIGHTS

    class Killed(Exception):
        pass

    def kill(record):
        if record["epoch"] == 2:
            raise Killed

    unbroken, _ = fit_in(tmp_path / "a" / "seed0")
    with pytest.raises(Killed):
        fit_in(tmp_path / "b" / "seed0", emit=kill)
    seen = []
    resumed, _ = fit_in(tmp_path / "b" / "seed0", emit=seen.append)
    assert [record["epoch"] for record in seen] == [3]
    losses = [[json.loads(line)["loss"] for line in (tmp_path / run / "seed0/history.jsonl").open()] for run in "ab"]
    assert losses[0] == losses[1]
    for one, other in zip(unbroken.get_weights(), resumed.get_weights(), strict=True):
        assert np.allclose(one, other, atol=1e-5)
    assert BEST_WEIGHTS in {path.name for path in (tmp_path / "b" / "seed0").iterdir()}


def test_slides_weigh_one_over_the_root_of_their_tiles():
    data = dataclasses.replace(easy(10), patients=np.array(["a"] * 9 + ["b"]))
    weights = data.slide_weights()
    assert weights.mean() == pytest.approx(1) and weights[9] / weights[0] == pytest.approx(3)


def test_a_loss_that_is_no_number_ends_the_run_with_advice(tmp_path):
    from edge_runtime.errors import BadInput
    from train.fit import Plan, fit
    from train.networks import NETWORKS

    with pytest.raises(BadInput, match="lower learning_rate"):
        fit(NETWORKS["cancernet"](), easy(), easy(32, 1), RECIPE, Plan(3, 1e12, 0.0), 0, tmp_path, print)
