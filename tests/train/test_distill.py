import dataclasses
import importlib.util
import json

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.recipe import Distillation, FineTune, Recipe
from train.tiles import TileSet

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

PLAIN = Recipe("cancernet", (0,), epochs=1, batch=8, average=0.0, fine_tune=FineTune(epochs=0))
TAUGHT = dataclasses.replace(PLAIN, network="tiny", distillation=Distillation(epochs=1))


def some_tiles(count=16, seed=0):
    tiles = np.random.default_rng(seed).integers(0, 256, (count, 50, 50, 3), np.uint8)
    return TileSet(tiles, (np.arange(count) % 2).astype(np.uint8), np.array(["a"] * count), ("",) * count)


SIDES = some_tiles(), some_tiles(8, 1)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    """The folder of a finished run of one seed."""
    from train.experiment import run_experiment

    folder = tmp_path_factory.mktemp("runs") / "lesson"
    run_experiment(PLAIN, *SIDES, folder)
    return folder


def tiles(count=8):
    return np.random.default_rng(0).integers(20, 235, (count, 50, 50, 3), np.uint8)


def test_a_tile_has_eight_different_orientations():
    from train.distill import orientations

    views = orientations(tiles(1))
    assert len({view.tobytes() for view in map(np.ascontiguousarray, views)}) == 8
    assert all(np.array_equal(np.sort(view.ravel()), np.sort(tiles(1).ravel())) for view in views)


class Says:
    """A teacher that is always of one opinion, and of some tiles alone."""

    def __init__(self, logit, of=slice(None)):
        self.logit, self.of = logit, of

    def load(self):
        return lambda pixels, training: self.logit + 0 * pixels[:, :1, 0, 0]

    def pupils(self, data):
        return np.arange(len(data))[self.of]


def test_the_target_is_the_teachers_mean_opinion_beside_the_label():
    from train.distill import taught_targets

    data = some_tiles(4)
    teachers = [Says(0.0), Says(50.0)]
    recipe = dataclasses.replace(PLAIN, label_smoothing=0.0, distillation=Distillation(1, 0.5))
    assert np.allclose(taught_targets(teachers, data, recipe)[:, 0], [0.375, 0.875] * 2)


def test_a_tile_is_taught_by_those_alone_who_may_speak_of_it():
    from train.distill import taught_targets

    recipe = dataclasses.replace(PLAIN, label_smoothing=0.0, distillation=Distillation(1, 1.0))
    targets = taught_targets([Says(-50.0, slice(0, 3)), Says(50.0, slice(1, 4))], some_tiles(4), recipe)
    assert np.allclose(targets[:, 0], [0, 0.5, 0.5, 1])


def test_with_folds_no_network_teaches_a_tile_that_it_saw(tmp_path, monkeypatch):
    from train import transfer
    from train.experiment import run_experiment
    from train.run_folder import read_run

    train, val = some_tiles(32), some_tiles(8, 1)
    train = dataclasses.replace(train, patients=np.array(list("aabbccdd") * 4), groups=np.array(list("aabbccdd") * 4))
    recipe = dataclasses.replace(PLAIN, seeds=(), distillation=Distillation(1, folds=2))
    saw, original = {}, transfer.fit

    def fit(plan, train, val, recipe, seed, folder, emit, crew):
        saw[folder.name] = set(train.patients.tolist())
        return original(plan, train, val, recipe, seed, folder, emit, crew)

    monkeypatch.setattr(transfer, "fit", fit)
    result = run_experiment(recipe, train, val, tmp_path / "run")
    assert set(result["candidates"]) == {"distilled"} and saw["distilled"] == set("abcd")
    assert saw["fold0"] | saw["fold1"] == set("abcd") and not saw["fold0"] & saw["fold1"]

    from train.distill import teachers_of

    teachers = teachers_of([read_run(tmp_path / "run")], TAUGHT, train.digest())
    assert len(teachers) == 2
    for teacher in teachers:
        taught = set(train.patients[teacher.pupils(train)].tolist())
        assert taught == set("abcd") - saw[teacher.weights.parent.name]


def test_a_network_learns_from_the_candidates_of_another_run(tmp_path, lesson):
    from train.experiment import run_experiment
    from train.run_folder import read_run

    result = run_experiment(TAUGHT, *SIDES, tmp_path / "tiny", taught_by=[read_run(lesson)])
    assert set(result["candidates"]) == {"seed0", "distilled"}
    assert [(t["run"], t["candidate"], t["network"]) for t in result["teachers"]] == [("lesson", "seed0", "cancernet")]
    assert json.loads((tmp_path / "tiny/run.json").read_text())["teachers"] == result["teachers"]
    assert run_experiment(TAUGHT, *SIDES, tmp_path / "tiny", taught_by=[read_run(lesson)]) == result
    with pytest.raises(BadInput, match="other data, weights or teachers"):
        run_experiment(TAUGHT, *SIDES, tmp_path / "tiny")


def test_a_candidate_of_another_run_teaches_as_the_network_that_it_is(lesson):
    from train.distill import taught_targets, teachers_of
    from train.run_folder import read_run

    teachers = teachers_of([read_run(lesson)], TAUGHT, SIDES[0].digest())
    assert [(teacher.network, teacher.weights.parent.name) for teacher in teachers] == [("cancernet", "seed0")]
    targets = taught_targets(teachers, SIDES[0], TAUGHT)
    assert targets.shape == (16, 1) and len(np.unique(targets)) > 8


def test_a_teacher_of_other_tiles_is_refused(lesson):
    from train.distill import teachers_of
    from train.run_folder import read_run

    with pytest.raises(BadInput, match=r"the very tiles.*lesson.*may have seen patients"):
        teachers_of([read_run(lesson)], TAUGHT, some_tiles(16, 5).digest())


def test_a_teacher_of_another_stain_balance_is_refused(lesson):
    from train.distill import teachers_of
    from train.run_folder import read_run

    other = dataclasses.replace(TAUGHT, stain_strength=0.5)
    with pytest.raises(BadInput, match=r"stain_strength 0\.5 as in this recipe"):
        teachers_of([read_run(lesson)], other, SIDES[0].digest())


def test_teachers_without_anyone_to_teach_are_refused(lesson):
    from train.distill import teachers_of
    from train.run_folder import read_run

    with pytest.raises(BadInput, match="nobody is taught"):
        teachers_of([read_run(lesson)], PLAIN, SIDES[0].digest())


def test_a_teacher_must_be_a_finished_run(command, tmp_path):
    from train.cli import main

    code, _, err = command(main, "fit", "--network", "tiny", "--teachers", tmp_path, "--index", tmp_path / "no.csv")
    assert code == 2 and "expected a finished run" in err
