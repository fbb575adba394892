"""The way of a frame: scale, tiles, gates, network, context, label. Composed here, each step in its own module."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import gates
from .context import Grid, Places, alone, read_out
from .contract import CONTEXT, TILE, Contract
from .errors import ScaleOutOfRange
from .evidence import Evidence, Stopwatch, Verdicts, without_reason
from .model_file import ModelFile
from .network import Network
from .normalization import StainEvidence, rebalance
from .optics import tile_places, to_field
from .records import Field, Frame, FrameResult, LostFrame, TileResult
from .tiling import cut


class Pipeline:
    """Judges frames and tiles with one model, at one operating point; its frames are those of one slide."""

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
        self._session = self.new_slide()

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
        reasons = self.refusals(tiles, field.has_data)
        watch.lap("gates")
        gains = self._gains_of_session(tiles, reasons)
        watch.lap("stain")
        evidence = self.evidence(tiles, reasons, gains)
        watch.lap("network")
        verdicts = self.verdicts(evidence, Grid(*field.shape))
        watch.lap("context")
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
            stain_gains=None if gains is None else tuple(gains.tolist()),
        )

    def judge_tiles(self, tiles: NDArray[np.uint8], layout: Grid | Places | None = None) -> Verdicts:
        """Judge uint8 tiles (n, tile_px, tile_px, 3), RGB, as they are stained; `layout` None: none is a neighbour."""
        return self.verdicts(self.evidence(tiles, self.refusals(tiles)), layout)

    def refusals(self, tiles: NDArray[np.uint8], has_data: NDArray[np.bool_] | None = None) -> NDArray[np.object_]:
        """Return object (n,): a reason for each of uint8 tiles (n, tile_px, tile_px, 3), RGB, or None.

        `has_data` bool, n values, is False over holes.
        """
        reasons = np.full(len(tiles), None, object)
        if self._use_gates:
            reasons = gates.refusals(tiles, self.contract.tissue_gate, self.contract.pen_gate)
        if has_data is not None:
            reasons[~has_data.ravel()] = gates.NO_DATA
        return reasons

    def new_slide(self) -> StainEvidence | None:
        """Return where a slide's stain is gathered; None for a model that takes slides as they are."""
        towards = self.contract.stain_normalization
        return None if towards is None else StainEvidence(towards.min_density)

    def _gains_of_session(self, tiles: NDArray[np.uint8], reasons: NDArray[np.object_]) -> NDArray[np.float64] | None:
        """Look at a frame's tiles, and return the gains that all frames so far give; None: no normalization."""
        towards = self.contract.stain_normalization
        if towards is None or self._session is None:
            return None
        self._session.add(tiles[without_reason(reasons)])
        return self._session.gains(towards, towards.session_prior_tiles)

    def evidence(
        self, tiles: NDArray[np.uint8], reasons: NDArray[np.object_], gains: NDArray[np.float64] | None = None
    ) -> Evidence:
        """Run the network over the uint8 tiles (n, tile_px, tile_px, 3), RGB, that have no reason, as one batch.

        `gains` (3,) multiply their optical densities beforehand; None leaves them as they are.
        """
        found = Evidence(np.full(len(tiles), np.nan, np.float32), reasons)
        judged = found.judged
        shown = tiles if judged.all() else tiles[judged]
        found.logits[judged] = self._network.logits(shown if gains is None else rebalance(shown, gains))
        return found

    def verdicts(self, evidence: Evidence, layout: Grid | Places | None = None) -> Verdicts:
        """Say what follows from n tiles' evidence, each in the light of its neighbours where the mode is `context`."""
        context = self.contract.context
        if layout is None or context is None or self.mode == TILE:
            found = alone(evidence.logits)
        else:
            found = layout.in_context(context.kernel, evidence.logits, evidence.judged)
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
