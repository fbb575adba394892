"""The data formats that an index can hold: what their labels mean, at which scale, and how a picture becomes a tile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput, UnreadablePicture
from edge_runtime.optics import resample
from edge_runtime.patches import IDC_UM_PER_PX, PATCH_PX
from edge_runtime.pictures import decode_picture

from .recipe import TILE_PX


@dataclass(frozen=True)
class DataFormat:
    """One data set's shape; a network is trained on one, and its contract says which."""

    name: str
    """As in the index and on the command line."""
    task: str
    """What the labels tell apart, in which tissue and stain; goes into the contract."""
    labels: tuple[str, str]
    """Negative, positive."""
    picture_px: int
    """Side of a whole picture; any other size is an `edge`."""
    picture_um_per_px: float
    """Scale of the pictures."""
    source: str
    """Where the data come from; goes into the model card."""
    limit: str
    """What the labels do not say; goes into the model card."""

    @property
    def um_per_px(self) -> float:
        """Scale of a tile: of the picture after its resampling to the network's input."""
        return round(self.picture_um_per_px * self.picture_px / TILE_PX, 6)

    def decode(self, data: bytes) -> NDArray[np.uint8]:
        """Return an encoded picture as a tile, uint8 (50, 50, 3), RGB; raises UnreadablePicture for another size."""
        return self.tile(decode_picture(data))

    def tile(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a whole picture, uint8 (picture_px, picture_px, 3), as a tile, uint8 (50, 50, 3), by area.

        The device resamples a frame with the same function.
        """
        height, width = pixels.shape[:2]
        if (height, width) != (self.picture_px, self.picture_px):
            raise UnreadablePicture(f"expected {self.picture_px}x{self.picture_px} px, found {width}x{height}")
        return resample(pixels, (TILE_PX, TILE_PX))


IDC = DataFormat(
    name="idc",
    task=(
        "invasive ductal carcinoma (IDC) against all else in H&E sections of breast tissue; "
        "'no_idc' means that no IDC was annotated: stroma, fat, and also in-situ carcinoma, so it is not 'benign'"
    ),
    labels=("no_idc", "idc"),
    picture_px=PATCH_PX,
    picture_um_per_px=IDC_UM_PER_PX,
    source=(
        "the public IDC archive (Cruz-Roa et al. 2014, doi 10.1117/12.2043872; "
        "Janowczyk & Madabhushi 2016, PMID 27563488; CC0)"
    ),
    limit="In-situ carcinoma is `no_idc` in the archive's annotation, whose outlines are coarse.",
)
HCD = DataFormat(
    name="hcd",
    task=(
        "metastasis of breast cancer in H&E sections of lymph nodes; the label speaks of the middle 32x32 of 96x96 px, "
        "31 µm of a tile's 93 µm: 'metastasis' means at least one annotated pixel of tumour there, "
        "'no_metastasis' says nothing of the rim"
    ),
    labels=("no_metastasis", "metastasis"),
    picture_px=96,
    picture_um_per_px=0.97,
    source=(
        "the public set Histopathologic Cancer Detection, from PatchCamelyon (Veeling et al. 2018, arXiv 1806.03962; "
        "Ehteshami Bejnordi et al. 2017, doi 10.1001/jama.2017.14585; CC0)"
    ),
    limit=(
        "A label speaks of the middle 31 µm of a tile alone: tiles that lie side by side leave two thirds of each "
        "direction unjudged."
    ),
)
"""PatchCamelyon: 96x96 px at 10x, 0.97 µm per px; a tile is 93 µm at 1.86 µm per px."""

FORMATS = {one.name: one for one in (IDC, HCD)}


def format_named(name: str) -> DataFormat:
    """Return a data format by its name; refuses an unknown one."""
    if name not in FORMATS:
        raise BadInput(
            f"expected a data format ({', '.join(FORMATS)}), found {name!r}; update, or make the index again"
        )
    return FORMATS[name]
