"""Stain as light sees it: amounts of hematoxylin and eosin to the colours of a scanner (Beer-Lambert)."""

from __future__ import annotations

import cv2
import numpy as np

from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.procedural.noise import strips
from edge_runtime.procedural.real_tissue import EOSIN, GLASS_NOISE, HEMATOXYLIN


def to_rgb(hematoxylin: np.ndarray, eosin: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the picture, uint8 (h, w, 3) RGB, of two maps of stain, float32 (h, w), 1 = unit optical density."""
    rgb = np.empty((*hematoxylin.shape, 3), np.uint8)
    for channel, glass in enumerate(GLASS_RGB):
        for rows in strips(len(rgb)):
            density = hematoxylin[rows] * np.float32(HEMATOXYLIN[channel]) + eosin[rows] * np.float32(EOSIN[channel])
            light = cv2.exp(density * np.float32(-np.log(10))) * np.float32(glass)
            light += rng.standard_normal(light.shape, dtype=np.float32) * np.float32(GLASS_NOISE)
            rgb[rows, :, channel] = cv2.convertScaleAbs(light)
    return rgb
