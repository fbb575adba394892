"""A scale is a positive number that somebody gave, and it contradicts nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.errors import BadInput, ScaleOutOfRange, UnknownScale
from edge_runtime.scale import agreed_um_per_px, check_um_per_px, patches_um_per_px


@pytest.mark.parametrize(
    "value", [0, -1, -0.0, math.nan, math.inf, "nan", "inf", "0", "", "0,39", "4 um", True, [4], 10**400]
)
def test_what_is_no_positive_number_is_refused(value: object) -> None:
    with pytest.raises(ScaleOutOfRange, match="expected a positive number of µm per px, found"):
        check_um_per_px(value)


@given(st.floats(min_value=1e-6, max_value=1e6))
def test_positive_numbers_and_their_text_pass(value: float) -> None:
    assert check_um_per_px(value) == check_um_per_px(repr(value)) == check_um_per_px(np.float64(value)) == value


def test_an_unknown_scale_says_how_to_give_it() -> None:
    with pytest.raises(UnknownScale) as caught:
        check_um_per_px(None)
    for way in ("--um-per-px", "--calibration FILE", "?um_per_px=", "0.39 for a Pi HQ camera with a 4x objective"):
        assert way in str(caught.value)


def test_two_scales_must_agree() -> None:
    assert agreed_um_per_px(None, None) is None
    assert agreed_um_per_px(0.5, None) == agreed_um_per_px(None, "0.5") == agreed_um_per_px(0.5, "0.50") == 0.5
    with pytest.raises(BadInput, match="expected one scale"):
        agreed_um_per_px(0.5, "0.6")


def test_patches_carry_their_own_scale() -> None:
    assert patches_um_per_px(None) == patches_um_per_px(4) == 4.0
    with pytest.raises(BadInput, match="IDC patches are at 4 µm per px"):
        patches_um_per_px(0.39)
