import numpy as np
import pytest

from edge_runtime import metrics
from train.bootstrap import Resampling, count, draws, figures, interval


def some_tiles(n=400, slides=7, seed=0):
    draw = np.random.default_rng(seed)
    of = np.sort(draw.integers(0, slides, n))
    of[:slides] = np.arange(slides)
    labels = (draw.random(n) < 0.3).astype(np.uint8)
    logits = np.round(draw.normal(labels * 1.5, 1.0), 1).astype(np.float32)  # rounded: ties, as int8 has them
    return labels, logits, logits >= 0.4, 1 / (1 + np.exp(-logits.astype(float))), of


def expected(labels, logits, called, probabilities):
    return {
        "auc": metrics.auc(labels, logits),
        "balanced_accuracy": metrics.balanced_accuracy(labels, called),
        "f1": metrics.f1(labels, called),
        "sensitivity": metrics.sensitivity(labels, called),
        "specificity": metrics.specificity(labels, called),
        "ece": metrics.expected_calibration_error(labels, probabilities),
    }


def test_every_slide_once_gives_the_figures_of_the_metrics():
    *tiles, slides = some_tiles()
    found = figures(count(*tiles, slides), np.ones((1, 7), np.int64))
    assert {name: values[0] for name, values in found.items()} == pytest.approx(expected(*tiles))


def test_a_draw_gives_the_figures_of_the_tiles_that_it_repeats():
    *tiles, slides = some_tiles(seed=3)
    weights = np.array([[2, 0, 3, 1, 0, 1, 0]])
    chosen = np.repeat(np.arange(len(slides)), weights[0][slides])
    found = figures(count(*tiles, slides), weights)
    repeated = expected(*(values[chosen] for values in tiles))
    assert {name: values[0] for name, values in found.items()} == pytest.approx(repeated)


def test_a_draw_of_one_class_only_is_no_figure():
    labels, logits = np.array([0, 0, 1, 1], np.uint8), np.array([-1, 0, 0, 1], np.float32)
    counts = count(labels, logits, logits >= 0, np.full(4, 0.5), np.array([0, 0, 1, 1]))
    found = figures(counts, np.array([[2, 0], [0, 2], [1, 1]]))
    for values in found.values():
        assert np.isnan(values).tolist() == [True, True, False]


def test_draws_are_seeded_and_hold_as_many_slides_as_there_are():
    found = draws(9, Resampling(50, seed=4))
    assert found.shape == (50, 9)
    assert (found.sum(1) == 9).all()
    assert (found == draws(9, Resampling(50, seed=4))).all()
    assert (found != draws(9, Resampling(50, seed=5))).any()


def test_an_interval_holds_the_middle_of_what_is_known():
    values = np.concatenate([np.linspace(0, 1, 1001), [np.nan] * 50])
    assert interval(values) == (0.025, 0.975)
    assert interval(np.array([np.nan])) is None


def test_slides_that_differ_widen_the_interval_more_than_tiles_do():
    labels = np.tile([0, 1], 200).astype(np.uint8)
    right = np.repeat([1, 0, 1, 1], 100).astype(bool)  # one slide of four is wholly wrong
    called = np.where(right, labels, 1 - labels).astype(bool)
    logits = np.where(called, 1, -1).astype(np.float32)
    by_slide = count(labels, logits, called, np.full(400, 0.5), np.repeat(np.arange(4), 100))
    by_tile = count(labels, logits, called, np.full(400, 0.5), np.arange(400))

    def width(counts, n):
        low, high = interval(figures(counts, draws(n, Resampling(500)))["balanced_accuracy"])
        return high - low

    assert width(by_slide, 4) > 3 * width(by_tile, 400)
