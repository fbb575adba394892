"""Amounts of stain over a slide: collagen, cytoplasm and nuclei of each tissue.

The figures below were set until patches of each tissue measured as `real_tissue` says; no model took part.
"""

from __future__ import annotations

import cv2
import numpy as np

from edge_runtime.procedural.cover import Cover
from edge_runtime.procedural.noise import Flow, fibres, smooth_noise, strips
from edge_runtime.procedural.nuclei import Kind, make_nuclei
from edge_runtime.procedural.real_tissue import SLIDE_SPREAD, STROMA

# Dense collagen holds a little more eosin than the average of stroma, which has clefts and nuclei too.
_COLLAGEN = 1.1 * STROMA.eosin[0]
_SLIDE_SHARE = 0.35  # of the spread between real slides: enough to see, and every seed is a well stained slide


def stain_maps(
    cover: Cover, flow: Flow, tissue_rng: np.random.Generator, nuclei_rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the hematoxylin and the eosin of a slide: float32 (h, w), 1 = unit optical density."""
    thickness = smooth_noise(flow.across.shape, 150.0, tissue_rng, octaves=4)
    nuclei = _nuclei(cover, thickness, flow, nuclei_rng)
    eosin = _eosin(cover, thickness, flow, tissue_rng)
    del thickness
    hematoxylin = smooth_noise(eosin.shape, 110.0, tissue_rng, octaves=2)
    for rows in strips(len(eosin)):
        here, crowd = cover.at(rows), nuclei[rows]
        eosin[rows] *= 1 - 0.6 * np.minimum(crowd, 1)
        tint = _tint(here) * (1 + 0.2 * hematoxylin[rows])
        tint += 0.25 * (1.3 - 0.3 * here.tumour + 0.7 * here.epithelium) * crowd
        hematoxylin[rows] = tint * (1 + 0.28 * _white_noise(crowd.shape, tissue_rng))  # chromatin, and a pixel's rest
    del nuclei
    for rows in strips(len(eosin)):
        section = cover.section[rows] * _pinholes(eosin[rows].shape, tissue_rng)
        hematoxylin[rows] *= section
        eosin[rows] *= section
    strength = np.exp(tissue_rng.normal(0, _SLIDE_SHARE * SLIDE_SPREAD, 2)).astype(np.float32)
    return _focus(hematoxylin, strength[0]), _focus(eosin, strength[1])


def _eosin(cover: Cover, thickness: np.ndarray, flow: Flow, rng: np.random.Generator) -> np.ndarray:
    """Return collagen and cytoplasm; tumour and loose stroma are paler than dense stroma, cells paler still."""
    stain, bundles = fibres(flow, 1.1, 1.5, rng), fibres(flow, 3.6, 2.6, rng)
    for rows in strips(len(stain)):
        here = cover.at(rows)
        eosin = _COLLAGEN * (1 + 0.22 * stain[rows] + 0.18 * bundles[rows] + 0.2 * thickness[rows])
        eosin *= 1 - 0.3 * here.tumour - 0.3 * here.sleeve * (1 - here.tumour)
        eosin *= (1 - 0.2 * np.maximum(here.nests, here.epithelium)) * (1 - 0.1 * here.fat)
        eosin += here.secretion * (0.2 - eosin)
        stain[rows] = eosin + 0.02 * _white_noise(eosin.shape, rng)
    return stain


def _tint(cover: Cover) -> np.ndarray:
    """Return what hematoxylin tints outside nuclei: ground substance and the cytoplasm of crowded cells."""
    tint: np.ndarray = 0.034 + 0.07 * cover.fat + 0.07 * cover.tumour + 0.05 * cover.sleeve
    tint += 0.14 * cover.nests + 0.33 * cover.epithelium - 0.05 * cover.secretion
    return tint


def _pinholes(size: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return the uneven thickness of a section, 1 on average, with a hole as small as a pixel here and there."""
    uneven = _white_noise(size, rng)
    return 1 + 0.1 * uneven - np.clip(1.6 * (uneven - 1.9), 0, 0.8)


def _white_noise(size: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(size, dtype=np.float32)


def _focus(stain: np.ndarray, strength: np.float32) -> np.ndarray:
    stain *= strength
    return cv2.GaussianBlur(stain, (0, 0), 0.33, dst=stain)


def _nuclei(cover: Cover, thickness: np.ndarray, flow: Flow, rng: np.random.Generator) -> np.ndarray:
    return make_nuclei(lambda where: _kind_of_nuclei(cover.at(where), thickness[where]), flow, rng)


def _kind_of_nuclei(cover: Cover, thickness: np.ndarray) -> Kind:
    """Return how likely, how large and how spindly nuclei are at points."""
    cells = np.maximum(cover.nests, cover.epithelium)
    stroma = 0.068 + 0.025 * thickness + 0.18 * cover.fat + 0.08 * cover.tumour + 0.12 * cover.sleeve
    chance = stroma + (0.8 - stroma) * cells + 0.5 * cover.infiltrate * (1 - cells)
    chance *= (cover.section > 0.5) * (1 - cover.secretion)
    largeness = 0.05 + 0.7 * cover.nests + 0.4 * cover.epithelium * (1 - cover.nests)
    spindle = np.clip(0.9 - 0.8 * cells - 0.8 * cover.infiltrate - 0.4 * cover.sleeve, 0, 1)
    return Kind(np.clip(chance, 0, 1), largeness, spindle)
