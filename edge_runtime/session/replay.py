"""Judge a session's frames again, from what the pipeline saw of them then: bit for bit, or with another model.

What rests on the camera's own pixels and on frames between (focus, motion) is taken as it was measured. Alarms are not
raised again, and frames that repeat another have nothing to be judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge_runtime.calibrate.dirt import DirtMap
from edge_runtime.calibrated import instrument_of
from edge_runtime.errors import BadInput
from edge_runtime.from_json import from_json
from edge_runtime.gates import Focus, Gatekeeper, Gates, Instrument, Measured, Motion
from edge_runtime.model_file import ModelFile
from edge_runtime.network import Network
from edge_runtime.pictures import decode_picture
from edge_runtime.pipeline import Pipeline
from edge_runtime.records import Field, Frame
from edge_runtime.results import FrameResult
from edge_runtime.tiling import tile_edges
from edge_runtime.timing import Stopwatch

from .keep import FIELD
from .reading import Session
from .stored import StoredFrame


@dataclass(frozen=True)
class Again:
    """A frame that was judged again."""

    stored: StoredFrame
    """As it was recorded."""
    result: FrameResult
    """As it is judged now."""


def replay(session: Session, model: ModelFile, network: Network) -> Iterator[Again]:
    """Yield each frame of a session whose field was kept (`--keep fields` or `frames`), judged again, in order.

    With the session's own model, on the same kernels, each tile comes out as it was, to the bit. Frames that changed on
    the disk are left out, and their number stands in `session.warnings`, as those whose field is missing. Raises
    BadInput where the model is of another scale.
    """
    pipeline = _Again(session, model, network)
    for stored in session.frames():
        if stored.measured is None or stored.record["repeats_frame"] is not None:
            continue
        picture = session.picture(stored, FIELD)
        if picture is None:
            session.warnings.append(f"frame {stored.index}: its field was not kept, removed, or is damaged")
            continue
        yield Again(stored, pipeline.judge(pipeline.load(stored, picture)))


class _Again(Pipeline):
    """A pipeline whose frames come at the model's scale, with what was measured of them."""

    def __init__(self, session: Session, model: ModelFile, network: Network) -> None:
        settings = session.info.settings
        scale = session.model().contract.um_per_px
        if model.contract.um_per_px != scale:
            raise BadInput(
                f"expected a model of {scale:g} µm per px, at which {session.folder.name} kept its fields, found "
                f"{model.contract.um_per_px:g}; take another model"
            )
        calibration = session.calibration()
        gates = from_json(Gates, settings["gates"])
        dirt = None if calibration is None or calibration.blank is None else calibration.blank.dirt
        instrument = Instrument() if calibration is None else instrument_of(calibration, gates)
        self._measured = _AsMeasured(gates, instrument, dirt)
        point = settings["operating_point"]
        super().__init__(model, network, point, self._measured, settings["context"], settings["looks"])
        self._seen: Field | None = None

    def load(self, stored: StoredFrame, picture: bytes) -> Frame:
        """Get a frame ready; its pixels have its size, and nothing is in them."""
        height, width = stored.record["size_px"]
        pixels = decode_picture(picture)
        tile_px = self.contract.tile_px
        tops, lefts = (tile_edges(side, tile_px) for side in pixels.shape[:2])
        there = [tile.has_data for tile in stored.tiles]
        has_data = None if None in there else np.array(there, bool).reshape(len(tops), len(lefts))
        self._seen = Field(pixels, lefts, tops, tile_px, has_data)
        self._measured.now = _measured(stored)
        x, y = stored.record["origin_xy"]
        return Frame(
            np.broadcast_to(np.zeros(1, np.uint8), (height, width, 3)),
            stored.record["um_per_px"],
            stored.index,
            stored.record["source"],
            (x, y),
            timestamp_ns=stored.record["timestamp_ns"],
        )

    def _to_field(self, frame: Frame, watch: Stopwatch) -> Field:
        assert self._seen is not None  # `load` came first
        return self._seen


class _AsMeasured(Gatekeeper):
    """Gates that are told what was measured then."""

    def __init__(self, gates: Gates, instrument: Instrument, dirt: DirtMap | None) -> None:
        super().__init__(gates, instrument, dirt)
        self.now = Measured()

    def measure(self, frame: Frame, field: Field) -> Measured:
        return self.now


def _measured(stored: StoredFrame) -> Measured:
    """Return what was measured of a frame, as the gates take it."""
    assert stored.measured is not None  # only frames that were judged themselves
    focus, motion = None, None
    if (anisotropy := stored.measured["anisotropy"]) is not None:
        sharpness, contrast = (
            np.array([getattr(tile, name) for tile in stored.tiles], np.float32) for name in ("sharpness", "contrast")
        )
        focus = Focus(sharpness, contrast, anisotropy)
    if stored.measured["motion"] is not None:
        x, y, *rest = stored.measured["motion"]
        motion = Motion((x, y), *rest)
    return Measured(focus, motion)
