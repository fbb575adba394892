import dataclasses
import importlib.util
import json

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.recipe import Augmentation, FineTune, Recipe
from train.tiles import TileSet

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

STILL = Augmentation(False, 0.0, 0.0, 0.0)
RECIPE = Recipe("", epochs=3, batch=16, average=0.5, fine_tune=FineTune(epochs=1))


class Killed(Exception):
    """Stands for the end of a process."""


def easy(count=64, seed=0):
    """Tiles whose class is their colour: dark ones are carcinoma."""
    draw = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.uint8)
    level = np.where(labels, 90, 200)[:, None, None, None]
    tiles = np.clip(level + draw.normal(0, 20, (count, 50, 50, 3)), 0, 255).astype(np.uint8)
    return TileSet(tiles, labels, np.array([str(n % 8) for n in range(count)]), tuple(map(str, range(count))))


def small(dropout=0.2):
    """A network with all that matters, of a few hundred weights."""
    from train.keras import keras, layers

    x = inputs = keras.Input((50, 50, 3))
    x = layers.Conv2D(4, 5, strides=5, use_bias=False, name="conv")(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
    x = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(1, dtype="float32")(x))


def fit_in(folder, recipe=RECIPE, emit=lambda record: None, **changes):
    from train.fit import Plan, fit

    plan = dataclasses.replace(Plan(small, recipe.epochs, 3e-2, 0.5), **changes)
    return fit(plan, easy(), easy(32, 1), recipe, 0, folder, emit)


def killed_after(epoch):
    def emit(record):
        if record["epoch"] == epoch:
            raise Killed

    return emit


def weights_in(folder):
    from train.fit import BEST_WEIGHTS

    network = small()
    network.load_weights(str(folder / BEST_WEIGHTS))
    return network.get_weights()


def history(folder):
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


def same_weights(one, other):
    return all(np.array_equal(a, b) for a, b in zip(weights_in(one), weights_in(other), strict=True))


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken") / "seed0"
    fit_in(folder)
    return folder


def test_a_network_learns_an_easy_task_and_says_a_record_an_epoch(tmp_path):
    records = []
    best = fit_in(tmp_path / "seed0", emit=records.append)
    assert [record["epoch"] for record in records] == [1, 2, 3]
    assert best["val_auc"] == max(record["val_auc"] for record in records) > 0.9
    assert history(tmp_path / "seed0") == [
        {key: value for key, value in record.items() if key not in ("run", "seed")} for record in records
    ]
    assert best["accuracy"] > 0.5 and 0 < best["val_loss"] < 1 and 0 < best["val_accuracy"] <= 1


def test_the_same_seed_makes_the_same_weights_and_another_seed_others(unbroken, tmp_path):
    from train.fit import Plan, fit

    fit_in(tmp_path / "again")
    assert same_weights(unbroken, tmp_path / "again")
    fit(Plan(small, 3, 3e-2, 0.5), easy(), easy(32, 1), RECIPE, 1, tmp_path / "other", lambda record: None)
    assert not same_weights(unbroken, tmp_path / "other")


def test_a_killed_run_goes_on_to_the_same_weights_as_an_unbroken_one(unbroken, tmp_path):
    folder, seen = tmp_path / "seed0", []
    with pytest.raises(Killed):
        fit_in(folder, emit=killed_after(2))
    fit_in(folder, emit=seen.append)
    assert [record["epoch"] for record in seen] == [3]
    assert [record["loss"] for record in history(folder)] == [record["loss"] for record in history(unbroken)]
    assert same_weights(unbroken, folder)


def test_what_a_killed_run_wrote_beyond_its_checkpoint_is_done_again(unbroken, tmp_path):
    folder = tmp_path / "seed0"
    with pytest.raises(Killed):
        fit_in(folder, emit=killed_after(2))
    with (folder / "history.jsonl").open("a") as lines:  # killed after the line of epoch 3, before its checkpoint
        lines.write(json.dumps({"epoch": 3, "val_auc": 1.0}) + "\n")
    fit_in(folder)
    assert [record["loss"] for record in history(folder)] == [record["loss"] for record in history(unbroken)]


