"""The words and numbers of a report, as a pathologist reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

from edge_runtime import gates

DASH = "–"
"""What stands where nothing is known."""


@dataclass(frozen=True)
class Reason:
    """A reason for which a tile was not judged, in words."""

    mark: str
    """Two letters, for the picture."""
    words: str
    """What it is."""
    meaning: str
    """What that means, or what would help."""


REASONS = {
    gates.NO_TISSUE: Reason("GL", "glass", "no tissue to be judged"),
    gates.NO_DATA: Reason("ND", "no data", "a hole in the picture of the slide"),
    gates.OUT_OF_FOCUS: Reason("OF", "out of focus", "focus, and take the field again"),
    gates.PEN_OR_DIRT: Reason("PD", "pen or dirt", "ink, dust, a fold or another thing that hides the tissue"),
    gates.TOO_DARK: Reason("DK", "too dark", "raise the lamp, or open the condenser"),
    gates.SATURATED: Reason("SA", "saturated", "so bright that colours are clipped: lower the lamp or the exposure"),
    gates.FOREIGN_STAIN: Reason("FS", "foreign stain", "coloured as no slide that the model was trained on"),
    gates.MOVING: Reason("MO", "moving", "smeared by the moving stage: let it stand still"),
    gates.EDGE: Reason("ED", "edge", "less than a whole tile"),
    gates.BAD_SCALE: Reason("SC", "unusable scale", "a pixel covers too much or too little tissue"),
    gates.UNKNOWN_SCALE: Reason("SC", "unknown scale", "nobody said how much tissue a pixel covers"),
    gates.UNREADABLE: Reason("UR", "unreadable", "the picture could not be decoded"),
    "camera_failed": Reason("CA", "camera failed", "the camera gave no frame"),
    "camera_lost": Reason("CA", "camera lost", "it was unplugged, or lost its power"),
    "camera_busy": Reason("CA", "camera busy", "another program held it"),
    "camera_hung": Reason("CA", "camera hung", "its driver did not answer in time"),
    "black_picture": Reason("BL", "black picture", "no light reached the sensor"),
    "frozen_picture": Reason("FR", "frozen picture", "the camera repeated its last picture"),
    "garbled_picture": Reason("GA", "garbled picture", "the picture broke off, or could not be decoded"),
    "resized_picture": Reason("RS", "resized picture", "it had another size, so that its scale is not known"),
}
NOT_TISSUE = (gates.NO_TISSUE, gates.NO_DATA)
"""Reasons that say that there is no tissue; the others count as tissue that was not judged."""

_ENDED = {
    "source_ended": "the source ended",
    "frames_done": "the wanted number of frames was reached",
    "asked": "somebody ended it",
    "power": "the power went",
    "interrupted": "it was interrupted",
}


def reason_of(code: str) -> Reason:
    """Return a reason in words; one of a newer version speaks for itself."""
    return REASONS.get(code) or Reason(code[:2].upper(), plain(code), "")


def plain(code: str) -> str:
    """Return a code as words: `storage_failed` is storage failed."""
    return code.replace("_", " ")


def label_words(label: str) -> str:
    """Return a label as a person reads it: `no_idc` is no IDC."""
    return " ".join("IDC" if word == "idc" else word for word in label.split("_"))


def ended_words(code: str | None) -> str:
    """Return what ended a session, in words."""
    return "not ended: it goes on, or was cut off" if code is None else _ENDED.get(code, plain(code))


def probability(value: float | None) -> str:
    """Return a probability with two decimals, never as a certainty."""
    if value is None:
        return DASH
    return "<0.01" if value < 0.005 else ">0.99" if value >= 0.995 else f"{value:.2f}"


def count(value: int) -> str:
    """Return a whole number with its thousands apart."""
    return f"{value:,}"


def counted(value: int, one: str, many: str = "") -> str:
    """Return a number with its noun: 1 tile, 2 tiles."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def share(part: int, whole: int) -> str:
    """Return a share as a percentage; nothing is 100 % that is not whole."""
    if not whole:
        return DASH
    percent = 100 * part / whole
    if part != whole and percent > 99.9:
        return ">99.9 %"
    if part and percent < 0.1:
        return "<0.1 %"
    return f"{percent:.1f} %" if part != whole else "100 %"


def length(um: float) -> str:
    """Return a length: µm below a millimetre, else mm."""
    return f"{um:.0f} µm" if abs(um) < 1000 else f"{um / 1000:.2f} mm"


def area(um2: float) -> str:
    """Return an area, mm²."""
    return f"{um2 / 1e6:.2f} mm²"


def place(xy_um: tuple[float, float]) -> str:
    """Return a place on the slide, mm from the left and the top."""
    return f"x {xy_um[0] / 1000:.2f} mm, y {xy_um[1] / 1000:.2f} mm"


def moment(text: str | None) -> str:
    """Return a time, ISO 8601, as a person reads it, in UTC; one that is none, as it is."""
    if not text:
        return DASH
    try:
        return f"{datetime.fromisoformat(text).astimezone(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
    except ValueError:
        return text


def duration(begin: str | None, end: str | None) -> str:
    """Return the time between two moments, ISO 8601; a dash where one is not known."""
    try:
        seconds = round((datetime.fromisoformat(end or "") - datetime.fromisoformat(begin or "")).total_seconds())
    except (ValueError, TypeError):
        return DASH
    if seconds < 0:
        return DASH
    hours, rest = divmod(seconds, 3600)
    parts = [(hours, "h"), (rest // 60, "min"), (rest % 60, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
