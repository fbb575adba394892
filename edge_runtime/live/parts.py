"""What a served instrument is made of: opened once, and the same as long as it runs."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from edge_runtime.gates import Gates
from edge_runtime.model_file import ModelFile
from edge_runtime.network import Network

from .kept_calibration import KeptCalibration


@dataclass(frozen=True)
class Parts:
    """The parts that do not change."""

    args: argparse.Namespace
    """What a person asked for: the options of `cancernet serve`."""
    model: ModelFile
    """Which model judges."""
    network: Network
    """It, at work."""
    gates: Gates
    """What tiles may be judged."""
    kept: KeptCalibration
    """Where the calibration is."""
