"""Scale by what is engraved; and by the tissue, which tells only what is far off."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.calibrate.focus import measure_focus, sharpness
from edge_runtime.calibrate.nominal import SENSORS, Optics, find_sensor, reduction_of
from edge_runtime.calibrate.tissue_check import check_tissue
from edge_runtime.calibrate.tissue_size import fat_cells, nuclei
from edge_runtime.cameras.degrade import defocus
from edge_runtime.errors import BadInput
from edge_runtime.procedural import make_slide
from edge_runtime.texture import bands, spread_centres


def test_a_pi_hq_camera_behind_a_4x_objective_sees_0_39_um_per_px():
    assert Optics(4, find_sensor("IMX477").pixel_um).um_per_px == pytest.approx(0.3875)


@given(st.sampled_from([4.0, 10.0, 20.0]), st.sampled_from(sorted(SENSORS)), st.floats(0.35, 2.0), st.integers(1, 4))
def test_tube_relay_and_binning_multiply(objective, sensor, relay, binning):
    pixel = SENSORS[sensor].pixel_um
    found = Optics(objective, pixel, tube_mm=180, objective_tube_mm=200, relay=relay, reduction=binning)
    assert found.um_per_px == pytest.approx(pixel * binning / (objective * 0.9 * relay))


def test_a_frame_of_half_the_size_covers_two_sensor_pixels_with_each():
    assert reduction_of((3040, 4056), (1520, 2028)) == 2


def test_a_frame_of_another_shape_than_its_sensor_is_refused():
    with pytest.raises(BadInput, match="pixels would not be square; give that part with --sensor-crop"):
        reduction_of((3040, 4056), (1080, 1920))


@pytest.mark.parametrize("values", [{"objective": 0}, {"relay": float("nan")}, {"sensor_px_um": 1e9}, {"tube_mm": 180}])
def test_what_cannot_be_optics_is_refused(values):
    with pytest.raises(BadInput, match="expected"):
        Optics(**({"objective": 4, "sensor_px_um": 1.5} | values))


def test_an_unknown_sensor_is_refused_with_those_known():
    with pytest.raises(BadInput, match=r"imx219.*found 'imx999'; give --sensor-px-um instead"):
        find_sensor("imx999")


UM_PER_PX = 0.5


@pytest.fixture(scope="module")
def tissue():
    """A drawn slide's tumour under a camera of 0.5 µm per px."""
    slide = make_slide(0, (700, 900))
    rows, columns = np.nonzero(slide.classes == 3)
    y, x = np.clip(int(np.median(rows)) - 90, 0, 520), np.clip(int(np.median(columns)) - 120, 0, 660)
    part = slide.rgb[y : y + 180, x : x + 240]
    return np.asarray(cv2.resize(part, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC), np.uint8)


def lobule(diameter_px, size=(600, 800)):
    """Packed white cells with pink membranes between them."""
    picture = np.full((*size, 3), (225, 150, 190), np.uint8)
    step_y = 0.866 * diameter_px
    for row in range(int(size[0] / step_y) + 1):
        for column in range(int(size[1] / diameter_px) + 1):
            at = round((column + 0.5 * (row % 2)) * diameter_px), round(row * step_y)
            cv2.circle(picture, at, round(0.46 * diameter_px), (242, 240, 241), -1, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("diameter_px", [21, 40, 85])
def test_fat_cells_are_measured_at_any_sampling(diameter_px):
    assert fat_cells(lobule(diameter_px)).diameter_px == pytest.approx(0.92 * diameter_px, rel=0.2)


def test_a_few_holes_are_no_fat():
    picture = np.full((600, 800, 3), (225, 150, 190), np.uint8)
    for n in range(6):
        cv2.circle(picture, (100 + 110 * n, 300), 20, (242, 240, 241), -1)
    assert fat_cells(picture) is None
    assert fat_cells(np.full((600, 800, 3), 240, np.uint8)) is None


@pytest.mark.parametrize("diameter_px", [12, 16, 30])
def test_nuclei_are_measured_to_half_an_octave(diameter_px):
    rng = np.random.default_rng(0)
    size = 800, 1000
    picture = np.full((*size, 3), (235, 190, 215), np.uint8)
    for y in np.arange(0, size[0], 2 * diameter_px):
        for x in np.arange(0, size[1], 2 * diameter_px):
            at = int(x + rng.uniform(0, diameter_px)), int(y + rng.uniform(0, diameter_px))
            cv2.circle(picture, at, diameter_px // 2, (110, 80, 150), -1, cv2.LINE_AA)
    found = nuclei(picture)
    assert found is not None
    assert 0.8 < found.diameter_px / diameter_px < 1.25


def test_drawn_tissue_agrees_with_its_scale_and_not_with_one_far_off(tissue):
    assert check_tissue([tissue], UM_PER_PX).verdict == "agrees"
    for wrong in (0.1, 0.2, 5, 10):
        found = check_tissue([tissue], wrong * UM_PER_PX)
        assert found.is_off
        assert (found.factor > 1) == (wrong > 1)
        assert "the scale seems" in found.message


def test_glass_tells_nothing_and_pixels_as_large_as_nuclei_nothing_wrong(tissue):
    assert check_tissue([np.full((600, 800, 3), 240, np.uint8)], 0.39).verdict == "cannot_tell"
    coarse = cv2.resize(tissue, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    assert nuclei(coarse) is None
    assert not check_tissue([coarse], 4.0).is_off


def test_focus_is_measured_against_the_tissues_own_shape(tissue):
    paler = np.rint(255 * (tissue / 255.0) ** 0.6).astype(np.uint8)
    centres = spread_centres(*tissue.shape[:2], 12)
    shown = tissue, paler, defocus(tissue, 2, UM_PER_PX)
    sharp, pale, blurred = (float(np.median(sharpness(bands(p, UM_PER_PX, centres)))) for p in shown)
    assert pale == pytest.approx(sharp, rel=0.02)
    assert blurred < 0.85 * sharp


def test_bands_are_the_spread_between_blurs_whatever_is_done_on_fewer_pixels(tissue):
    crop = np.ascontiguousarray(tissue[:96, :96])  # a whole crop at the scale that crops are reduced to
    found = bands(crop, 2.0, np.array([[48, 48]]))[0]
    density = -np.log(np.maximum(crop[..., 1].astype(np.float32), 8))
    levels = [density, *(cv2.GaussianBlur(density, (0, 0), sigma) for sigma in (1, 2, 4, 8))]
    expected = [float((fine - coarse).std()) for fine, coarse in itertools.pairwise(levels)]
    assert found == pytest.approx(expected, rel=0.15)


def test_the_focus_number_does_not_depend_on_the_cameras_sampling(tissue):
    finer = cv2.resize(tissue, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    one, other = (measure_focus([p], um, "").sharpness for p, um in ((tissue, UM_PER_PX), (finer, UM_PER_PX / 2)))
    assert other == pytest.approx(one, rel=0.1)


@pytest.mark.parametrize(("sigma_um", "message"), [(12, "expected a sharp field"), (None, "field full of tissue")])
def test_a_field_that_cannot_be_a_baseline_is_refused(tissue, sigma_um, message):
    picture = np.full_like(tissue, 240) if sigma_um is None else defocus(tissue, sigma_um, UM_PER_PX)
    with pytest.raises(BadInput, match=message):
        measure_focus([picture], UM_PER_PX, "")
