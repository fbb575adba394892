"""The reasons for which a tile, a frame or a file is not judged, and the measure that each of them goes by."""

from __future__ import annotations

NO_TISSUE, PEN_OR_DIRT, OUT_OF_FOCUS = "no_tissue", "pen_or_dirt", "out_of_focus"
"""Glass; ink, dust or another thing that is no tissue; blurred."""
TOO_DARK, SATURATED, FOREIGN_STAIN, MOVING = "too_dark", "saturated", "foreign_stain", "moving"
"""Too little light; so much that colours are clipped; stained as no training slide; smeared by a moving stage."""
NO_DATA = "no_data"
"""A hole in a slide."""

EDGE, UNREADABLE, UNKNOWN_SCALE, BAD_SCALE = "edge", "unreadable", "unknown_scale", "bad_scale"
"""Reasons of pictures that could not be: a patch of a wrong size; a damaged file; no µm per px; one that cannot be."""

GATED = (NO_TISSUE, PEN_OR_DIRT, OUT_OF_FOCUS, TOO_DARK, SATURATED, FOREIGN_STAIN, MOVING)
"""The reasons that a gate gives: a person may choose among them."""

LOOKED_AT = (*GATED, NO_DATA)
"""The reasons that say what a tile shows: an instrument that gives one of these works."""

DENSITY, INK, DIRT, ROUGHNESS, SHARPNESS = "mean_density", "ink_share", "dirt", "roughness", "sharpness"
LIGHT, CLIPPED, DISTANCE, SHIFT, ANISOTROPY = "light", "clipped_share", "stain_distance", "shift_um", "anisotropy"
"""Names of measures, as a record has them."""
