"""What stands behind `cancernet run`: open camera, pipeline and sinks, hand them on, close them, sum up."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2

from .alarms import Standing
from .atomic import write_text
from .board import Board
from .cameras.registry import open_camera
from .errors import EXIT_BAD_INPUT, EXIT_DONE, CancerNetError
from .heat import HeatPlan
from .opening import SUMMARY, chosen_gates, open_network, open_sinks
from .results import FrameResult
from .run import Watcher, run
from .scale import check_um_per_px
from .service.heart import Heart
from .service.notify import notifier_of
from .session.options import check_session_options
from .setting_up import chosen_calibration, pipeline_over, warn
from .tally import ASKED, Tally

if TYPE_CHECKING:
    from .session.recorder import Recorder

log = logging.getLogger(__name__)


def run_job(args: argparse.Namespace, now: datetime | None = None) -> int:
    """Run a source to its end; exit code 2 when not one frame could be judged, unless somebody ended it before."""
    um_per_px = None if args.um_per_px is None else check_um_per_px(args.um_per_px)
    check_session_options(args)
    calibration, doubts = chosen_calibration(args, now or datetime.now(timezone.utc))
    if calibration is not None:
        um_per_px = calibration.um_per_px
    cv2.setNumThreads(args.threads)
    with contextlib.ExitStack() as stack:
        model, network = open_network(args)
        contract = model.contract
        gates = chosen_gates(args, contract)
        camera = stack.enter_context(contextlib.closing(open_camera(args.source, um_per_px, contract.um_per_px)))
        pipeline, looks, found = pipeline_over(camera, model, network, gates, calibration, args)
        doubts += found
        tally = Tally(contract, args.source, None if calibration is None else calibration.sha256, doubts)
        session = None
        if args.session is not None:
            from .session.at_work import open_session  # SQLite loads only where it is needed

            session = open_session(args, pipeline, model, network, gates, calibration, looks)
            stack.enter_context(contextlib.closing(session))
        sinks = [*([] if session is None else [session]), *open_sinks(args, stack, contract)]
        warn(doubts)
        try:
            follow, watcher = _follower(args, stack), watcher_of(args.heat)
            heart = Heart(notifier_of(), getattr(camera, "live", False))
            told = tuple if session is None else session.standing_alarms
            run(camera, pipeline, sinks, tally, args.frames, follow, watcher, args.ahead, heart=heart, alarms=told)
        except (CancerNetError, OSError) as error:
            tally.ended_by = getattr(error, "reason", "error")
            _write_summary(tally, args.out, session)  # what came before is not lost
            raise
        summary = _write_summary(tally, args.out, session)
    log.info("%s", in_words(summary))
    if tally.anything_judged:
        return EXIT_DONE
    log.error("nothing could be judged: %s", summary["reasons"] or "the source gave no frame")
    return EXIT_DONE if tally.ended_by == ASKED else EXIT_BAD_INPUT


def _follower(args: argparse.Namespace, stack: contextlib.ExitStack) -> Callable[[FrameResult], None]:
    """Return what tells a person of each frame that could not be judged, and of alarms as they begin and end."""
    count, standing = _progress(args, stack), Standing()

    def follow(result: FrameResult) -> None:
        count()
        if result.reason is not None:
            log.warning("frame %d: %s: %s", result.index, result.reason, result.message)
        tell_alarms(standing, result)

    return follow


def tell_alarms(standing: Standing, result: FrameResult) -> None:
    """Say which alarms begin with a frame, and which are over."""
    begun, ended = standing.update(result.alarms)
    for alarm in begun:
        log.warning("from frame %d: %s: %s", result.index, alarm.reason, alarm.message)
    for reason in ended:
        log.info("from frame %d: %s is over", result.index, reason)


def _progress(args: argparse.Namespace, stack: contextlib.ExitStack) -> Callable[[], object]:
    """Return what counts a frame on a bar, where a person watches."""
    if not sys.stderr.isatty():
        return lambda: None
    from tqdm import tqdm  # a tenth of the time to the first result

    bar = stack.enter_context(tqdm(desc=args.source, unit="frame", total=args.frames))
    return lambda: bar.update()


def watcher_of(heat: str) -> Watcher:
    """Return what watches the board: `auto` slows down small Arm boards, which have no fan; PCs cool themselves."""
    board = Board()
    follows_plan = not board.cools_by_itself if heat == "auto" else heat == "on"
    return Watcher(board, HeatPlan() if follows_plan else None)


def _write_summary(tally: Tally, out: Path | None, session: Recorder | None) -> dict[str, Any]:
    summary = tally.summary()
    if session is not None:
        session.end(tally.ended_by)
        session.close()
        summary["session"] = session.summary()
    if out:
        write_text(out / SUMMARY, json.dumps(summary, indent=2) + "\n")
    return summary


def in_words(summary: dict[str, Any]) -> str:
    """Return the sums of a run as a person reads them."""
    alarms = {reason: counts["frames"] for reason, counts in summary["alarms"].items()}
    session = summary.get("session")
    recorded = f"{session['frames_recorded']} recorded in {session['folder']}; " if session else ""
    return (
        f"{summary['frames']} frames, {summary['tiles_judged']} tiles judged {summary['labels']}, not judged "
        f"{summary['reasons']}; " + (f"frames under alarm {alarms}; " if alarms else "") + recorded + "operating point "
        f"{summary['operating_point']}; peak memory {summary['peak_memory_mb']} MB; {summary['note']}"
    )
