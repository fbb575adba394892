"""The calibration as a whole: whom it is of, how old it is, and whether frames may be judged with it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from edge_runtime.calibrate.blank import BlankField
from edge_runtime.calibrate.focus import FocusBaseline
from edge_runtime.cameras.controls import Settings
from edge_runtime.errors import BadInput

from .age import AGAIN, VALID_DAYS, doubt, moment
from .instrument import CameraId, Scale, objective_name

CALIBRATION_VERSION = 2


@dataclass(frozen=True)
class Calibration:
    """An instrument's own numbers."""

    scale: Scale
    """Always there: nothing can be judged without it."""
    camera: CameraId | None = None
    """None in files of layout 1, which do not say."""
    objective: str = ""
    """As engraved: 4x; empty where nobody said."""
    name: str = ""
    """What a person calls it."""
    settings: Settings | None = None
    """Exposure, gain and white balance that it was made with; they are to be set again, and locked."""
    blank: BlankField | None = None
    """None: no blank field was seen; frames are taken as they are lit."""
    focus: FocusBaseline | None = None
    """None: it is not known how sharp a good field is."""
    valid_days: int = VALID_DAYS
    """How long each of its parts is good."""
    calibration_version: int = CALIBRATION_VERSION
    """Of this layout."""

    def __post_init__(self) -> None:
        if not 1 <= self.valid_days <= 3650:
            raise BadInput(f"expected a calibration valid for 1 to 3650 days, found {self.valid_days}")
        for text in self._dates():
            moment(text)

    @property
    def um_per_px(self) -> float:
        """µm of tissue that one pixel of the camera covers."""
        return self.scale.um_per_px

    @property
    def sha256(self) -> str:
        """Of its content, in hexadecimal: each result names the calibration by it."""
        return content_hash(self.content())

    def content(self) -> dict[str, Any]:
        """Return its values as JSON holds them; a part that came later and is not there leaves no trace."""
        values = dataclasses.asdict(self)
        if self.focus is not None and self.focus.of_gate is None:
            del values["focus"]["of_gate"]  # a file from before it keeps its hash
        return values

    @property
    def made_at(self) -> datetime | None:
        """When its oldest part was measured; None in files of layout 1."""
        return min((moment(text) for text in self._dates()), default=None)

    @property
    def expires_at(self) -> datetime | None:
        """When it stops being good by itself; None: never, its age is not known."""
        made = self.made_at
        return None if made is None else made + timedelta(days=self.valid_days)

    def _dates(self) -> list[str]:
        parts = (self.scale, self.blank, self.focus)
        return [part.made_at for part in parts if part is not None and part.made_at]

    def check(self, camera: CameraId, now: datetime, objective: str | None = None) -> tuple[str, ...]:
        """Return what to warn of before frames of `camera` are judged with it; `now` is aware of its time zone.

        Raises BadInput, by name, where it is of another camera, objective or resolution, or too old. `objective` None:
        nobody said which one is in use.
        """
        self._check_camera(camera)
        if objective is not None and self.objective and objective_name(objective) != self.objective:
            raise BadInput(
                f"expected the objective {self.objective} that the calibration {self.name!r} is of, found "
                f"{objective_name(objective)}; turn the objective back, or {AGAIN}"
            )
        found = doubt(self.name, self.made_at, self.valid_days, now)
        return () if found is None else (found,)

    def _check_camera(self, camera: CameraId) -> None:
        mine = self.camera
        if mine is None:
            return
        if (mine.kind, mine.name) != (camera.kind, camera.name):
            raise BadInput(
                f"expected frames of the camera {mine.kind}:{mine.name} that the calibration {self.name!r} is of, "
                f"found {camera.kind}:{camera.name}; use that camera, or {AGAIN}"
            )
        self.check_resolution(camera.width_px, camera.height_px)

    def check_resolution(self, width_px: int, height_px: int) -> None:
        """Raise BadInput where frames of this size are not of the resolution that it is of."""
        mine = self.camera
        if mine is not None and (mine.width_px, mine.height_px) != (width_px, height_px):
            raise BadInput(
                f"expected frames of {mine.width_px}x{mine.height_px} px, the resolution that the calibration "
                f"{self.name!r} is of, found {width_px}x{height_px}; set the camera's size, or {AGAIN}"
            )


def content_hash(values: dict[str, Any]) -> str:
    """Return the SHA-256 of values as JSON: keys in order, nothing between; so that a file's layout does not matter."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
