import numpy as np
import pytest

from edge_runtime import metrics
from edge_runtime.errors import BadInput
from train.choose_context import CANDIDATES, choose_context, stage
from train.cross_validate import OutOfFold
from train.recipe_parts import ContextKernel

SIDE = 30


def out_of_fold(slides: int = 6, noise: float = 1.5, step: int = 50, seed: int = 0) -> OutOfFold:
    """Slides with one large nest of carcinoma each, and logits that are truth plus noise, a slide a fold."""
    draw = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    parts = []
    for slide in range(slides):
        centre = draw.uniform(10, 20, 2)
        truth = (np.hypot(rows - centre[0], columns - centre[1]) < 8).ravel()
        parts.append((truth, slide))
    labels = np.concatenate([truth for truth, _ in parts]).astype(np.uint8)
    names = np.repeat([f"s{slide}" for _, slide in parts], SIDE * SIDE)
    logits = (2.0 * labels - 1 + draw.normal(0, noise, len(labels))).astype(np.float32)
    xs, ys = (np.tile(axis.ravel() * step + 1, slides).astype(np.int32) for axis in (columns, rows))
    return OutOfFold(logits, labels, names, names, xs, ys, np.repeat(np.arange(slides), SIDE * SIDE))


def test_neighbours_that_share_the_truth_win_over_the_tile_alone_and_over_3x3() -> None:
    oof = out_of_fold()
    choice = choose_context(oof)
    assert choice.kernel.radius > 1
    chosen, flat = stage(oof, choice.kernel).logits, stage(oof, ContextKernel(1)).logits
    alone = metrics.auc(oof.labels, oof.logits)
    assert metrics.auc(oof.labels, chosen) > metrics.auc(oof.labels, flat) > alone + 0.05
    assert len(choice.table) == len(CANDIDATES)


def test_a_fold_is_scored_in_the_context_that_the_other_folds_chose() -> None:
    oof = out_of_fold()
    poisoned = out_of_fold()
    last = poisoned.folds == 5
    poisoned.labels[last] = np.random.default_rng(1).permutation(poisoned.labels[last])
    own, others = choose_context(oof).nested[last], choose_context(poisoned).nested[last]
    assert np.array_equal(own, others)  # its own labels have no say in its kernel


def test_tiles_without_neighbours_give_no_context_to_choose() -> None:
    with pytest.raises(BadInput, match="neighbours"):
        choose_context(out_of_fold(step=100))
