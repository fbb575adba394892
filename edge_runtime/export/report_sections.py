"""What a report says beside its pictures: what was refused, the operating point, the instrument, the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from edge_runtime.calibration import Calibration
from edge_runtime.calibration.age import doubt
from edge_runtime.contract import CONTEXT, TILE, Contract
from edge_runtime.errors import BadInput
from edge_runtime.session.stored import SessionInfo
from edge_runtime.sinks.overlay import threshold_probability

from .report_found import Survey
from .report_words import DASH, NOT_TISSUE, count, label_words, moment, reason_of, share

Rows = list[tuple[str, str]]
"""(word, value)."""


@dataclass(frozen=True)
class Part:
    """A part of the bar that tells what became of the tiles."""

    words: str
    tiles: int
    share: str
    """Of all tiles."""
    start: float
    """Percent of the bar's width."""
    width: float
    """Likewise."""
    mark: str
    """Its two letters; empty where it was judged."""
    meaning: str
    kind: str
    """positive, negative, refused or nothing: how it is drawn."""


def parts_of(found: Survey, labels: Iterable[str], positive: str | None) -> list[Part]:
    """Return what became of all tiles of a session, judged ones first; none where there was no tile."""
    total = sum(found.labels.values()) + sum(found.reasons.values())
    known = list(dict.fromkeys([*([positive] if positive else []), *labels, *found.labels]))
    rows = [(f"called {label_words(label)}", found.labels[label], "", "", _kind(label, positive)) for label in known]
    order = sorted(found.reasons.items(), key=lambda pair: (pair[0] in NOT_TISSUE, -pair[1]))
    for code, tiles in order:
        reason = reason_of(code)
        rows.append((reason.words, tiles, reason.mark, reason.meaning, "nothing" if code in NOT_TISSUE else "refused"))
    parts, start = [], 0.0
    for words, tiles, mark, meaning, kind in rows:
        width = 100 * tiles / total if total else 0.0
        parts.append(Part(words, tiles, share(tiles, total), round(start, 3), round(width, 3), mark, meaning, kind))
        start += width
    return parts if total else []


def _kind(label: str, positive: str | None) -> str:
    return "positive" if label == positive else "negative"


@dataclass(frozen=True)
class PointRow:
    """An operating point in one mode."""

    words: str
    sensitivity: str
    specificity: str
    threshold: str
    """As a probability."""
    chosen_for: str


def point_rows(contract: Contract, name: str, modes: Iterable[str]) -> list[PointRow]:
    """Return what is known of an operating point, a row a mode that was used; tiles by themselves come last."""
    rows = []
    used = [mode for mode in (CONTEXT, TILE) if mode in modes or (mode == TILE and CONTEXT in modes)]
    for mode in used:
        _, point = contract.operating_point(name, mode)
        words = "a tile among all its neighbours" if mode == CONTEXT else "a tile by itself"
        chance = threshold_probability(contract, name, mode)
        rows.append(
            PointRow(
                words, f"{point.val_sensitivity:.3f}", f"{point.val_specificity:.3f}", f"{chance:.2f}", point.chosen_for
            )
        )
    return rows


def instrument_rows(info: SessionInfo, found: Survey, calibration: Calibration | None) -> Rows:
    """Return what the slide was seen with."""
    scales = " and ".join(f"{each:.4g}" for each in sorted(found.scales)[:3]) or DASH
    settings = info.settings
    rows = [
        ("Camera", info.camera or DASH),
        ("Source", info.source or DASH),
        ("Scale", f"{scales} µm per px of the camera"),
        ("Frames", f"{count(found.frames)}, of {count(found.fields)} fields; {count(found.repeats)} repeat a field"),
        ("Frames left out by the camera or the queue", count(found.dropped)),
        ("Kept pictures", str(settings.get("keep", DASH))),
        ("Looks at a field", str(settings.get("looks") or "one")),
        ("Interpreter", f"{settings.get('interpreter', DASH)} ({settings.get('kernels', DASH)})"),
    ]
    if found.hottest_c is not None:
        rows.append(("Warmest processor", f"{found.hottest_c:.0f} °C"))
    return rows + (_calibration_rows(calibration) if calibration is not None else [])


def _calibration_rows(calibration: Calibration) -> Rows:
    scale, blank, focus = calibration.scale, calibration.blank, calibration.focus
    error = "" if scale.uncertainty is None else f" ± {scale.uncertainty:.2g}"
    rows = [
        ("Calibration", calibration.name or DASH),
        ("Objective", calibration.objective or DASH),
        ("Scale, calibrated", f"{scale.um_per_px:.4g}{error} µm per px, {scale.method}. {scale.how}".strip()),
        ("Blank field", "not measured" if blank is None else f"{moment(blank.made_at)}, evenness {blank.evenness:.2f}"),
        ("Focus", "not measured" if focus is None else f"{moment(focus.made_at)}, sharpness {focus.sharpness:.2f}"),
    ]
    expires = calibration.expires_at
    return [*rows, ("Good until", DASH if expires is None else moment(expires.isoformat()))]


def calibration_warnings(calibration: Calibration | None, began_at: str) -> list[str]:
    """Return what is to be said against the calibration at the time of the session."""
    if calibration is None:
        return ["The instrument was not calibrated: light, focus and scale were taken as they were."]
    said = [] if calibration.blank is None else list(calibration.blank.warnings)
    try:
        found = doubt(calibration.name, calibration.made_at, calibration.valid_days, datetime.fromisoformat(began_at))
    except BadInput as error:
        found = str(error)
    except (TypeError, ValueError):
        found = f"whether the calibration was still good is not known: the session began at {began_at!r}"
    return said if found is None else [found, *said]
