import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.contract import StainNormalization
from edge_runtime.errors import BadModelFile
from edge_runtime.normalization import StainEvidence, normalize_slide, rebalance

REFERENCE = StainNormalization((0.27, 0.65, 0.42), 1.0, 0.15, 20.0, 400.0)


def tissue(densities: tuple[float, float, float], count: int = 30, seed: int = 0) -> np.ndarray:
    """uint8 (count, 50, 50, 3): tissue whose optical densities vary by pixel about the given means."""
    amounts = np.random.default_rng(seed).uniform(0.5, 1.5, (count, 50, 50, 1))
    return np.rint(255 * np.exp(-amounts * np.asarray(densities))).astype(np.uint8)


def evidence_of(*parts: np.ndarray) -> StainEvidence:
    evidence = StainEvidence(REFERENCE.min_density)
    for part in parts:
        evidence.add(part)
    return evidence


def test_the_mean_density_of_tissue_is_found_and_glass_has_no_say() -> None:
    glass = np.full((50, 50, 50, 3), 250, np.uint8)
    found = evidence_of(tissue((0.3, 0.6, 0.4)), glass)
    assert found.mean_density() == pytest.approx([0.3, 0.6, 0.4], rel=0.03)
    assert found.tiles == pytest.approx(30, rel=0.01)


def test_evidence_that_comes_in_parts_is_the_same_as_evidence_that_comes_at_once() -> None:
    tiles = tissue((0.3, 0.6, 0.4))
    assert evidence_of(tiles[:7], tiles[7:]).mean_density() == pytest.approx(evidence_of(tiles).mean_density())


def test_a_slide_without_tissue_is_left_as_it_is() -> None:
    glass = np.full((5, 50, 50, 3), 250, np.uint8)
    assert np.array_equal(normalize_slide(glass, REFERENCE, 20.0), glass)


def test_a_foreign_balance_is_moved_to_the_reference_and_the_darkness_stays() -> None:
    tiles = tissue((0.5, 0.6, 0.3), count=400)
    found = evidence_of(normalize_slide(tiles, REFERENCE, 20.0)).mean_density()
    before = evidence_of(tiles).mean_density()
    wanted = np.log(REFERENCE.reference) - np.mean(np.log(REFERENCE.reference))
    assert np.log(found) - np.mean(np.log(found)) == pytest.approx(wanted, abs=0.05)
    assert np.mean(np.log(found)) == pytest.approx(np.mean(np.log(before)), abs=0.02)


def test_little_evidence_moves_little() -> None:
    few, many = evidence_of(tissue((0.5, 0.6, 0.3), 2)), evidence_of(tissue((0.5, 0.6, 0.3), 200))
    little, much = few.gains(REFERENCE, 20.0), many.gains(REFERENCE, 20.0)
    assert np.all(np.abs(np.log(little)) < 0.2 * np.abs(np.log(much)))
    assert np.abs(np.log(much)).max() > 0.2


@given(st.tuples(*[st.floats(0.05, 1.5)] * 3), st.floats(0, 1))
def test_gains_never_change_how_dark_a_slide_is(densities: tuple[float, float, float], strength: float) -> None:
    towards = StainNormalization((0.27, 0.65, 0.42), strength, 0.01, 20.0, 400.0)
    evidence = StainEvidence(0.01)
    evidence.add(tissue(densities, 2))
    assert np.prod(evidence.gains(towards, 20.0)) == pytest.approx(1.0)


@given(st.integers(0, 2**32 - 1), st.tuples(*[st.floats(0.5, 2.0)] * 3))
def test_white_stays_white_and_the_order_of_pixel_values_is_kept(seed: int, gains: tuple[float, ...]) -> None:
    tiles = np.random.default_rng(seed).integers(0, 256, (2, 6, 5, 3), np.uint8)
    tiles[0, 0, 0] = 255
    out = rebalance(tiles, np.asarray(gains))
    assert out.shape == tiles.shape and out.dtype == np.uint8
    assert np.array_equal(out[0, 0, 0], [255, 255, 255])
    for channel in range(3):
        order = np.argsort(tiles[..., channel].ravel(), kind="stable")
        assert np.all(np.diff(out[..., channel].ravel()[order].astype(int)) >= 0)


def test_a_slide_of_which_every_tile_was_refused_stays_empty() -> None:
    none = np.zeros((0, 50, 50, 3), np.uint8)
    towards = StainNormalization((0.27, 0.65, 0.42), 1.0, 0.15, 20.0, 400.0)
    assert normalize_slide(none, towards, 20.0).shape == rebalance(none, np.full(3, 1.1)).shape == none.shape


def test_gains_of_one_change_nothing_but_black() -> None:
    tiles = np.arange(1, 256, dtype=np.uint8).repeat(3).reshape(1, 255, 1, 3)
    assert np.array_equal(rebalance(tiles, np.ones(3)), tiles)


@pytest.mark.parametrize("change", [{"reference": (0.0, 0.6, 0.4)}, {"strength": 1.5}, {"min_density": float("nan")}])
def test_a_normalization_that_cannot_be_is_refused(change: dict[str, object]) -> None:
    values = {"reference": (0.3, 0.6, 0.4), "strength": 1.0, "min_density": 0.15}
    with pytest.raises(BadModelFile, match="stain normalization"):
        StainNormalization(**{**values, "slide_prior_tiles": 20.0, "session_prior_tiles": 400.0, **change})
