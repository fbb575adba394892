import numpy as np
import pytest

from edge_runtime.errors import BadInput
from edge_runtime.normalization import StainEvidence
from train.normalize import SLIDE_PRIOR_TILES, learn_normalization, normalized
from train.tiles import TileSet


def slides(**densities: tuple[float, float, float]) -> TileSet:
    """30 tiles a slide, tiles of the slides in turn."""
    draw = np.random.default_rng(0)
    tiles, patients = [], []
    for _ in range(30):
        for patient, density in densities.items():
            amounts = draw.uniform(0.5, 1.5, (50, 50, 1))
            tiles.append(np.rint(255 * np.exp(-amounts * np.asarray(density))).astype(np.uint8))
            patients.append(patient)
    labels = np.arange(len(tiles), dtype=np.uint8) % 2
    return TileSet(np.stack(tiles), labels, np.array(patients), tuple("" for _ in tiles))


def test_every_slide_has_one_say_in_the_reference() -> None:
    few = slides(a=(0.2, 0.6, 0.4), b=(0.4, 0.8, 0.4))
    found = learn_normalization(few, 0.5)
    assert found is not None and found.strength == 0.5
    assert found.reference == pytest.approx((0.3, 0.7, 0.4), rel=0.03)


def test_slides_come_closer_by_the_share_that_their_tissue_is_worth() -> None:
    data = slides(a=(0.2, 0.6, 0.4), b=(0.4, 0.6, 0.3))
    out = normalized(data, learn_normalization(data, 1.0))

    def balance(tiles: np.ndarray, patient: str) -> float:
        evidence = StainEvidence(0.15)
        evidence.add(tiles[data.patients == patient])
        red, green, _ = evidence.mean_density()
        return float(np.log(red / green))

    before = balance(data.tiles, "b") - balance(data.tiles, "a")
    after = balance(out.tiles, "b") - balance(out.tiles, "a")
    assert after / before == pytest.approx(1 - 30 / (30 + SLIDE_PRIOR_TILES), abs=0.03)
    assert np.array_equal(out.labels, data.labels) and np.array_equal(out.patients, data.patients)


def test_no_strength_is_no_normalization() -> None:
    data = slides(a=(0.2, 0.6, 0.4))
    assert learn_normalization(data, 0.0) is None
    assert normalized(data, None) is data


def test_glass_alone_gives_no_reference() -> None:
    with pytest.raises(BadInput, match="stained tissue"):
        learn_normalization(slides(a=(0.01, 0.01, 0.01)), 1.0)
