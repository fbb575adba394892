import dataclasses

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.bootstrap import Resampling
from train.cross_compare import set_beside
from train.cross_validate import OutOfFold

FEW = Resampling(200)


def judged(noise: float, seed: int = 0) -> OutOfFold:
    """Twelve slides of 20 tiles in three folds; the logits know the label, less well the more noise."""
    draw = np.random.default_rng(seed)
    slides, labels = np.repeat(np.arange(12), 20), np.tile([0, 1], 120).astype(np.uint8)
    logits = (2.0 * labels - 1 + noise * draw.normal(size=240)).astype(np.float32)
    names, places = slides.astype(str), np.arange(240, dtype=np.int32)
    return OutOfFold(logits, labels, names, names, places, places, (slides % 3).astype(np.int64))


def test_a_recipe_beside_itself_gains_nothing_and_its_interval_has_no_width() -> None:
    beside = set_beside(judged(1.0), judged(1.0), FEW)
    assert beside["own less other"]["auc"] == 0 and beside["interval"]["auc"] == (0, 0)
    assert beside["own less other, AUC by fold"] == [0, 0, 0]


def test_the_better_of_two_gains_in_every_fold_by_the_difference_of_their_figures() -> None:
    beside = set_beside(judged(0.3), judged(3.0), FEW)
    gain = beside["own less other"]["auc"]
    assert gain > 0.1 and gain == pytest.approx(beside["own"]["auc"] - beside["other"]["auc"], abs=1e-4)
    assert beside["interval"]["auc"][0] > 0 and min(beside["own less other, AUC by fold"]) > 0


def test_pairing_by_slide_tells_apart_what_two_intervals_of_their_own_would_not() -> None:
    """Logits that are the same but for little: slides differ far more than the two."""
    own = judged(1.0)
    other = dataclasses.replace(own, logits=own.logits + np.float32(0.1) * judged(1.0, 1).logits)
    low, high = set_beside(own, other, FEW)["interval"]["auc"]
    assert high - low < 0.02


def test_tiles_dealt_otherwise_are_compared_as_a_whole_alone() -> None:
    other = judged(1.0)
    dealt = dataclasses.replace(other, folds=np.roll(other.folds, 1))
    beside = set_beside(judged(0.5), dealt, FEW)
    assert beside["own less other, AUC by fold"] is None and beside["own less other"]["auc"] > 0


def test_cross_validations_of_other_tiles_are_refused() -> None:
    other = judged(1.0)
    with pytest.raises(BadInput, match="same tiles"):
        set_beside(judged(1.0), dataclasses.replace(other, xs=other.xs + 1), FEW)
