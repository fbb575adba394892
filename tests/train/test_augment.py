import importlib.util
from dataclasses import replace

import cv2
import numpy as np
import pytest

from train.recipe import Augmentation

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

OFF = Augmentation(dihedral=False, stain_scale=0.0, stain_shift=0.0, brightness=0.0)
KINDS = {
    "dihedral": {"dihedral": True},
    "stain": {"stain_scale": 0.3, "stain_shift": 0.1},
    "brightness": {"brightness": 0.3},
    "zoom": {"zoom": 0.2},
    "shift": {"shift": 5.0},
    "rotation": {"rotation": 180.0},
    "blur": {"blur": 1.5},
    "jpeg": {"jpeg": 20},
    "white_balance": {"white_balance": 0.2},
}


def tiles(count=8, seed=0):
    """Random tiles without edges sharper than tissue has."""
    noise = np.random.default_rng(seed).integers(0, 256, (count, 50, 50, 3), np.uint8)
    return np.stack(
        [cv2.normalize(cv2.GaussianBlur(tile, (0, 0), 2), None, 20, 235, cv2.NORM_MINMAX) for tile in noise]
    )


def varied(source, seed=(1, 2), how=None, **changes):
    from train.augment import vary
    from train.keras import tf

    return np.asarray(vary(tf.constant(source), how or replace(OFF, **changes), tf.constant(seed)))


