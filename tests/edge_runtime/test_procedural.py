"""The procedural slide: deterministic, complete, true to its mask, and coloured like real tissue."""

from __future__ import annotations

import tracemalloc

import cv2
import numpy as np
import pytest

from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.procedural import TISSUES, UM_PER_PX, ProceduralSlide, make_slide
from edge_runtime.procedural.noise import strips
from edge_runtime.procedural.real_tissue import CARCINOMA, EOSIN, FAT, HEMATOXYLIN, STROMA, Tissue

GLASS_CLASS, FAT_CLASS, STROMA_CLASS, DUCT_CLASS, CARCINOMA_CLASS = range(5)
TILE_PX = 50


@pytest.fixture(scope="module")
def slides() -> tuple[ProceduralSlide, ...]:
    return tuple(make_slide(seed, (600, 800)) for seed in range(3))


def tiles_of(slides: tuple[ProceduralSlide, ...], tissue: int, purity: float) -> np.ndarray:
    """Return the tiles, uint8 (n, 50, 50, 3), of which at least `purity` (0..1) is of this tissue."""
    found = []
    for slide in slides:
        rows, columns = slide.classes.shape[0] // TILE_PX, slide.classes.shape[1] // TILE_PX
        grid = (rows, TILE_PX, columns, TILE_PX)
        share = (slide.classes.reshape(grid) == tissue).mean(axis=(1, 3))
        found.append(slide.rgb.reshape(*grid, 3).swapaxes(1, 2)[share >= purity])
    return np.concatenate(found)


def optical_density(rgb: np.ndarray) -> np.ndarray:
    """Return the optical density over bare glass, base 10, float32 (..., 3), of RGB uint8 (..., 3)."""
    return -np.log10(np.maximum(rgb, 1).astype(np.float32) / np.asarray(GLASS_RGB, np.float32))


def neighbour_correlation(density: np.ndarray, distance_px: int) -> float:
    """Return the median over tiles, float32 (n, h, w), of the autocorrelation at a horizontal and vertical distance."""
    centred = density - density.mean(axis=(1, 2), keepdims=True)
    across = (centred[:, :, distance_px:] * centred[:, :, :-distance_px]).mean(axis=(1, 2))
    down = (centred[:, distance_px:] * centred[:, :-distance_px]).mean(axis=(1, 2))
    return float(np.median((across + down) / 2 / np.square(centred).mean(axis=(1, 2))))


def count_nuclei(tile: np.ndarray) -> int:
    """Return how many local maxima of hematoxylin stand .12 above their surroundings in a tile, uint8 (h, w, 3)."""
    hematoxylin = (optical_density(tile) @ np.linalg.pinv([HEMATOXYLIN, EOSIN])[:, 0]).astype(np.float32)
    fine, coarse = cv2.GaussianBlur(hematoxylin, (0, 0), 0.6), cv2.GaussianBlur(hematoxylin, (0, 0), 4)
    is_highest = cv2.dilate(fine, np.ones((3, 3), np.uint8)) == fine
    return int((is_highest & (fine - coarse > 0.12)).sum())


def test_the_same_seed_gives_the_same_slide() -> None:
    first, second = make_slide(5, (200, 300)), make_slide(5, (200, 300))
    np.testing.assert_array_equal(first.rgb, second.rgb)
    np.testing.assert_array_equal(first.classes, second.classes)


def test_another_seed_gives_another_slide() -> None:
    first, second = make_slide(5, (200, 300)), make_slide(6, (200, 300))
    assert (first.classes != second.classes).mean() > 0.1
    assert (first.rgb != second.rgb).mean() > 0.5


@pytest.mark.parametrize("size", [(200, 300), (313, 207), (100, 100), (100, 431)])
def test_a_small_slide_still_works(size: tuple[int, int]) -> None:
    slide = make_slide(2, size)
    assert slide.rgb.shape == (*size, 3)
    assert slide.classes.shape == size
    assert slide.rgb.dtype == slide.classes.dtype == np.uint8
    assert slide.seed == 2


@pytest.mark.parametrize("seed", range(5))
def test_every_tissue_is_present_even_on_a_small_slide(seed: int) -> None:
    classes = make_slide(seed, (200, 300)).classes
    assert set(np.unique(classes)) == set(range(len(TISSUES)))


def test_every_tissue_has_its_share_of_a_slide(slides: tuple[ProceduralSlide, ...]) -> None:
    shares = np.mean([np.bincount(slide.classes.ravel(), minlength=5) / slide.classes.size for slide in slides], axis=0)
    lowest, highest = [0.1, 0.08, 0.2, 0.01, 0.12], [0.4, 0.35, 0.6, 0.15, 0.35]
    assert (shares > lowest).all(), shares
    assert (shares < highest).all(), shares


