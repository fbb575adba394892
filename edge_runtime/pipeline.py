"""The way of a frame: scale, tiles, gates, network, context, label. Composed here, each step in its own module."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import gates
from .context import Grid, Places, alone, read_out
from .contract import CONTEXT, TILE, Contract
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
class Evidence:
    """What n tiles say by themselves."""

    logits: NDArray[np.float32]
    """float32 (n,); NaN where a reason stands."""
    reasons: NDArray[np.object_]
    """object (n,): a reason code, or None where the tile was judged."""

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Bool (n,): which of them have a logit."""
        return np.asarray(self.reasons == None)  # noqa: E711  an object array is compared element by element


@dataclass(frozen=True)
class Verdicts:
    """What is said of n tiles, as arrays."""

    probabilities: NDArray[np.float32]
    """float32 (n,), calibrated; NaN where a reason stands."""
    positive: NDArray[np.bool_]
    """bool (n,): at or above the operating point's threshold; False where a reason stands."""
    reasons: NDArray[np.object_]
    """object (n,): a reason code, or None where the tile was judged."""


class Pipeline:
    """Judges frames and tiles with one model, at one operating point."""

    def __init__(
        self,
        model: ModelFile,
        network: Network,
        operating_point: str | None = None,
        use_gates: bool = True,
        use_context: bool = True,
    ) -> None:
        """Take an open model; `operating_point` None is the contract's default, `use_gates` False judges glass too.

        `use_context` False judges each tile by itself; so does a model without a context stage.
        """
        self.contract: Contract = model.contract
        self.model_sha256 = model.sha256
        self.operating_point, _ = self.contract.operating_point(operating_point)
        self.mode = CONTEXT if use_context and self.contract.context else TILE
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
        verdicts = self.verdicts(self.evidence(tiles, field.has_data, watch), Grid(*field.shape), watch)
        results = self._tile_results(frame, field, verdicts)
        watch.lap("label")
        height, width = frame.pixels.shape[:2]
        return FrameResult(
            index=frame.index,
            source=frame.source,
            model_sha256=self.model_sha256,
            operating_point=self.operating_point,
            mode=self.mode,
            um_per_px=frame.um_per_px,
            size_px=(height, width),
            origin_xy=frame.origin_xy,
            grid=field.shape,
            tile_size_px=field.tile_px * self.contract.um_per_px / frame.um_per_px,
            tiles=results,
            milliseconds=watch.milliseconds,
            timestamp_ns=frame.timestamp_ns,
        )

    def judge_tiles(self, tiles: NDArray[np.uint8], layout: Grid | Places | None = None) -> Verdicts:
        """Judge uint8 tiles (n, tile_px, tile_px, 3), RGB; `layout` None: none is another's neighbour."""
        return self.verdicts(self.evidence(tiles), layout)

    def evidence(
        self, tiles: NDArray[np.uint8], has_data: NDArray[np.bool_] | None = None, watch: Stopwatch | None = None
    ) -> Evidence:
        """Run gates and network over uint8 tiles (n, tile_px, tile_px, 3), RGB, as one batch.

        `has_data` bool, n values, is False over holes.
        """
        watch = watch or Stopwatch()
        reasons = np.full(len(tiles), None, object)
        if self._use_gates:
            reasons = gates.refusals(tiles, self.contract.tissue_gate, self.contract.pen_gate)
        if has_data is not None:
            reasons[~has_data.ravel()] = gates.NO_DATA
        watch.lap("gates")
        found = Evidence(np.full(len(tiles), np.nan, np.float32), reasons)
        judged = found.judged
        found.logits[judged] = self._network.logits(tiles if judged.all() else tiles[judged])
        watch.lap("network")
        return found

    def verdicts(
        self, evidence: Evidence, layout: Grid | Places | None = None, watch: Stopwatch | None = None
    ) -> Verdicts:
        """Say what follows from n tiles' evidence, each in the light of its neighbours where the mode is `context`."""
        watch = watch or Stopwatch()
        context = self.contract.context
        if layout is None or context is None or self.mode == TILE:
            found = alone(evidence.logits)
        else:
            found = layout.in_context(context.kernel, evidence.logits, evidence.judged)
        watch.lap("context")
        reading = read_out(self.contract, found, self.operating_point)
        return Verdicts(reading.probabilities, reading.positive, evidence.reasons)

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
            frame.index,
            frame.source,
            self.model_sha256,
            self.operating_point,
            self.mode,
            reason=reason,
            message=message,
        )
