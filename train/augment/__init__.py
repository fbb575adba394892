"""Vary a batch of tiles as slides and cameras do: orientation, stain, focus, lamp, compression. Vectorized, seeded."""

from __future__ import annotations

from typing import Any

from ..keras import tf
from ..recipe_parts import Augmentation
from .camera import blur, compress
from .colour import colour
from .draws import ALL, Rows, draw
from .geometry import orient, warp
from .mixing import mix

__all__ = ["Rows", "mix", "vary"]


def vary(tiles: Any, how: Augmentation, seed: Any, rows: Rows = ALL) -> Any:
    """Return uint8 tiles (n, 50, 50, 3), RGB, as float32 pixels in 0..1, varied by `seed` (int32, shape (2,)).

    The order is that of nature: how the tissue lies, how it is stained, how the camera sees it. Where the tiles are but
    some `rows` of a batch, each is varied as it would be in the whole one.
    """
    drawn = draw(seed, tf.shape(tiles)[0], rows)
    pixels = orient(tiles, drawn["orientation"]) if how.dihedral else tiles
    if how.zoom or how.shift or how.rotation:
        pixels = warp(pixels, drawn["zoom"] * how.zoom, drawn["shift"] * how.shift, drawn["rotation"] * how.rotation)
    stain = light = None
    if how.stain_scale or how.stain_shift:
        stain = (drawn["stain_scale"] * how.stain_scale, drawn["stain_shift"] * how.stain_shift)
    if how.brightness or how.white_balance:
        light = (drawn["brightness"] * how.brightness, drawn["white_balance"] * how.white_balance)
    pixels = colour(pixels, stain, light, clip=not how.blur)  # a blur and the light's gains may change places
    if how.blur:
        pixels = tf.clip_by_value(blur(pixels, (drawn["blur"] + 1) / 2 * how.blur), 0.0, 1.0)
    if how.jpeg:
        pixels = compress(pixels, 100 - (drawn["jpeg"] + 1) / 2 * (100 - how.jpeg))
    return pixels