def test_a_finished_fit_has_nothing_left_to_do(unbroken):
    seen = []
    best = fit_in(unbroken, emit=seen.append)
    assert not seen and best["val_auc"] == max(record["val_auc"] for record in history(unbroken))


def test_a_loss_that_is_no_number_ends_the_run_with_advice_and_touches_no_checkpoint(unbroken, tmp_path):
    folder = tmp_path / "seed0"
    with pytest.raises(Killed):
        fit_in(folder, emit=killed_after(1))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(BadInput, match=r"NaN or infinite; lower learning_rate in the recipe"):
        fit_in(folder, learning_rate=1e38)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    fit_in(folder)
    assert same_weights(unbroken, folder)


def test_a_step_that_ruins_the_weights_is_noticed_before_they_are_kept(tmp_path):
    recipe = dataclasses.replace(RECIPE, batch=64)  # one step an epoch: its loss is from before
    with pytest.raises(BadInput, match="became NaN or infinite"):
        fit_in(tmp_path / "seed0", recipe, learning_rate=3e38, warmup_epochs=0.0)
    assert not (tmp_path / "seed0").exists()


def test_tensorboard_shows_each_epoch_once_though_the_run_was_killed(tmp_path):
    from train.keras import tf

    folder = tmp_path / "seed0"
    with pytest.raises(Killed):
        fit_in(folder, emit=killed_after(2))
    fit_in(folder)
    files = [str(path) for path in (folder / "tensorboard").iterdir()]
    shown = [
        (value.tag, event.step, round(float(tf.make_ndarray(value.tensor)), 4))
        for file in files
        for record in tf.data.TFRecordDataset(file)
        for event in [tf.compat.v1.Event.FromString(record.numpy())]
        for value in event.summary.value
    ]
    for name in ("loss", "accuracy", "val_loss", "val_auc", "learning_rate"):
        wanted = [(name, record["epoch"], round(record[name], 4)) for record in history(folder)]
        assert [one for one in shown if one[0] == name] == wanted


def test_the_rate_falls_to_its_floor(tmp_path):
    recipe = dataclasses.replace(RECIPE, optimizer="adam", final_rate=0.1)
    fit_in(tmp_path / "seed0", recipe)
    rates = [record["learning_rate"] for record in history(tmp_path / "seed0")]
    assert rates == sorted(rates, reverse=True) and 3e-3 <= rates[-1] < 4e-3


def test_mixed_precision_computes_in_half_and_keeps_float32(unbroken, tmp_path):
    from train.crew import alone
    from train.keras import keras
    from train.learner import Learner
    from train.plan import Plan

    fit_in(tmp_path / "seed0", mixed_precision=True)
    assert all(value.dtype == np.float32 for value in weights_in(tmp_path / "seed0"))
    assert history(tmp_path / "seed0")[0]["loss"] == pytest.approx(history(unbroken)[0]["loss"], rel=0.1)
    learner = Learner(Plan(small, 1, 1e-3, 0.0, mixed_precision=True), RECIPE, 4, 0, alone())
    assert learner.network.get_layer("conv").compute_dtype in ("bfloat16", "float16")
    assert learner.network.output.dtype == "float32" and keras.mixed_precision.global_policy().name == "float32"


def test_a_compiled_graph_learns_the_same(tmp_path):
    still = dataclasses.replace(RECIPE, epochs=1, augmentation=STILL)
    how = {"build": lambda: small(dropout=0.0), "learning_rate": 1e-4}  # XLA draws other masks
    plain = fit_in(tmp_path / "plain", still, **how)
    compiled = fit_in(tmp_path / "xla", dataclasses.replace(still, xla=True), **how)
    assert compiled["loss"] == pytest.approx(plain["loss"], rel=1e-4)


def test_a_fine_tune_follows_its_parent(unbroken, tmp_path):
    from train.fine_tune import fine_tune

    def parent():
        network = small()
        network.set_weights(weights_in(unbroken))
        return network

    tuned = fine_tune(parent, easy(), easy(32, 1), RECIPE, 0, tmp_path / "fine_tuned", lambda record: None)
    assert tuned["epoch"] == 1 and tuned["val_auc"] > 0.9
