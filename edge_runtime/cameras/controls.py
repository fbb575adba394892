"""What can be set of a camera: exposure, gain, white balance; read, set, and locked so that no automatic moves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from edge_runtime.cameras.options import read_pair, read_positive

EXPOSURE_US, GAIN, RED_BLUE, TEMPERATURE_K = "exposure_us", "gain", "red_blue", "white_balance_k"
_VALUES = (EXPOSURE_US, GAIN, RED_BLUE, TEMPERATURE_K)


@dataclass(frozen=True)
class Settings:
    """What a camera works with. None: it has no such control, does not tell, or is not asked to change it."""

    exposure_us: float | None = None
    """Time that a frame gathers light, µs."""
    gain: float | None = None
    """Analogue gain: as a factor (Pi), or in the driver's own units (USB)."""
    red_blue: tuple[float, float] | None = None
    """White balance as gains of red and blue over green (Pi)."""
    white_balance_k: float | None = None
    """White balance as a colour temperature, K (USB)."""
    locked: bool = False
    """True when no automatic changes any of these."""

    @property
    def says_something(self) -> bool:
        """Whether there is anything in it to set."""
        return any(getattr(self, name) is not None for name in _VALUES)

    def changed_by(self, other: Settings) -> Settings:
        """Return these, with what the other says in their place; locked once is locked."""
        given = {name: value for name in _VALUES if (value := getattr(other, name)) is not None}
        return replace(self, **given, locked=self.locked or other.locked)


class Controls(Protocol):
    """The controls of one camera."""

    def read(self) -> Settings:
        """Return what the camera works with now, as it tells."""

    def set(self, wanted: Settings) -> Settings:
        """Set what is not None, with its automatic off, and return what the camera then tells; compare the two."""

    def lock(self) -> Settings:
        """Stop every automatic at its present value, and return the values; after calibration they stay."""


class NoControls:
    """The controls of a source that has none: files, and drawn slides."""

    def read(self) -> Settings:
        """Return what never changes, hence is locked."""
        return Settings(locked=True)

    def set(self, wanted: Settings) -> Settings:
        """Set nothing; the answer says so."""
        return self.read()

    def lock(self) -> Settings:
        """Do nothing."""
        return self.read()


def read_settings(options: Mapping[str, str]) -> Settings:
    """Return the settings among a source's options."""
    return Settings(
        read_positive(options, EXPOSURE_US, 2000.0),
        read_positive(options, GAIN, 1.0),
        read_pair(options, RED_BLUE, (2.0, 1.6)),
        read_positive(options, TEMPERATURE_K, 5000.0),
    )


def differences(wanted: Settings, taken: Settings, tolerance: float = 0.05) -> list[str]:
    """Return a sentence for each value that was wanted and is not what the camera tells, but for a rounding."""
    said = []
    for name in _VALUES:
        asked, found = getattr(wanted, name), getattr(taken, name)
        if asked is None:
            continue
        if found is None:
            said.append(f"{name}: wanted {asked}, this camera has no such control")
        elif not _close(asked, found, tolerance):
            said.append(f"{name}: wanted {asked}, the camera took {found}")
    return said


def _close(asked: float | tuple[float, float], found: float | tuple[float, float], tolerance: float) -> bool:
    ones, others = (value if isinstance(value, tuple) else (value,) for value in (asked, found))
    return all(abs(one - other) <= tolerance * max(one, 1e-9) for one, other in zip(ones, others, strict=True))
