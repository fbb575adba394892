import dataclasses

import numpy as np
import pytest

from edge_runtime.contract import StainProfile, contract_from_json
from edge_runtime.errors import BadModelFile
from tests.edge_runtime.test_stain import stained
from train.stain_profile import stain_profile


@pytest.fixture(scope="module")
def profile():
    """Of three slides, of which one is large and pale."""
    parts = [stained(4, 0), stained(4, 1), stained(20, 2, amount=0.7)]
    return stain_profile(np.concatenate(parts), np.repeat(["a", "b", "c"], [4, 4, 20]))


def test_each_slide_counts_once_however_large(profile):
    alone = [stain_profile(stained(4, seed), np.array(["x"] * 4)).density for seed in (0, 1)]
    pale = stain_profile(stained(20, 2, amount=0.7), np.array(["x"] * 20)).density
    assert profile.slides == 3
    assert profile.density == pytest.approx(np.mean([*alone, pale], axis=0), abs=2e-4)


def test_the_range_holds_the_mean(profile):
    for name in ("density", "deviation"):
        low, mean, high = (getattr(profile, name + end) for end in ("_low", "", "_high"))
        assert all(a < b < c for a, b, c in zip(low, mean, high, strict=True))
    assert 0 < profile.hematoxylin_angle < 10 and 0 < profile.eosin_angle < 10


def test_slides_without_tissue_are_left_out_and_none_at_all_gives_none():
    glass = np.full((4, 50, 50, 3), 245, np.uint8)
    both = stain_profile(np.concatenate([stained(4), glass]), np.repeat(["a", "b"], 4))
    assert both is not None and both.slides == 1
    assert stain_profile(glass, np.array(["b"] * 4)) is None


def test_a_profile_survives_the_way_into_the_file_and_back(profile, lean):
    contract = dataclasses.replace(lean.contract, stain_profile=profile)
    assert contract_from_json(contract.to_json()) == contract


@pytest.mark.parametrize("change", [{"slides": 0}, {"density": (1.0, float("inf"), 1.0)}, {"eosin": (0.5, 0.5)}])
def test_a_profile_that_cannot_be_is_refused(profile, change):
    with pytest.raises(BadModelFile, match="expected a stain profile"):
        dataclasses.replace(profile, **change)


def test_a_contract_whose_profile_lacks_a_field_is_refused(profile, lean):
    text = dataclasses.replace(lean.contract, stain_profile=profile).to_json().replace('"eosin_angle"', '"angle"')
    with pytest.raises(BadModelFile, match="cannot be used"):
        contract_from_json(text)


def test_a_profile_is_a_plain_record(profile):
    assert isinstance(profile, StainProfile) and profile.min_density == 0.15
