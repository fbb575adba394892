"""Made-up tiles for the gates, and gates with the constants that models are packed with."""

from __future__ import annotations

import numpy as np

from edge_runtime.contract import (
    DarkGate,
    FocusGate,
    MotionGate,
    PenGate,
    SaturationGate,
    StainGate,
    StainSide,
    TissueGate,
)
from edge_runtime.gates import Gates, look

PEN = PenGate(green_ratio=1.2, min_excess=0.35, red_excess=1.4, max_ink_share=0.3, min_roughness=0.045)
TISSUE = TissueGate(max_mean_density=0.13, max_stained_share=0.03, stained_density=0.25)
FOCUS = FocusGate(near_um=4.0, far_um=16.0, min_sharpness=0.25, of_baseline=0.45, min_contrast=0.8, max_um_per_px=2.0)
DARK = DarkGate(white_level=242.0, min_light=0.56)
SATURATION = SaturationGate(clipped_level=253.0, stained_level=240.0, max_share=0.2)
STAIN = StainGate(
    min_density=0.15,
    glass_density=(0.052, 0.061, 0.056),
    sides=(
        StainSide(red=0.0, blue=-16.5, added=5.0, tile=1.2),
        StainSide(red=24.7, blue=36.8, added=-15.9, tile=4.2),
        StainSide(red=6.8, blue=0.0, added=-1.3, tile=1.1),
    ),
    max_view=1.0,
    max_tile=1.0,
    min_tiles=4,
    min_textured=0.5,
    min_roughness=0.06,
)
MOTION = MotionGate(
    max_shift_um=8.0,
    min_match=0.5,
    max_gap_s=0.5,
    default_interval_s=1 / 30,
    max_anisotropy=1.7,
    sharp=0.4,
    even=1.3,
)
ALL = Gates(TISSUE, PEN, FOCUS, DARK, SATURATION, STAIN, MOTION)
BOTH = Gates(tissue=TISSUE, pen=PEN)
HEMATOXYLIN, EOSIN = np.array([0.52, 0.735, 0.435]), np.array([0.109, 0.827, 0.551])
INKS = {"blue": (1.8, 1.0, 0.2), "green": (1.9, 0.5, 0.6), "black": (1.0, 1.0, 1.0), "brown": (0.35, 0.9, 1.75)}
RED = (0.2, 1.55, 1.25)
GLASS_RGB = (242, 240, 241)


def stained(count=4, seed=0):
    """Tissue: haematoxylin and eosin in amounts that vary from pixel to pixel; uint8 (count, 50, 50, 3)."""
    rng = np.random.default_rng(seed)
    amounts = rng.uniform(0, 0.8, (2, count, 50, 50, 1))
    return picture_of(amounts[0] * HEMATOXYLIN + amounts[1] * EOSIN)


def picture_of(density):
    return np.rint(np.array(GLASS_RGB) * np.exp(-density)).astype(np.uint8)


def inked(tiles, ink, density, columns=50):
    """Tiles under a film of ink over their first columns."""
    film = np.zeros((50, 50, 1))
    film[:, :columns] = density
    return np.rint(tiles * np.exp(-film * np.array(ink))).astype(np.uint8)


def glass(count=1):
    return np.full((count, 50, 50, 3), GLASS_RGB, np.uint8)


def reasons(tiles, gates, **more):
    return look(tiles, gates, **more).reasons.tolist()


def turned(tiles, degrees):
    import cv2

    hsv = cv2.cvtColor(tiles.reshape(-1, 50, 3), cv2.COLOR_RGB2HSV_FULL)
    hsv[..., 0] += np.uint8(round(degrees * 256 / 360) % 256)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL).reshape(tiles.shape)
