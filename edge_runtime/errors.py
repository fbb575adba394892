"""The errors that a person can cause or mend; the command line turns each into one line and an exit code."""

from __future__ import annotations

EXIT_DONE = 0
EXIT_CHECK_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_DEVICE_FAILED = 3


class CancerNetError(Exception):
    """Base of this family. The message says what was expected, what was found, what to do."""

    exit_code = EXIT_BAD_INPUT


class BadInput(CancerNetError, ValueError):
    """An option, path or value that a person gave cannot be used."""


class UnknownScale(BadInput):
    """A source does not say how many µm one of its pixels covers."""


class ScaleOutOfRange(BadInput):
    """A scale is not a positive number, or does not suit the model."""


class UnreadablePicture(BadInput):
    """A file is not a picture that we can decode to 8-bit RGB."""


class BadModelFile(BadInput):
    """A model file is damaged, foreign, or not what its contract says."""


class MissingDependency(CancerNetError, ImportError):
    """An optional package is not installed; the message names what to install."""


class CheckFailed(CancerNetError, AssertionError):
    """A check ran and its verdict is no: self-test, parity."""

    exit_code = EXIT_CHECK_FAILED


class CameraFailed(CancerNetError, OSError):
    """A camera was lost, or gave no frame; `reason` is the code that a LostFrame carries for it."""

    exit_code = EXIT_DEVICE_FAILED
    reason = "camera_failed"


class CameraLost(CameraFailed):
    """The device is not there, or went away: unplugged, without power, its stream ended."""

    reason = "camera_lost"


class CameraBusy(CameraFailed):
    """Another program, or an earlier call that never came back, holds the device."""

    reason = "camera_busy"


class CameraHung(CameraFailed):
    """The driver did not come back within its time."""

    reason = "camera_hung"


class BadPicture(CameraFailed):
    """The device gave a frame, but none that its sensor can have taken just now."""


class BlackPicture(BadPicture):
    """No pixel of it is brighter than a sensor's black level."""

    reason = "black_picture"


class FrozenPicture(BadPicture):
    """It is the one before, bit for bit; a live sensor's noise never repeats."""

    reason = "frozen_picture"


class GarbledPicture(BadPicture):
    """It has another shape or type than a picture, could not be decoded, or breaks off."""

    reason = "garbled_picture"


class ResizedPicture(BadPicture):
    """It has another size than the first one, so its scale is not known."""

    reason = "resized_picture"
