"""Whether a view is a blank field: lit well enough, and without anything in it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .dirt import DirtMap

MOST_CLIPPED = 0.005
"""Share of pixels that may be white in a channel: nothing can be said of a clipped one."""
LEAST_LEVEL, LOW_LEVEL, HIGH_LEVEL = 80.0, 150.0, 248.0
"""Grey levels of the brightest channel: refused below the first, warned of below the second or above the third."""
LEAST_EVEN = 0.3
"""The dimmest place has this share of the brightest, at least: noise would be enlarged elsewhere."""
LEAST_GREEN = 0.82
"""Green over the mean of red and blue: less is pink, as stained tissue is."""
MOST_TEXTURE = 0.02
"""Standard deviation about the smooth light, but for specks: glass has less than tissue."""
MOST_COVERED = 0.03
"""Share that may be darker than the smooth light: more is no dirt."""


def check_light(clipped: float, cells: NDArray[np.float32]) -> None:
    """Raise BadInput where a share of clipped pixels, or the light in cells, float32 (24, 32, 3), RGB, is of no use."""
    level = float(cells.max())
    if clipped > MOST_CLIPPED:
        raise BadInput(
            f"expected a blank field that is not clipped, found {clipped:.1%} of it white (254 or more); shorten the "
            "exposure or dim the lamp until it reads about 230"
        )
    if level < LEAST_LEVEL:
        raise BadInput(
            f"expected a blank field of a level of at least {LEAST_LEVEL:g} of 255, found {level:.0f}; switch the "
            "lamp on, open the condenser, or lengthen the exposure"
        )
    even = float(cells.mean(2).min() / cells.mean(2).max())
    if even < LEAST_EVEN:
        raise BadInput(
            f"expected light of which the dimmest place has at least {LEAST_EVEN:.0%} of the brightest, found "
            f"{even:.0%}; centre the lamp and the condenser, and check that nothing covers the view"
        )


def check_is_blank(blank: NDArray[np.float32], light: NDArray[np.float32], dirt: NDArray[np.bool_]) -> None:
    """Raise BadInput where a picture, float32 (h, w, 3), RGB, shows more than its light and its dirt, bool (h, w)."""
    red, green, blue = (float(light[..., channel].mean()) for channel in range(3))
    if green < LEAST_GREEN * (red + blue) / 2:
        raise BadInput(
            "expected a blank field as white as the lamp, found a pink one (green is "
            f"{green / ((red + blue) / 2):.0%} of "
            "red and blue); move the tissue out of the view, or set the white balance on bare glass"
        )
    rest = (blank / np.maximum(light, 1)).mean(2)
    texture = float(rest[~dirt].std()) if not dirt.all() else 1.0
    if dirt.mean() > MOST_COVERED or texture > MOST_TEXTURE:
        raise BadInput(
            f"expected a blank field, found something in view: {dirt.mean():.1%} of it is darker than the lamp's "
            f"smooth light (at most {MOST_COVERED:.0%}), and the rest varies by {texture:.1%} (at most "
            f"{MOST_TEXTURE:.0%}); move the slide to clear glass, or clean it"
        )


def warnings_of(white: list[float], cells: NDArray[np.float32], dirt: DirtMap, flicker: float) -> Iterable[str]:
    """Yield what should be mended: of the lamp's level in R, G, B, its light in cells, the dirt, the flicker."""
    if max(white) < LOW_LEVEL:
        yield f"the blank field reads {max(white):.0f} of 255: brighter light, up to 230, lowers the noise"
    if max(white) > HIGH_LEVEL:
        yield f"the blank field reads {max(white):.0f} of 255: little is left before it clips; aim at 230"
    if max(white) > 1.3 * min(white):
        yield f"red, green and blue read {white[0]:.0f}, {white[1]:.0f}, {white[2]:.0f}: set the white balance on glass"
    even = float(cells.mean(2).min() / cells.mean(2).max())
    if even < 0.6:
        yield f"the dimmest place has {even:.0%} of the brightest's light: centre the lamp and the condenser"
    if dirt.share > 0.01:
        yield f"{dirt.specks} specks cover {dirt.share:.1%} of the view: clean sensor, objective and slide"
    if flicker > 0.01:
        yield f"the light flickers by {flicker:.1%} from frame to frame: check the lamp's supply, lock the exposure"
