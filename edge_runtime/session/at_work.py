"""The session of `cancernet run --session DIR`: what was left of earlier ones is mended, then a new one begins."""

from __future__ import annotations

import argparse
import dataclasses
import logging
from datetime import datetime, timezone
from pathlib import Path

from edge_runtime.calibration import Calibration
from edge_runtime.gates import Gates
from edge_runtime.model_file import ModelFile
from edge_runtime.network import Network
from edge_runtime.pipeline import Pipeline

from .budget import Budget
from .creating import About, create_session
from .folder import check_label, make_root
from .mending import mend_sessions
from .options import FIELDS
from .recorder import Recorder
from .saving import Mended

log = logging.getLogger(__name__)


def open_session(
    args: argparse.Namespace,
    pipeline: Pipeline,
    model: ModelFile,
    network: Network,
    gates: Gates,
    calibration: Calibration | None,
    looks: int,
) -> Recorder:
    """Mend what was left in --session, and begin another session there.

    Raises BadInput where that folder cannot be used; a disk that fails gives an alarm, and is tried again.
    """
    root: Path = args.session
    try:
        make_root(root)
        tell(*mend_sessions(root, datetime.now(timezone.utc)))
    except OSError as error:
        log.error("session: %s: %s; judging goes on, and recording is tried again", root, error.strerror)
    keep = args.keep or FIELDS
    judge = pipeline.judge_of_tiles
    settings = {
        "operating_point": judge.operating_point,
        "context": judge.mode == "context",
        "gates": dataclasses.asdict(gates),
        "looks": looks,
        "interpreter": network.runtime,
        "kernels": network.kernels,
        "threads": args.threads,
        "keep": keep,
    }
    slide, operator = check_label(args.slide or "", "label"), check_label(args.operator or "", "name")
    mine = None if calibration is None else calibration.camera
    camera = f"{mine.kind}:{mine.name}" if mine else args.camera or ""
    about = About(slide, operator, camera, args.source, settings, model, calibration)
    cap = None if args.storage_gb is None else round(args.storage_gb * 1e9)
    return Recorder(lambda now: create_session(root, about, now), keep, Budget(root, cap))


def tell(mended: list[Mended], troubles: list[str]) -> None:
    """Say what was mended, and what could not be."""
    for each in mended:
        if each.said:
            log.warning("session %s: %s", each.folder.name, "; ".join(each.said))
        elif not each.had_ended:
            log.info("session %s was cut off; it is whole, with %d frames", each.folder.name, each.frames)
    for trouble in troubles:
        log.warning("session %s", trouble)
