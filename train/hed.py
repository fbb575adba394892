"""The colours of haematoxylin, eosin and what is left, by which stain is taken apart and varied."""

import numpy as np

HED_TO_OD = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]], np.float32)
"""Optical density of haematoxylin, eosin and residue in R, G, B (Ruifrok & Johnston 2001)."""
