import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.gates import MOVING, NO_TISSUE, OUT_OF_FOCUS, PEN_OR_DIRT, Gatekeeper, Instrument, measure_focus
from edge_runtime.gates.focus import PAIRS_A_TILE
from edge_runtime.optics import to_field
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame
from edge_runtime.tiling import cut
from tests.edge_runtime.fakes.gated import ALL, FOCUS, glass, inked, stained

SCALES = [0.39, 0.8, 2.0]
GRID = (2, 3)


@pytest.fixture(scope="module")
def tissue():
    """Drawn tissue without glass at 4 µm per px, 2x3 tiles."""
    slide = make_slide(seed=3, size=(700, 900))
    solid = (slide.classes > 0).astype(np.float32)
    inside = cv2.boxFilter(solid, -1, (150, 100), anchor=(0, 0))[:-100, :-150]
    y, x = np.unravel_index(np.argmax(inside), inside.shape)
    return slide.rgb[y : y + 100, x : x + 150]


def through(objective_um_per_px, tissue, blur_um=0.0, noise=0.0):
    """Tissue as a camera of another scale sees it."""
    factor = 4 / objective_um_per_px
    large = cv2.resize(tissue, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
    if blur_um:
        large = cv2.GaussianBlur(large, (0, 0), blur_um / objective_um_per_px)
    grain = np.random.default_rng(0).normal(0, noise, large.shape).astype(np.float32)
    return cv2.add(large, grain, dtype=cv2.CV_8U)


def look_at(pixels, um_per_px, gates=ALL, instrument=None):
    frame = Frame(pixels, um_per_px, 0, "test")
    field = to_field(frame, 4.0, 50)
    keeper = Gatekeeper(gates) if instrument is None else Gatekeeper(gates, instrument)
    return keeper.look_at(frame, field, cut(field.pixels, field.lefts, field.tops, 50))


@pytest.mark.parametrize("scale", SCALES)
def test_sharp_tissue_passes_and_a_blur_of_8_um_is_out_of_focus_through_every_objective(tissue, scale):
    assert set(look_at(through(scale, tissue), scale).reasons) == {None}
    for blur_um in (8, 16):
        found = look_at(through(scale, tissue, blur_um), scale)
        assert set(found.reasons) == {OUT_OF_FOCUS} and set(found.measures) == {"sharpness"}
        assert (found.values < FOCUS.min_sharpness).all()


def test_sharpness_means_the_same_through_every_objective(tissue):
    for blur_um in (0, 4, 8):
        found = [measure_focus(through(scale, tissue, blur_um), scale, GRID, FOCUS).sharpness for scale in SCALES]
        assert np.ptp([np.median(values) for values in found]) < 0.15


@pytest.mark.parametrize("scale", [0.39, 0.8])
def test_the_noise_of_a_sensor_makes_nothing_sharp(tissue, scale):
    found = look_at(through(scale, tissue, 8, noise=3), scale)
    assert set(found.reasons) == {OUT_OF_FOCUS}


@pytest.mark.parametrize("factor", [0.7, 1.05])
def test_sharpness_depends_on_no_light(tissue, factor):
    sharp = through(0.8, tissue)
    one = measure_focus(sharp, 0.8, GRID, FOCUS).sharpness
    other = measure_focus(np.clip(sharp * factor, 0, 255).astype(np.uint8), 0.8, GRID, FOCUS).sharpness
    assert other == pytest.approx(one, abs=0.05)


def test_tiles_are_told_apart(tissue):
    pixels = through(0.8, tissue)
    third = pixels.shape[1] // 3
    pixels[:, :third] = through(0.8, tissue, 10)[:, :third]
    assert look_at(pixels, 0.8).reasons.reshape(GRID)[:, 0].tolist() == [OUT_OF_FOCUS] * 2
    assert set(look_at(pixels, 0.8).reasons.reshape(GRID)[:, 1:].ravel()) == {None}


def test_a_coarse_camera_is_not_asked(tissue):
    assert measure_focus(tissue, 4.0, GRID, FOCUS) is None
    assert measure_focus(tissue[:20, :30], 0.8, GRID, FOCUS) is None


def test_glass_is_glass_and_not_out_of_focus():
    pixels = np.full((500, 750, 3), (242, 240, 241), np.uint8)
    assert set(look_at(pixels, 0.8).reasons) == {NO_TISSUE}


def test_ink_is_ink_and_not_out_of_focus():
    row = np.hstack(list(inked(glass(3), (1.9, 0.5, 0.6), 0.8)))
    assert set(look_at(through(0.8, np.vstack([row, row])), 0.8).reasons) == {PEN_OR_DIRT}


def test_smooth_stain_is_out_of_focus_where_the_scale_of_the_camera_is_known(tissue):
    assert set(look_at(through(0.8, tissue, 60), 0.8).reasons) == {OUT_OF_FOCUS}


def test_the_baseline_of_a_calibration_raises_the_limit(tissue):
    sharp = through(0.8, tissue)
    least = float(measure_focus(sharp, 0.8, GRID, FOCUS).sharpness.min())
    assert OUT_OF_FOCUS not in look_at(sharp, 0.8).reasons
    finer = Instrument(sharpness=1.1 * least / FOCUS.of_baseline)  # the instrument has shown sharper tissue
    assert OUT_OF_FOCUS in look_at(sharp, 0.8, instrument=finer).reasons


@pytest.mark.parametrize("axis", [0, 1])
def test_a_smear_along_one_axis_is_a_moving_stage(tissue, axis):
    length = round(48 / 0.8)
    smeared = cv2.blur(through(0.8, tissue), (length, 1) if axis else (1, length))
    found = look_at(smeared, 0.8)
    assert MOVING in found.reasons and None not in found.reasons


def test_a_view_of_a_few_tiles_is_not_moving_because_its_fibres_run_one_way(tissue):
    smeared = cv2.blur(through(0.8, tissue[:100, :100]), (60, 1))
    assert measure_focus(smeared, 0.8, (2, 2), FOCUS).anisotropy > 1.7
    assert MOVING not in look_at(smeared, 0.8).reasons


@pytest.mark.parametrize("blur_um", [8, 16, 30])
def test_a_blur_along_both_axes_is_no_smear(tissue, blur_um):
    assert measure_focus(through(0.8, tissue, blur_um), 0.8, GRID, FOCUS).anisotropy == 1


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 4),
    st.floats(0.4, 2.0),
    st.floats(0, 40),
    st.integers(0, 3),
)
def test_every_tile_gets_a_number_whatever_the_frame(rows, columns, um_per_px, noise, extra):
    height, width = round(rows * 200 / um_per_px) + extra, round(columns * 200 / um_per_px) + extra
    pixels = np.random.default_rng(0).normal(128, noise, (height, width, 3)).clip(0, 255).astype(np.uint8)
    found = measure_focus(pixels, um_per_px, (rows, columns), FOCUS)
    assert found is not None and len(found.sharpness) == len(found.contrast) == rows * columns
    assert np.isfinite(found.sharpness).all() and np.isfinite(found.contrast).all() and found.anisotropy >= 1


