"""What is known of an instrument, as a file: its scale, its lamp, its focus; hashed, dated, of one camera."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from .atomic import write_text
from .calibrate.blank import BlankField
from .calibrate.focus import FocusBaseline
from .cameras.controls import Settings
from .errors import BadInput
from .from_json import from_json
from .scale import check_um_per_px

CALIBRATION_VERSION = 2
VALID_DAYS = 30
"""A calibration is good for so long by itself: lamps age, dust settles."""
GRACE = 2
"""From its end on it is used with a warning, until it is this many times as old; then it is refused."""
CLOCK_SLACK = timedelta(days=1)
"""A board's clock may lag so far behind the calibration's date; boards without a battery start in the past."""
MICROMETER, OPTICS, STATED = "micrometer", "optics", "stated"
"""How a scale was found: measured; reckoned from objective, tube and sensor; said by a person."""

_SHORT_LIST = re.compile(r"\[\s+[-+.\deE,\s]+\]")
"""A list of numbers in indented JSON; it is written on one line."""
_AGAIN = "calibrate again: cancernet calibrate SOURCE --out FILE"


@dataclass(frozen=True)
class CameraId:
    """Which camera a calibration is of. A scale and a flat field hold for one resolution."""

    kind: str
    """pi, usb, stream, synthetic; `files` for pictures, folders, slides and videos."""
    name: str
    """What tells it from others of its kind: device, address, model; may be empty."""
    width_px: int
    """Of its frames."""
    height_px: int
    """Of its frames."""

    def __post_init__(self) -> None:
        if not (self.kind and self.width_px > 0 and self.height_px > 0):
            raise ValueError(f"expected a camera with a kind and a resolution, found {self}")

    def __str__(self) -> str:
        return f"{self.kind}:{self.name} at {self.width_px}x{self.height_px} px"


@dataclass(frozen=True)
class Scale:
    """How many µm a pixel covers, and how that is known."""

    um_per_px: float
    """At the resolution of the camera's frames."""
    method: str
    """micrometer, optics, or stated."""
    uncertainty: float | None = None
    """Standard error, µm per px; None: not known."""
    made_at: str = ""
    """When, ISO 8601, UTC."""
    how: str = ""
    """In words: how many lines, which optics."""

    def __post_init__(self) -> None:
        check_um_per_px(self.um_per_px)
        if self.method not in (MICROMETER, OPTICS, STATED):
            raise ValueError(f"expected a scale that is from {MICROMETER}, {OPTICS} or {STATED}, found {self.method!r}")


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
            _moment(text)

    @property
    def um_per_px(self) -> float:
        """µm of tissue that one pixel of the camera covers."""
        return self.scale.um_per_px

    @property
    def sha256(self) -> str:
        """Of its content, in hexadecimal: each result names the calibration by it."""
        return _hash(dataclasses.asdict(self))

    @property
    def made_at(self) -> datetime | None:
        """When its oldest part was measured; None in files of layout 1."""
        return min((_moment(text) for text in self._dates()), default=None)

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
                f"{objective_name(objective)}; turn the objective back, or {_AGAIN}"
            )
        return tuple(self._doubts(now))

    def _check_camera(self, camera: CameraId) -> None:
        mine = self.camera
        if mine is None:
            return
        if (mine.kind, mine.name) != (camera.kind, camera.name):
            raise BadInput(
                f"expected frames of the camera {mine.kind}:{mine.name} that the calibration {self.name!r} is of, "
                f"found {camera.kind}:{camera.name}; use that camera, or {_AGAIN}"
            )
        if (mine.width_px, mine.height_px) != (camera.width_px, camera.height_px):
            raise BadInput(
                f"expected frames of {mine.width_px}x{mine.height_px} px, the resolution that the calibration "
                f"{self.name!r} is of, found {camera.width_px}x{camera.height_px}; set the camera's size, or {_AGAIN}"
            )

    def _doubts(self, now: datetime) -> list[str]:
        made, end = self.made_at, self.expires_at
        if made is None or end is None:
            return [f"the calibration {self.name!r} tells neither camera nor date (layout 1); {_AGAIN}"]
        age = now - made
        if age < -CLOCK_SLACK:
            return [f"the clock says {now:%Y-%m-%d}, before the calibration's date {made:%Y-%m-%d}; set the clock"]
        if age > GRACE * timedelta(days=self.valid_days):
            raise BadInput(
                f"expected a calibration of the last {GRACE * self.valid_days} days, found {self.name!r} of "
                f"{made:%Y-%m-%d}, {age.days} days old; {_AGAIN}"
            )
        if now > end:
            return [
                f"the calibration {self.name!r} expired on {end:%Y-%m-%d}; {_AGAIN} (refused from twice its age on)"
            ]
        return []


def objective_name(text: str) -> str:
    """Return an objective as it is compared: 4, 4X and 4.0x are 4x; any other name is taken as it is."""
    bare = text.strip().lower().removesuffix("x").strip()
    try:
        return f"{float(bare):g}x"
    except ValueError:
        return text.strip().lower()


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write a calibration file, whole or not at all."""
    values = {"sha256": calibration.sha256, **dataclasses.asdict(calibration)}
    text = json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, _SHORT_LIST.sub(lambda found: " ".join(found[0].split()), text) + "\n")


def read_calibration(path: Path) -> Calibration:
    """Read a calibration file; raises BadInput where it is none, was changed, or is of a layout not known here."""
    values = _values(path)
    version = values.get("calibration_version")
    if version == 1:
        return Calibration(
            Scale(check_um_per_px(values.get("um_per_px")), STATED), name=path.stem, calibration_version=1
        )
    if version != CALIBRATION_VERSION:
        raise BadInput(
            f"{path}: expected calibration_version {CALIBRATION_VERSION} (or 1), found {version!r}; {_AGAIN}"
        )
    said = values.pop("sha256", None)
    found = _hash(values)
    if said != found:
        raise BadInput(
            f"{path}: expected the content that its sha256 {str(said)[:12]} is of, found {found[:12]}: the file is "
            f"damaged or was edited; {_AGAIN}"
        )
    try:
        return from_json(Calibration, values)
    except ValueError as error:
        raise BadInput(f"{path} is no calibration file that can be used ({error}); {_AGAIN}") from error


def _values(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"expected a calibration file at {path}: {error.strerror}; {_AGAIN}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no calibration file ({error}); {_AGAIN}") from error
    if not isinstance(values, dict) or "calibration_version" not in values:
        raise BadInput(f"{path} is no calibration file: expected JSON with calibration_version; {_AGAIN}")
    return values


def _hash(values: dict[str, Any]) -> str:
    """Return the SHA-256 of values as JSON: keys in order, nothing between; so that a file's layout does not matter."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"expected a date such as 2026-11-21T16:30:00+00:00, found {text!r}; {_AGAIN}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
