import numpy as np
import pytest

from edge_runtime.stain import angle_between, estimate_stain

HEMATOXYLIN, EOSIN = np.array([0.65, 0.70, 0.29]), np.array([0.15, 0.82, 0.56])
HEMATOXYLIN, EOSIN = HEMATOXYLIN / np.linalg.norm(HEMATOXYLIN), EOSIN / np.linalg.norm(EOSIN)


def stained(count=6, seed=0, amount=1.0):
    """Tiles whose pixels hold one stain, the other, or both: uint8 (count, 50, 50, 3)."""
    rng = np.random.default_rng(seed)
    amounts = rng.uniform(0.2, 1.0, (2, count, 50, 50, 1)) * (rng.random((2, count, 50, 50, 1)) < 0.6) * amount
    return np.rint(255 * np.exp(-(amounts[0] * HEMATOXYLIN + amounts[1] * EOSIN))).astype(np.uint8)


def test_the_two_stains_of_a_slide_are_found_and_told_apart():
    found = estimate_stain(stained(), 0.15)
    assert angle_between(found.hematoxylin, HEMATOXYLIN) < 3
    assert angle_between(found.eosin, EOSIN) < 3


def test_stain_vectors_have_unit_length_and_are_not_negative():
    found = estimate_stain(stained(seed=1), 0.15)
    for vector in (found.hematoxylin, found.eosin):
        assert np.linalg.norm(vector) == pytest.approx(1) and (vector >= 0).all()


def test_a_paler_section_has_the_same_stains_and_less_density():
    dark, pale = estimate_stain(stained(), 0.05), estimate_stain(stained(amount=0.6), 0.05)
    assert angle_between(dark.hematoxylin, pale.hematoxylin) < 3
    assert pale.density == pytest.approx(0.6 * dark.density, rel=0.05)


def test_glass_has_no_say():
    glass = np.full((20, 50, 50, 3), 245, np.uint8)
    alone, beside = estimate_stain(stained(), 0.15), estimate_stain(np.concatenate([stained(), glass]), 0.15)
    assert beside.pixels == alone.pixels and beside.density == pytest.approx(alone.density)


def test_too_little_tissue_gives_no_estimate():
    glass = np.full((5, 50, 50, 3), 245, np.uint8)
    assert estimate_stain(glass, 0.15) is None
    assert estimate_stain(stained(1)[:, :20, :20], 0.15) is None
