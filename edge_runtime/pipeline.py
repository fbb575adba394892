"""The way of a frame: scale, light, tiles, gates, network, context, label. Composed here, each step in its module."""

from __future__ import annotations

import dataclasses

from . import gates
from .calibrated import Calibrated
from .context import Grid
from .errors import ResizedPicture, ScaleOutOfRange
from .judging import TileJudge
from .looks import Looks
from .model_file import ModelFile
from .network import Network
from .optics import tile_places, to_field
from .records import Field, Frame, LostFrame
from .results import FrameResult
from .seen import Seen
from .slide_stain import SlideStain
from .tiling import cut
from .timing import Stopwatch


class Pipeline:
    """Judges frames with one model, at one operating point; its frames are those of one slide."""

    def __init__(
        self,
        model: ModelFile,
        network: Network,
        operating_point: str | None = None,
        use_gates: bool | gates.Gatekeeper = True,
        use_context: bool = True,
        looks: int = 0,
        calibrated: Calibrated | None = None,
    ) -> None:
        """Take an open model; `operating_point` and `use_context` are the TileJudge's.

        `use_gates` True takes the contract's gates, False none, so that glass is judged too; a gatekeeper, those that
        it has. `looks` says how many frames of one field are averaged, where frames come from one stage; 0 judges each
        frame by itself. `calibrated` is the instrument that they come from; None: nothing is known of it.
        """
        self.judge_of_tiles = TileJudge(model, network, operating_point, use_context)
        self.contract = model.contract
        if isinstance(use_gates, bool):
            use_gates = gates.Gatekeeper(gates.gates_of(self.contract) if use_gates else gates.Gates())
        self._keeper = use_gates
        self._calibrated = calibrated
        self._most_looks = looks
        self.new_slide()

    def new_slide(self) -> None:
        """Begin another slide: its stain and its contrast are its own."""
        self._stain = SlideStain(self.contract.stain_normalization)
        self._looks = Looks(self._most_looks) if self._most_looks else None
        if self._calibrated is not None:
            self._calibrated.new_slide()

    def judge(self, frame: Frame | LostFrame) -> FrameResult:
        """Return what the instrument says of a frame; a frame that cannot be used becomes a result with a reason.

        Raises BadInput where the first frame of a calibrated camera has another size than the calibration is of.
        """
        result = self._judge(frame)
        return result if self._calibrated is None else self._calibrated.signed(result)

    def _judge(self, frame: Frame | LostFrame) -> FrameResult:
        if isinstance(frame, LostFrame):
            return self._refused(frame, frame.reason, frame.message)
        watch = Stopwatch()
        try:
            field = self._to_field(frame, watch)
        except ScaleOutOfRange as error:
            return self._refused(frame, gates.BAD_SCALE, str(error))
        except ResizedPicture as error:
            return self._refused(frame, error.reason, str(error))
        known = None if self._looks is None else self._looks.at(frame, field)
        if self._looks is not None:
            watch.lap("looks")
        if known is not None:
            self._keeper.saw(frame, field)
            return _repeated(known, frame, watch)
        result = self._judge_field(frame, field, watch)
        if self._looks is not None:
            self._looks.keep(result)
        return result

    def _to_field(self, frame: Frame, watch: Stopwatch) -> Field:
        """Return a frame at the model's scale, under even light where the instrument is calibrated for it."""
        if self._calibrated is not None:
            self._calibrated.admit(frame)
        field = to_field(frame, self.contract.um_per_px, self.contract.tile_px)
        watch.lap("scale")
        if self._calibrated is not None and self._calibrated.evens_light:
            field = self._calibrated.evened(frame, field)
            watch.lap("light")
        return field

    def _judge_field(self, frame: Frame, field: Field, watch: Stopwatch) -> FrameResult:
        tiles = cut(field.pixels, field.lefts, field.tops, field.tile_px)
        watch.lap("tile")
        looked = self._keeper.look_at(frame, field, tiles)
        watch.lap("gates")
        gains = self._stain.gains(looked, self._looks is None or self._looks.nothing_judged)
        watch.lap("stain")
        judge = self.judge_of_tiles
        evidence = judge.evidence(tiles, looked.reasons, gains)
        if self._looks is not None:
            evidence = self._looks.add(evidence)
        watch.lap("network")
        verdicts = judge.verdicts(evidence, Grid(*field.shape))
        watch.lap("context")
        results = judge.results(*tile_places(frame, field), verdicts, looked)
        watch.lap("label")
        looks = 1 if self._looks is None else self._looks.count
        if self._calibrated is not None and looks == 1 and gates.MOVING not in looked.reasons:
            self._calibrated.watch(frame, field)  # another look at one view tells nothing new of the instrument
            watch.lap("drift")
        height, width = frame.pixels.shape[:2]
        return dataclasses.replace(
            judge.result_of(frame),
            um_per_px=frame.um_per_px,
            size_px=(height, width),
            origin_xy=frame.origin_xy,
            grid=field.shape,
            tile_size_px=field.tile_px * self.contract.um_per_px / frame.um_per_px,
            tiles=results,
            milliseconds=watch.milliseconds,
            timestamp_ns=frame.timestamp_ns,
            stain_gains=None if gains is None else tuple(gains.tolist()),
            looks=looks,
            seen=Seen(field, self._keeper.measured, evidence.logits),
        )

    def _refused(self, frame: Frame | LostFrame, reason: str, message: str) -> FrameResult:
        return dataclasses.replace(self.judge_of_tiles.result_of(frame), reason=reason, message=message)


def _repeated(known: FrameResult, frame: Frame, watch: Stopwatch) -> FrameResult:
    """Return what is known of a field as the result of another frame that shows it."""
    return dataclasses.replace(
        known,
        index=frame.index,
        source=frame.source,
        timestamp_ns=frame.timestamp_ns,
        milliseconds=watch.milliseconds,
        repeats_frame=known.index,
        seen=None,
    )
