"""Stain as light sees it: amounts of hematoxylin and eosin to the colours of a scanner (Beer-Lambert)."""

from __future__ import annotations

import cv2
import numpy as np

from edge_runtime.procedural.real_tissue import EOSIN, GLASS_NOISE, GLASS_RGB, HEMATOXYLIN


def optical_density(rgb: np.ndarray) -> np.ndarray:
    """Return the optical density over bare glass, float32 (..., 3), of RGB uint8 (..., 3)."""
    density: np.ndarray = -np.log10(np.maximum(rgb, 1).astype(np.float32) / np.asarray(GLASS_RGB, np.float32))
    return density


def to_rgb(hematoxylin: np.ndarray, eosin: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the picture, uint8 (h, w, 3) RGB, of two maps of stain, float32 (h, w), 1 = unit optical density."""
    rgb = np.empty((*hematoxylin.shape, 3), np.uint8)
    for channel, glass in enumerate(GLASS_RGB):
        density = hematoxylin * np.float32(HEMATOXYLIN[channel]) + eosin * np.float32(EOSIN[channel])
        light = cv2.exp(density * np.float32(-np.log(10))) * np.float32(glass)
        light += rng.standard_normal(light.shape, dtype=np.float32) * np.float32(GLASS_NOISE)
        rgb[..., channel] = cv2.convertScaleAbs(light)
    return rgb
