"""What real tissue measures: the statistics that the drawn tissue follows and its tests hold it to.

Measured once on the training patients of the IDC patches (168 slides, up to 25 patches a class and slide, 4774 patches
of 50x50 px at 4 µm/px), and on nothing else: no other split and no model took part. Carcinoma is every
patch of class 1 that is less than a tenth white; stroma is, slide by slide, the half with the less hematoxylin of such
patches of class 0; fat is every patch of class 0 that is 50 to 90 % white. Each figure is the median over
patches: 1195 of carcinoma, 314 of stroma, 1132 of fat.
"""

from __future__ import annotations

from dataclasses import dataclass

# Stain vectors by Macenko's method, median over slides: optical density per channel (R, G, B) at unit length.
HEMATOXYLIN = (0.520, 0.735, 0.435)
EOSIN = (0.109, 0.827, 0.551)
# Bare glass is at flat_field.GLASS_RGB; this is its standard deviation within 12x12 px, what is left of the noise.
GLASS_NOISE = 0.55


@dataclass(frozen=True)
class Tissue:
    """Statistics of one tissue within a patch; density is optical density over bare glass, base 10."""

    density: tuple[float, float, float]
    """Mean per channel, RGB."""
    density_spread: tuple[float, float, float]
    """Standard deviation within a patch per channel, RGB."""
    hematoxylin: tuple[float, float]
    """Mean, and standard deviation within a patch, of the hematoxylin after unmixing."""
    eosin: tuple[float, float]
    """The same of the eosin."""
    autocorrelation: tuple[float, float, float]
    """Of the density averaged over channels, at 1, 2 and 4 px."""
    nuclei_per_mm2: float
    """Local maxima of the hematoxylin that stand .12 above their surroundings: a lower bound where nuclei touch."""


CARCINOMA = Tissue(
    (0.138, 0.299, 0.176), (0.069, 0.095, 0.053), (0.238, 0.138), (0.140, 0.072), (0.41, 0.18, 0.08), 1550
)
STROMA = Tissue((0.054, 0.256, 0.161), (0.031, 0.074, 0.045), (0.054, 0.059), (0.232, 0.080), (0.50, 0.28, 0.14), 400)
FAT = Tissue((0.030, 0.087, 0.057), (0.043, 0.113, 0.072), (0.044, 0.068), (0.066, 0.089), (0.74, 0.54, 0.36), 400)
# Standard deviation between slides of the logarithm of a stain's mean: hematoxylin .45 and eosin .39 in carcinoma (87
# slides), eosin .37 in stroma (26 slides); the little hematoxylin of stroma spreads more, by what lies in it.
SLIDE_SPREAD = 0.4
