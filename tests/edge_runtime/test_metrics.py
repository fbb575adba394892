import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime import metrics
from edge_runtime.errors import BadInput

reference = pytest.importorskip("sklearn.metrics", reason="scikit-learn, the reference, is not installed")


@st.composite
def scored(draw):
    """Labels of both classes with scores on a coarse grid, so that ties are common as they are in int8."""
    size = draw(st.integers(4, 60))
    labels = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    labels[:2] = True, False
    scores = np.array(draw(st.lists(st.integers(-20, 20), min_size=size, max_size=size))) / 8
    return labels, scores


@given(scored())
def test_auc_balanced_accuracy_and_f1_are_those_of_scikit_learn(case):
    labels, scores = case
    called = scores >= 0.25
    assert metrics.auc(labels, scores) == pytest.approx(reference.roc_auc_score(labels, scores))
    assert metrics.balanced_accuracy(labels, called) == pytest.approx(reference.balanced_accuracy_score(labels, called))
    assert metrics.f1(labels, called) == pytest.approx(reference.f1_score(labels, called))


@given(scored())
def test_no_threshold_beats_the_best_one(case):
    labels, scores = case
    best = metrics.balanced_accuracy(labels, scores >= metrics.best_threshold(labels, scores))
    others = [metrics.balanced_accuracy(labels, scores >= step) for step in (*np.unique(scores), np.inf)]
    assert best == pytest.approx(max(others))


@given(scored(), st.sampled_from([0.5, 0.8, 0.95, 1.0]))
def test_the_threshold_for_a_sensitivity_reaches_it_and_is_the_highest_that_does(case, wanted):
    labels, scores = case
    threshold = metrics.threshold_for_sensitivity(labels, scores, wanted)
    assert metrics.sensitivity(labels, scores >= threshold) >= wanted - 1e-9
    higher = scores[scores > threshold]
    above = higher.min() + 1e-9 if len(higher) else np.inf
    assert metrics.sensitivity(labels, scores >= above) < wanted


def test_calibration_error_is_the_gap_between_what_is_stated_and_what_is_seen():
    stated = np.array([0.9] * 10 + [0.1] * 10)
    perfect = np.array([1] * 9 + [0] + [1] + [0] * 9)
    assert metrics.expected_calibration_error(perfect, stated) == pytest.approx(0, abs=1e-9)
    overconfident = np.array([1] * 5 + [0] * 5 + [1] + [0] * 9)
    assert metrics.expected_calibration_error(overconfident, stated) == pytest.approx(0.2)


def test_probabilities_of_exactly_one_fall_into_the_last_bin():
    assert metrics.expected_calibration_error([1, 0], [1.0, 0.0]) == 0


@pytest.mark.parametrize("labels", [[], [0, 0], [1, 1, 1]])
def test_one_class_alone_has_no_figures_and_says_so(labels):
    with pytest.raises(BadInput, match="both classes"):
        metrics.auc(labels, np.zeros(len(labels)))


def test_agreement_is_the_share_of_equal_decisions():
    assert metrics.agreement([1, 1, 0, 0], [1, 0, 0, 0]) == 0.75