def test_rows_are_looked_at_in_pairs_over_every_tile():
    pixels = np.zeros((500, 750, 3), np.uint8)
    pixels[: 500 // 2, :, 1] = np.random.default_rng(0).integers(0, 255, (250, 750))
    found = measure_focus(pixels, 0.8, GRID, FOCUS)
    assert found is not None and PAIRS_A_TILE >= 2
    assert (found.contrast[:3] > 10).all() and (found.contrast[3:] < 0.1).all()


def test_stained_noise_is_as_sharp_as_can_be():
    pixels = cv2.resize(np.hstack(list(stained(3))), None, fx=5, fy=5, interpolation=cv2.INTER_NEAREST)
    assert (measure_focus(np.vstack([pixels, pixels]), 0.8, GRID, FOCUS).sharpness > 0.7).all()


def plainly(pixels, um_per_px):
    """Sharpness as the gate's docstring defines it, tile by tile and pair by pair, without noise to take off."""
    near, far = round(FOCUS.near_um / um_per_px), round(FOCUS.far_um / um_per_px)
    step = len(pixels) // (GRID[0] * PAIRS_A_TILE)
    smooth = [cv2.blur(row[None], (near, 1))[0].astype(int) for row in pixels[..., 1]]
    noise = np.mean([np.abs(np.diff(pixels[y, :, 1].astype(int))) for y in looked_at(len(pixels), near, step)]) ** 2
    found = []
    for row in range(GRID[0]):
        lines = [smooth[y] for y in looked_at(len(pixels), near, step)[row * 2 * PAIRS_A_TILE :][: 2 * PAIRS_A_TILE]]
        for column in range(GRID[1]):
            left, right = (edge * pixels.shape[1] // GRID[1] for edge in (column, column + 1))
            means = [
                np.mean([np.abs(line[left + lag : right] - line[left : right - lag]) for line in lines])
                for lag in (near, far)
            ]
            at_near, at_far = (max(mean**2 - noise / near, 0.05**2) ** 0.5 for mean in means)
            found.append(1 - np.log(at_far / at_near) / np.log(far / near))
    return found


def looked_at(height, near, step):
    """The rows of all pairs, from above."""
    firsts = [(step - near) // 2 + n * step for n in range(height // step)]
    return [row for first in firsts for row in (first, first + near)]


@pytest.mark.parametrize(("scale", "blur_um", "noise"), [(0.39, 0, 2), (0.8, 0, 0), (0.8, 6, 1), (1.3, 3, 3)])
def test_sharpness_is_what_its_definition_says(tissue, scale, blur_um, noise):
    pixels = through(scale, tissue, blur_um, noise)
    assert measure_focus(pixels, scale, GRID, FOCUS).sharpness == pytest.approx(plainly(pixels, scale), abs=1e-5)
