"""Amounts of stain over a slide: collagen, cytoplasm and nuclei of each tissue.

The figures below were set until patches of each tissue measured as `real_tissue` says; no model took part.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge_runtime.procedural.fat import Fat
from edge_runtime.procedural.glands import Glands
from edge_runtime.procedural.layout import Layout
from edge_runtime.procedural.noise import Flow, fibres, smooth_noise
from edge_runtime.procedural.nuclei import make_nuclei
from edge_runtime.procedural.real_tissue import SLIDE_SPREAD, STROMA

# Dense collagen holds a little more eosin than the average of stroma, which has clefts and nuclei too.
_COLLAGEN = 1.1 * STROMA.eosin[0]
_SLIDE_SHARE = 0.35  # of the spread between real slides: enough to see, and every seed is a well stained slide


@dataclass(frozen=True)
class Cover:
    """The share of each pixel that a kind of tissue has: float32 (h, w), 0..1."""

    section: np.ndarray
    """Any tissue at all; the rest is as clear as glass."""
    fat: np.ndarray
    """Fat cells, of which only membranes are left to stain."""
    tumour: np.ndarray
    """The region of the invasive carcinoma, nests and the stroma between."""
    nests: np.ndarray
    """Nests and cords of carcinoma cells within it."""
    infiltrate: np.ndarray
    """Lymphocytes, mostly where the carcinoma meets its surroundings."""
    epithelium: np.ndarray
    """Walls of benign ducts and acini."""
    sleeve: np.ndarray
    """Loose stroma around ducts and between acini."""
    secretion: np.ndarray
    """What fills a lumen."""


def make_cover(layout: Layout, flow: Flow, glands: Glands, fat: Fat, rng: np.random.Generator) -> Cover:
    """Share the slide out among the tissues."""
    size = layout.edge.shape
    tumour = np.clip(layout.tumour * 12 + 0.5, 0, 1)
    tumour[fat.cells] = 0
    nests = np.clip(2.8 * (_nest_field(flow, rng) - _nest_level(layout, rng)) + 0.5, 0, 1) * tumour
    border = np.exp(-np.square(layout.tumour / 0.3))
    infiltrate = np.clip(1.2 * smooth_noise(size, 45.0, rng, octaves=3) - 1.9 + 0.9 * border, 0, 1)
    epithelium, sleeve, secretion = (_share(part) for part in (glands.epithelium, glands.sleeve, glands.secretion))
    torn = np.clip((1 - layout.edge) * 250, 0, 1)
    clear = np.maximum(fat.holes, np.maximum(_share(glands.lumen), _clefts(flow, sleeve, nests, rng)))
    return Cover(
        torn * (1 - clear), fat.cells.astype(np.float32), tumour, nests, infiltrate, epithelium, sleeve, secretion
    )


def _share(part: np.ndarray) -> np.ndarray:
    return part.astype(np.float32) / np.float32(255)


def _nest_field(flow: Flow, rng: np.random.Generator) -> np.ndarray:
    cords, islands = fibres(flow, 3.6, 2.6, rng), fibres(flow, 10.0, 1.8, rng)
    return 0.8 * cords + 0.45 * islands + 0.3 * smooth_noise(cords.shape, 22.0, rng, octaves=2)


def _nest_level(layout: Layout, rng: np.random.Generator) -> np.ndarray:
    """Return the level above which cells lie: solid in the heart of the tumour, thin cords towards its edge."""
    heart: np.ndarray = np.clip(layout.tumour, 0, 1)
    return 0.4 - 0.7 * heart + 0.3 * smooth_noise(heart.shape, 110.0, rng, octaves=2)


def _clefts(flow: Flow, sleeve: np.ndarray, nests: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the slits between bundles of collagen, where a section shrinks: few, in patches."""
    loose = smooth_noise(sleeve.shape, 90.0, rng, octaves=2)
    slits = fibres(flow, 1.7, 7.0, rng) + 0.55 * loose
    clefts: np.ndarray = np.clip(2.2 * (slits - 2.35 - nests - sleeve), 0, 1)
    return clefts


