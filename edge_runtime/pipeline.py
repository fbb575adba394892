"""The way of a frame: scale, tiles, gates, network, context, label. Composed here, each step in its own module."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from . import gates
from .context import Grid, Places, alone
from .contract import CONTEXT, TILE, Contract
from .errors import ScaleOutOfRange
from .evidence import Evidence, Verdicts, without_reason
from .looks import Looks
from .model_file import ModelFile
from .network import Network
from .normalization import StainEvidence, balance_tables
from .optics import tile_places, to_field
from .reading import read_out
from .records import Field, Frame, FrameResult, LostFrame, TileResult, refused_tile
from .tiling import cut
from .timing import Stopwatch


class Pipeline:
    """Judges frames and tiles with one model, at one operating point; its frames are those of one slide."""

    def __init__(
        self,
        model: ModelFile,
        network: Network,
        operating_point: str | None = None,
        use_gates: bool | gates.Gatekeeper = True,
        use_context: bool = True,
        looks: int = 0,
    ) -> None:
        """Take an open model; `operating_point` None is the contract's default, `use_gates` False judges glass too.

        True takes the contract's gates, a gatekeeper those that it has.

        `use_context` False judges each tile by itself; so does a model without a context stage. `looks` says how many
        frames of one field are averaged, where frames come from one stage; 0 judges each frame by itself.
        """
        self.contract: Contract = model.contract
        self.model_sha256 = model.sha256
        self.operating_point, _ = self.contract.operating_point(operating_point)
        self.mode = CONTEXT if use_context and self.contract.context else TILE
        self._network = network
        if isinstance(use_gates, bool):
            use_gates = gates.Gatekeeper(gates.gates_of(self.contract) if use_gates else gates.Gates())
        self._keeper = use_gates
        self._session = self.new_slide()
        self._looks = Looks(looks) if looks else None

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
        known = None if self._looks is None else self._looks.at(frame, field)
        if self._looks is not None:
            watch.lap("looks")
        if known is not None:
            self._keeper.saw(frame, field)
            return _repeated(known, frame, watch.milliseconds)
        result = self._judge_field(frame, field, watch)
        if self._looks is not None:
            self._looks.keep(result)
        return result

    def _judge_field(self, frame: Frame, field: Field, watch: Stopwatch) -> FrameResult:
        tiles = cut(field.pixels, field.lefts, field.tops, field.tile_px)
        watch.lap("tile")
        looked = self._keeper.look_at(frame, field, tiles)
        watch.lap("gates")
        gains = self._gains_of_session(looked)
        watch.lap("stain")
        evidence = self.evidence(tiles, looked.reasons, gains)
        if self._looks is not None:
            evidence = self._looks.add(evidence)
        watch.lap("network")
        verdicts = self.verdicts(evidence, Grid(*field.shape))
        watch.lap("context")
        results = self._tile_results(frame, field, verdicts, looked)
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
            looks=1 if self._looks is None else self._looks.count,
        )

    def judge_tiles(self, tiles: NDArray[np.uint8], layout: Grid | Places | None = None) -> Verdicts:
        """Judge uint8 tiles (n, tile_px, tile_px, 3), RGB, as they are stained; `layout` None: none is a neighbour."""
        return self.verdicts(self.evidence(tiles, self.refusals(tiles)), layout)

    @property
    def active_gates(self) -> gates.Gates:
        """The gates at work."""
        return self._keeper.gates

    def refusals(
        self, tiles: NDArray[np.uint8], is_view: bool = False, focus: gates.Focus | None = None
    ) -> NDArray[np.object_]:
        """Return object (n,): a reason for each of uint8 tiles (n, tile_px, tile_px, 3), RGB, or None.

        `is_view` tells that they are one picture's, and `focus` how sharp it is; otherwise each is looked at by itself.
        """
        return self._keeper.look(tiles, is_view, focus).reasons

    def new_slide(self) -> StainEvidence | None:
        """Return where a slide's stain is gathered; None for a model that takes slides as they are."""
        towards = self.contract.stain_normalization
        return None if towards is None else StainEvidence(towards.min_density)

    def _gains_of_session(self, looked: gates.Looked) -> NDArray[np.float64] | None:
        """Look at a frame's tiles, and return the gains that all frames so far give; None: no normalization.

        Another look at a field that was judged shows no more of the slide.
        """
        towards = self.contract.stain_normalization
        if towards is None or self._session is None:
            return None
        if looked.free.any() and (self._looks is None or self._looks.nothing_judged):
            self._session.add_sample(looked.sample, looked.free)
        return self._session.gains(towards, towards.session_prior_tiles)

    def evidence(
        self, tiles: NDArray[np.uint8], reasons: NDArray[np.object_], gains: NDArray[np.float64] | None = None
    ) -> Evidence:
        """Run the network over the uint8 tiles (n, tile_px, tile_px, 3), RGB, that have no reason, as one batch.

        `gains` (3,) multiply their optical densities beforehand; None leaves them as they are.
        """
        judged = without_reason(reasons)
        balance = None if gains is None else balance_tables(gains)
        if judged.all():
            return Evidence(self._network.logits(tiles, balance), reasons)
        logits = np.full(len(tiles), np.nan, np.float32)
        logits[judged] = self._network.logits(tiles[judged], balance)
        return Evidence(logits, reasons)

    def verdicts(self, evidence: Evidence, layout: Grid | Places | None = None) -> Verdicts:
        """Say what follows from n tiles' evidence, each in the light of its neighbours where the mode is `context`."""
        context = self.contract.context
        if layout is None or context is None or self.mode == TILE:
            found = alone(evidence.logits)
        else:
            found = layout.in_context(context.kernel, evidence.logits, evidence.judged)
        reading = read_out(self.contract, found, self.operating_point)
        return Verdicts(reading.probabilities, reading.positive, evidence.reasons)

    def _tile_results(
        self, frame: Frame, field: Field, verdicts: Verdicts, looked: gates.Looked
    ) -> tuple[TileResult, ...]:
        """Return a result a tile, row by row, with x and y in px of the picture or slide."""
        lefts, tops = tile_places(frame, field)
        places = [(x, y) for y in tops for x in lefts]
        labels = self.labels(verdicts)
        measured = zip(verdicts.reasons, looked.measures, looked.values.tolist(), strict=True)
        rows = zip(places, verdicts.probabilities.tolist(), labels, measured, strict=True)
        return tuple(
            TileResult(x, y, probability, label) if why[0] is None else refused_tile(x, y, *why)
            for (x, y), probability, label, why in rows
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


def _repeated(known: FrameResult, frame: Frame, milliseconds: Mapping[str, float]) -> FrameResult:
    """Return what is known of a field as the result of another frame that shows it."""
    return dataclasses.replace(
        known,
        index=frame.index,
        source=frame.source,
        timestamp_ns=frame.timestamp_ns,
        milliseconds=milliseconds,
        repeats_frame=known.index,
    )