def column(value, count=8):
    from train.keras import tf

    return tf.fill((count, 1), np.float32(value))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_varies_a_batch_alike_and_another_seed_otherwise(kind):
    first, again, other = (varied(tiles(), seed, **KINDS[kind]) for seed in ((1, 2), (1, 2), (1, 3)))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert not np.allclose(first, tiles() / 255, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_every_variation_keeps_pixels_between_black_and_white(kind):
    extremes = np.where(np.random.default_rng(0).random((8, 50, 50, 3)) < 0.5, 0, 255).astype(np.uint8)
    pixels = varied(extremes, **KINDS[kind])
    assert pixels.dtype == np.float32 and pixels.shape == extremes.shape
    assert pixels.min() >= 0 and pixels.max() <= 1


def test_no_variation_is_the_pixels_themselves():
    assert np.allclose(varied(tiles(), how=OFF), tiles() / 255, atol=1e-6)


def test_some_rows_of_a_batch_are_varied_as_in_the_whole_batch():
    from train.augment import Rows, vary
    from train.keras import tf

    how = replace(OFF, **{name: value for part in KINDS.values() for name, value in part.items()})
    whole = varied(tiles(), how=how)
    halves = [vary(tf.constant(tiles()[4 * n : 4 * n + 4]), how, tf.constant([1, 2]), Rows(n, 2)) for n in range(2)]
    # compression rounds, so that the last bit of a float may move a cosine by one step
    assert np.mean(np.abs(np.concatenate(halves) - whole) > 1e-5) < 1e-3


def test_turning_and_mirroring_moves_pixels_and_changes_none():
    source = tiles(32)
    turned = varied(source, (0, 0), dihedral=True)
    orientations = {
        next(n for n in range(8) if np.allclose(np.rot90(one[::-1] if n // 4 else one, n % 4), pixels, atol=1e-6))
        for one, pixels in zip(source / 255, turned, strict=True)
    }
    assert len(orientations) == 8


def test_a_warp_of_no_strength_is_the_tile_itself():
    from train.augment.geometry import warp
    from train.keras import tf

    same = warp(tf.constant(tiles()), column(0), tf.zeros((8, 2)), column(0))
    assert np.allclose(same, tiles() / 255, atol=1e-6)


@pytest.mark.parametrize(("zoom", "degrees"), [(0.1, 30.0), (-0.1, -75.0), (0.0, 180.0)])
def test_a_warp_enlarges_and_turns_about_the_middle_as_opencv_does(zoom, degrees):
    from train.augment.geometry import warp
    from train.keras import tf

    found = np.asarray(warp(tf.constant(tiles()), column(zoom), tf.zeros((8, 2)), column(degrees))) * 255
    scale = 1 + zoom if zoom >= 0 else 1 / (1 - zoom)
    matrix = cv2.getRotationMatrix2D((24.5, 24.5), degrees, scale)
    expected = [
        cv2.warpAffine(one.astype(np.float32), matrix, (50, 50), borderMode=cv2.BORDER_REFLECT) for one in tiles()
    ]
    assert np.allclose(found, expected, atol=2)  # OpenCV knows places to 1/32 px


def test_a_shifted_tile_is_moved_down_and_across_and_mirrored_at_its_edge():
    from train.augment.geometry import warp
    from train.keras import tf

    source = tiles(1)
    moved = np.asarray(warp(tf.constant(source), column(0, 1), tf.constant([[2.0, 3.0]]), column(0, 1)))[0] * 255
    assert np.allclose(moved[2:, 3:], source[0, :-2, :-3], atol=1e-3)
    assert np.allclose(moved[:2, 3:], source[0, 1::-1, :-3], atol=1e-3)


def test_a_stronger_stain_is_denser_in_both_directions_of_its_own_colour():
    from train.augment.colour import vary_stain
    from train.hed import HED_TO_OD
    from train.keras import tf

    density = np.tile(HED_TO_OD[0] * 0.8, (2, 4, 4, 1)).astype(np.float32)  # pure haematoxylin
    scale = tf.constant([[0.2, 0, 0], [-0.2, 0, 0]])
    ratio = -np.log(np.asarray(vary_stain(tf.exp(-density), scale, tf.zeros((2, 3))))) / density
    assert np.allclose(ratio[0], 1.2, atol=1e-3) and np.allclose(ratio[1], 0.8, atol=1e-3)


@pytest.mark.parametrize("sigma", [0.5, 1.5])
def test_a_blur_is_the_gaussian_of_opencv(sigma):
    from train.augment.camera import blur
    from train.keras import tf

    source = tiles() / np.float32(255)
    expected = [cv2.GaussianBlur(one, (25, 25), sigma, borderType=cv2.BORDER_REFLECT) for one in source]
    assert np.allclose(blur(tf.constant(source), column(sigma)), expected, atol=1e-4)
    assert np.allclose(blur(tf.constant(source), column(0)), source, atol=1e-6)


@pytest.mark.parametrize("quality", [20, 50, 80])
def test_compression_loses_what_a_jpeg_file_loses(quality):
    from train.augment.camera import compress
    from train.keras import tf

    source = tiles()
    found = np.asarray(compress(tf.constant(source / np.float32(255)), column(quality))) * 255
    files = [cv2.imencode(".jpg", one[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for one in source]
    expected = np.stack([cv2.imdecode(file, cv2.IMREAD_COLOR)[..., ::-1] for file in files]).astype(float)
    lost, lost_by_file = np.abs(found - source).mean(), np.abs(expected - source).mean()
    assert lost == pytest.approx(lost_by_file, rel=0.25)
    assert np.abs(found - expected).mean() < lost


def test_white_balance_and_lamp_multiply_each_colour():
    from train.augment.colour import shine
    from train.keras import tf

    lit = np.asarray(shine(tf.fill((1, 2, 2, 3), 0.5), tf.constant([[0.1]]), tf.constant([[0.2, 0.0, -0.2]])))
    assert np.allclose(lit[0, 0, 0], [0.66, 0.55, 0.44])


def test_mixup_has_the_loss_of_both_tiles():
    from train.augment import mix
    from train.keras import tf

    draw = np.random.default_rng(0)
    pixels = draw.random((64, 4, 4, 3)).astype(np.float32)
    targets, weights = draw.random((64, 1)).astype(np.float32), (draw.random(64) + 0.5).astype(np.float32)
    mixed, wanted, weight = (np.asarray(part) for part in mix(pixels, targets, weights, 0.5, tf.constant([3, 4])))
    changed = np.abs(mixed - pixels).max((1, 2, 3)) > 1e-6
    assert 16 <= changed.sum() <= 48
    assert np.array_equal(wanted[~changed], targets[~changed]) and np.array_equal(weight[~changed], weights[~changed])
    other = np.arange(64) ^ 1
    own = ((mixed - pixels[other])[:, 0, 0, 0] / (pixels - pixels[other])[:, 0, 0, 0])[changed]
    assert np.all((own > -1e-3) & (own < 1 + 1e-3))

    def loss(target, share):
        logit = 0.7  # what a network says of the mixed pixels; the loss is linear in the target
        return share * (np.log1p(np.exp(logit)) - target * logit)

    both = own * loss(targets[changed, 0], weights[changed]) + (1 - own) * loss(
        targets[other][changed, 0], weights[other][changed]
    )
    assert np.allclose(loss(wanted[changed, 0], weight[changed]), both, rtol=1e-3)


def test_mixup_of_no_share_changes_nothing():
    from train.augment import mix
    from train.keras import tf

    pixels, targets, weights = np.ones((4, 2, 2, 3), np.float32), np.ones((4, 1), np.float32), np.ones(4, np.float32)
    mixed, wanted, weight = mix(
        pixels * np.arange(4, dtype=np.float32)[:, None, None, None], targets, weights, 0.0, tf.constant([0, 0])
    )
    assert np.array_equal(np.asarray(mixed)[:, 0, 0, 0], np.arange(4)) and np.all(wanted == 1) and np.all(weight == 1)
