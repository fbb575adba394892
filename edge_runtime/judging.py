"""Judge tiles with one model at one operating point: network, context, thresholds and calibration of its contract."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .context import Grid, Places, alone
from .contract import CONTEXT, TILE, Contract
from .evidence import Evidence, Verdicts, without_reason
from .gates import Looked
from .model_file import ModelFile
from .network import Network
from .normalization import balance_tables
from .reading import read_out
from .records import Frame, LostFrame
from .results import FrameResult, TileResult, refused_tile


class TileJudge:
    """Says what follows from tiles; which of them may be judged is said to it."""

    def __init__(
        self, model: ModelFile, network: Network, operating_point: str | None = None, use_context: bool = True
    ) -> None:
        """Take an open model; `operating_point` None is the contract's default.

        `use_context` False judges each tile by itself; so does a model without a context stage.
        """
        self.contract: Contract = model.contract
        self.model_sha256 = model.sha256
        self.operating_point, _ = self.contract.operating_point(operating_point)
        self.mode = CONTEXT if use_context and self.contract.context else TILE
        self._network = network

    def result_of(self, frame: Frame | LostFrame) -> FrameResult:
        """Return a frame's result in this judge's name, with nothing said yet."""
        return FrameResult(frame.index, frame.source, self.model_sha256, self.operating_point, self.mode)

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
        """Say what follows from n tiles' evidence, each in the light of its neighbours where the mode is `context`.

        `layout` says where they lie; None: none is another's neighbour.
        """
        context = self.contract.context
        if layout is None or context is None or self.mode == TILE:
            found = alone(evidence.logits)
        else:
            found = layout.in_context(context.kernel, evidence.logits, evidence.judged)
        reading = read_out(self.contract, found, self.operating_point)
        return Verdicts(reading.probabilities, reading.positive, evidence.reasons)

    def labels(self, verdicts: Verdicts) -> NDArray[np.object_]:
        """Return object (n,): the contract's label of each tile, whether it was judged or not."""
        return np.asarray(self.contract.labels, object)[verdicts.positive.astype(int)]

    def results(self, lefts: list[int], tops: list[int], verdicts: Verdicts, looked: Looked) -> tuple[TileResult, ...]:
        """Return a result a tile of a grid, row by row; `lefts` and `tops` are its columns' and rows' edges, px."""
        places = [(x, y) for y in tops for x in lefts]
        labels = self.labels(verdicts)
        measured = zip(verdicts.reasons, looked.measures, looked.values.tolist(), strict=True)
        rows = zip(places, verdicts.probabilities.tolist(), labels, measured, strict=True)
        return tuple(
            TileResult(x, y, probability, label) if why[0] is None else refused_tile(x, y, *why)
            for (x, y), probability, label, why in rows
        )
