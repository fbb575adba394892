"""A drawn H&E slide that needs no data: it proves the plumbing, not the accuracy."""

from __future__ import annotations

from edge_runtime.procedural.slide import TISSUES, UM_PER_PX, ProceduralSlide, make_slide

__all__ = ["TISSUES", "UM_PER_PX", "ProceduralSlide", "make_slide"]
