import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.quantization import Quantization

scales = st.floats(1e-4, 10)
zero_points = st.integers(-128, 127)


@given(scales, zero_points)
def test_every_stored_value_survives_the_way_there_and_back(scale, zero_point):
    quantization = Quantization(scale, zero_point, np.dtype(np.int8))
    stored = np.arange(-128, 128).astype(np.int8)
    assert np.array_equal(quantization.store(quantization.real(stored).astype(np.float64)), stored)


@given(scales, zero_points, st.floats(-100, 100))
def test_a_real_value_within_range_moves_by_half_a_step_at_most(scale, zero_point, real):
    quantization = Quantization(scale, zero_point, np.dtype(np.int8))
    lowest, highest = scale * (-128 - zero_point), scale * (127 - zero_point)
    back = float(quantization.real(quantization.store(np.array([real])))[0])
    assert abs(back - np.clip(real, lowest, highest)) <= scale / 2 * (1 + 1e-3)


def test_values_out_of_range_are_clipped_and_never_wrap_around():
    quantization = Quantization(0.1, 0, np.dtype(np.int8))
    assert quantization.store(np.array([1e9, -1e9])).tolist() == [127, -128]


def test_a_zero_point_at_the_edge_does_not_overflow_int8():
    quantization = Quantization(1.0, -128, np.dtype(np.int8))
    assert quantization.real(np.array([127], np.int8)).tolist() == [255.0]


def test_pixels_over_255_are_pixels_minus_128_in_a_full_range_input():
    table = Quantization(1 / 255, -128, np.dtype(np.int8)).pixel_table(1 / 255, 0.0)
    assert table.tolist() == [pixel - 128 for pixel in range(256)]


def test_a_float_tensor_stands_for_itself():
    quantization = Quantization(0.0, 0, np.dtype(np.float32))
    assert quantization.pixel_table(1 / 255, 0.0)[255] == pytest.approx(1.0)
    assert quantization.real(np.array([1.5], np.float32)).tolist() == [1.5]