def test_carcinoma_is_contiguous_enough_to_fill_tiles(slides: tuple[ProceduralSlide, ...]) -> None:
    for slide in slides:
        assert len(tiles_of((slide,), CARCINOMA_CLASS, 0.9)) >= 8


def test_glass_is_flat_and_as_bright_as_the_scanners(slides: tuple[ProceduralSlide, ...]) -> None:
    glass = tiles_of(slides, GLASS_CLASS, 1.0)
    assert np.abs(glass.mean(axis=(0, 1, 2)) - GLASS_RGB).max() < 1.5
    assert np.median(glass.std(axis=(1, 2))) < 1.5


@pytest.mark.parametrize(
    ("tissue", "purity", "real"),
    [(CARCINOMA_CLASS, 0.9, CARCINOMA), (STROMA_CLASS, 0.9, STROMA), (FAT_CLASS, 0.8, FAT)],
    ids=["carcinoma", "stroma", "fat"],
)
def test_colours_follow_the_optical_density_of_real_tissue(
    slides: tuple[ProceduralSlide, ...], tissue: int, purity: float, real: Tissue
) -> None:
    density = optical_density(tiles_of(slides, tissue, purity))
    # Real slides differ among themselves by a factor of about 1.5; three drawn ones stay well within it.
    np.testing.assert_allclose(np.median(density.mean(axis=(1, 2)), axis=0), real.density, rtol=0.25)
    np.testing.assert_allclose(np.median(density.std(axis=(1, 2)), axis=0), real.density_spread, rtol=0.35)


@pytest.mark.parametrize(
    ("tissue", "purity", "real"),
    [(CARCINOMA_CLASS, 0.9, CARCINOMA), (STROMA_CLASS, 0.9, STROMA), (FAT_CLASS, 0.8, FAT)],
    ids=["carcinoma", "stroma", "fat"],
)
def test_textures_are_as_fine_as_those_of_real_tissue(
    slides: tuple[ProceduralSlide, ...], tissue: int, purity: float, real: Tissue
) -> None:
    density = optical_density(tiles_of(slides, tissue, purity)).mean(axis=-1)
    drawn = [neighbour_correlation(density, distance_px) for distance_px in (1, 2, 4)]
    np.testing.assert_allclose(drawn, real.autocorrelation, atol=0.16)


@pytest.mark.parametrize(("tissue", "real"), [(CARCINOMA_CLASS, CARCINOMA), (STROMA_CLASS, STROMA)])
def test_nuclei_are_as_many_as_in_real_tissue(slides: tuple[ProceduralSlide, ...], tissue: int, real: Tissue) -> None:
    tiles = tiles_of(slides, tissue, 0.9)
    tile_mm2 = (TILE_PX * UM_PER_PX / 1000) ** 2
    counts = [count_nuclei(tile) / tile_mm2 for tile in tiles]
    # One in ten real patches of stroma holds 50 a mm2, one in ten 1,300: the median is held to a factor of 1.7.
    assert real.nuclei_per_mm2 / 1.7 < np.median(counts) < 1.7 * real.nuclei_per_mm2


def test_carcinoma_holds_more_hematoxylin_than_stroma(slides: tuple[ProceduralSlide, ...]) -> None:
    red = [optical_density(tiles_of(slides, tissue, 0.9))[..., 0].mean() for tissue in (CARCINOMA_CLASS, STROMA_CLASS)]
    assert red[0] > 1.8 * red[1]


@pytest.mark.parametrize("size", [(99, 300), (300, 0), (-200, 300), (300,), (200, 300, 3)])
def test_an_impossible_size_is_refused_with_what_was_expected(size: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected a size \(height, width\) of at least 100 px each, found"):
        make_slide(0, size)  # type: ignore[arg-type]


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a seed of 0 or more, found -1"):
        make_slide(-1, (200, 300))


def test_a_slide_is_drawn_in_less_than_60_bytes_a_pixel() -> None:
    size = 900, 1200
    textures = 12_000_000  # of the fibres, however large the slide
    tracemalloc.start()
    try:
        make_slide(0, size)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < textures + 60 * size[0] * size[1]


def test_rows_are_worked_on_some_at_a_time_and_none_twice() -> None:
    for height, rows in ((130, 64), (64, 64), (5, 64), (100, 1)):
        assert [row for part in strips(height, rows) for row in range(height)[part]] == list(range(height))