def stain_maps(
    cover: Cover, flow: Flow, tissue_rng: np.random.Generator, nuclei_rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the hematoxylin and the eosin of a slide: float32 (h, w), 1 = unit optical density."""
    size = cover.section.shape
    thickness = smooth_noise(size, 150.0, tissue_rng, octaves=4)
    nuclei = make_nuclei(*_nuclei_maps(cover, thickness), flow, nuclei_rng)
    eosin = _eosin(cover, thickness, flow, tissue_rng) * (1 - 0.6 * np.minimum(nuclei, 1))
    hematoxylin = _hematoxylin(cover, tissue_rng) + 0.25 * (1.3 - 0.3 * cover.tumour + 0.7 * cover.epithelium) * nuclei
    hematoxylin *= 1 + 0.28 * _white_noise(size, tissue_rng)  # chromatin, and what else a pixel averages over
    section = cover.section * _pinholes(size, tissue_rng)
    strength = np.exp(tissue_rng.normal(0, _SLIDE_SHARE * SLIDE_SPREAD, 2)).astype(np.float32)
    return _focus(hematoxylin * section * strength[0]), _focus(eosin * section * strength[1])


def _eosin(cover: Cover, thickness: np.ndarray, flow: Flow, rng: np.random.Generator) -> np.ndarray:
    """Return collagen and cytoplasm; tumour and loose stroma are paler than dense stroma, cells paler still."""
    grain, bundles = fibres(flow, 1.1, 1.5, rng), fibres(flow, 3.6, 2.6, rng)
    eosin = _COLLAGEN * (1 + 0.22 * grain + 0.18 * bundles + 0.2 * thickness)
    eosin *= 1 - 0.3 * cover.tumour - 0.3 * cover.sleeve * (1 - cover.tumour)
    eosin *= (1 - 0.2 * np.maximum(cover.nests, cover.epithelium)) * (1 - 0.1 * cover.fat)
    eosin += cover.secretion * (0.2 - eosin)
    return eosin + 0.02 * _white_noise(eosin.shape, rng)


def _hematoxylin(cover: Cover, rng: np.random.Generator) -> np.ndarray:
    """Return what hematoxylin tints outside nuclei: ground substance and the cytoplasm of crowded cells."""
    tint = 0.034 + 0.07 * cover.fat + 0.07 * cover.tumour + 0.05 * cover.sleeve
    tint += 0.14 * cover.nests + 0.33 * cover.epithelium - 0.05 * cover.secretion
    return tint * (1 + 0.2 * smooth_noise(tint.shape, 110.0, rng, octaves=2))


def _pinholes(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return the uneven thickness of a section, 1 on average, with a hole as small as a pixel here and there."""
    uneven = _white_noise(size, rng)
    return 1 + 0.1 * uneven - np.clip(1.6 * (uneven - 1.9), 0, 0.8)


def _white_noise(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal(size, dtype=np.float32)


def _focus(stain: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(stain.astype(np.float32), (0, 0), 0.33)


def _nuclei_maps(cover: Cover, thickness: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how likely, how large and how spindly nuclei are: float32 (h, w), 0..1."""
    cells = np.maximum(cover.nests, cover.epithelium)
    stroma = 0.068 + 0.025 * thickness + 0.18 * cover.fat + 0.08 * cover.tumour + 0.12 * cover.sleeve
    chance = stroma + (0.8 - stroma) * cells + 0.5 * cover.infiltrate * (1 - cells)
    chance *= (cover.section > 0.5) * (1 - cover.secretion)
    largeness = 0.05 + 0.7 * cover.nests + 0.4 * cover.epithelium * (1 - cover.nests)
    spindle = np.clip(0.9 - 0.8 * cells - 0.8 * cover.infiltrate - 0.4 * cover.sleeve, 0, 1)
    return np.clip(chance, 0, 1).astype(np.float32), largeness, spindle
