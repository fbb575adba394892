"""The way of a frame: scale, tiles, gates, network, label. Composed here, each step written in its own module."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import gates
from .contract import Contract
from .errors import ScaleOutOfRange
from .model_file import ModelFile
from .network import Network
from .optics import tile_places, to_field
from .records import Field, Frame, FrameResult, LostFrame, TileResult
from .tiling import cut


class Stopwatch:
    """Milliseconds of each stage of one frame."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on a stage."""
        now = time.perf_counter()
        self.milliseconds[stage] = (now - self._since) * 1e3
        self._since = now


@dataclass(frozen=True)
class Verdicts:
    """What is said of n tiles, as arrays."""

    probabilities: NDArray[np.float32]
    """float32 (n,), calibrated; NaN where a reason stands."""
    positive: NDArray[np.bool_]
    """bool (n,): at or above the operating point's threshold."""
    reasons: NDArray[np.object_]
    """object (n,): a reason code, or None where the tile was judged."""


class Pipeline:
    """Judges frames and tiles with one model, at one operating point."""

    def __init__(
        self, model: ModelFile, network: Network, operating_point: str | None = None, use_gates: bool = True
    ) -> None:
        """Take an open model; `operating_point` None is the contract's default, `use_gates` False judges glass too."""
        self.contract: Contract = model.contract
        self.model_sha256 = model.sha256
        self.operating_point, self._point = self.contract.operating_point(operating_point)
        self._network = network
        self._use_gates = use_gates

    def judge(self, frame: Frame | LostFrame) -> FrameResult:
        """Return what the instrument says of a frame; a frame that cannot be used becomes a result with a reason."""
        if isinstance(frame, LostFrame):
            return self._refused(frame, frame.reason, frame.message)
        watch = Stopwatch()
        try:
            field = to_field(frame, self.contract.um_per_px, self.contract.tile_px)
        except ScaleOutOfRange as error:
            return self._refused(frame, gates.BAD_SCALE, str(error))
        watch.lap("scale")
        tiles = cut(field.pixels, field.lefts, field.tops, field.tile_px)
        watch.lap("tile")
        verdicts = self.judge_tiles(tiles, field.has_data, watch)
        results = self._tile_results(frame, field, verdicts)
        watch.lap("label")
        height, width = frame.pixels.shape[:2]
        return FrameResult(
            index=frame.index,
            source=frame.source,
            model_sha256=self.model_sha256,
            operating_point=self.operating_point,
            um_per_px=frame.um_per_px,
            size_px=(height, width),
            origin_xy=frame.origin_xy,
            grid=field.shape,
            tile_size_px=field.tile_px * self.contract.um_per_px / frame.um_per_px,
            tiles=results,
            milliseconds=watch.milliseconds,
            timestamp_ns=frame.timestamp_ns,
        )

    def judge_tiles(
        self, tiles: NDArray[np.uint8], has_data: NDArray[np.bool_] | None = None, watch: Stopwatch | None = None
    ) -> Verdicts:
        """Judge uint8 tiles (n, tile_px, tile_px, 3), RGB; `has_data` bool, n values, is False over holes."""
        watch = watch or Stopwatch()
        reasons = np.full(len(tiles), None, object)
        if self._use_gates:
            reasons[gates.is_glass(tiles, self.contract.tissue_gate)] = gates.NO_TISSUE
        if has_data is not None:
            reasons[~has_data.ravel()] = gates.NO_DATA
        watch.lap("gates")
        judged = reasons == None  # noqa: E711  an object array is compared element by element
        logits = np.full(len(tiles), np.nan, np.float32)
        logits[judged] = self._network.logits(tiles if judged.all() else tiles[judged])
        watch.lap("network")
        probabilities = self.contract.tile.calibration.probability(logits)
        return Verdicts(probabilities, logits >= self._point.threshold_logit, reasons)

    def _tile_results(self, frame: Frame, field: Field, verdicts: Verdicts) -> tuple[TileResult, ...]:
        """Return a result a tile, row by row, with x and y in px of the picture or slide."""
        lefts, tops = tile_places(frame, field)
        places = [(x, y) for y in tops for x in lefts]
        labels = self.labels(verdicts)
        rows = zip(places, verdicts.probabilities.tolist(), labels, verdicts.reasons, strict=True)
        return tuple(
            TileResult(x, y, probability, label) if reason is None else TileResult(x, y, reason=reason)
            for (x, y), probability, label, reason in rows
        )

    def labels(self, verdicts: Verdicts) -> NDArray[np.object_]:
        """Return object (n,): the contract's label of each tile, whether it was judged or not."""
        return np.asarray(self.contract.labels, object)[verdicts.positive.astype(int)]

    def _refused(self, frame: Frame | LostFrame, reason: str, message: str) -> FrameResult:
        return FrameResult(
            frame.index, frame.source, self.model_sha256, self.operating_point, reason=reason, message=message
        )
