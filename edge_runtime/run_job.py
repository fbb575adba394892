"""What stands behind `cancernet run`: open camera, pipeline and sinks, hand them on, close them, sum up."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import cv2

from .atomic import write_text
from .board import Board
from .calibration import read_calibration
from .cameras.registry import open_camera
from .errors import EXIT_BAD_INPUT, EXIT_DONE, BadInput, CancerNetError
from .heat import HeatPlan
from .opening import open_pipeline
from .pipeline import Pipeline
from .records import FrameResult
from .run import Watcher, run
from .scale import check_um_per_px
from .sinks import Sink
from .sinks.registry import open_sink
from .tally import Tally

log = logging.getLogger(__name__)

FRAMES, OVERLAYS, SUMMARY = "frames.jsonl", "overlays", "summary.json"


def run_job(args: argparse.Namespace) -> int:
    """Run a source to its end; exit code 2 when not one frame could be judged."""
    um_per_px = None if args.um_per_px is None else check_um_per_px(args.um_per_px)
    if args.calibration:
        um_per_px = read_calibration(args.calibration).um_per_px
    cv2.setNumThreads(args.threads)
    with contextlib.ExitStack() as stack:
        camera = stack.enter_context(contextlib.closing(open_camera(args.source, um_per_px)))
        pipeline = open_pipeline(args, args.looks if getattr(camera, "one_stage", False) else 0)
        tally = Tally(pipeline.contract, args.source)
        sinks = list(_open_sinks(args, stack, pipeline))
        count = _progress(args, stack)

        def follow(result: FrameResult) -> None:
            count()
            if result.reason is not None:
                log.warning("frame %d: %s: %s", result.index, result.reason, result.message)

        try:
            run(camera, pipeline, sinks, tally, args.frames, follow, _watcher(args.heat), args.ahead)
        except (CancerNetError, OSError) as error:
            tally.ended_by = getattr(error, "reason", "error")
            _write_summary(tally, args.out)  # what came before is not lost
            raise
    summary = _write_summary(tally, args.out)
    log.info("%s", _in_words(summary))
    if tally.anything_judged:
        return EXIT_DONE
    log.error("nothing could be judged: %s", summary["reasons"] or "the source gave no frame")
    return EXIT_BAD_INPUT


def _progress(args: argparse.Namespace, stack: contextlib.ExitStack) -> Callable[[], object]:
    """Return what counts a frame on a bar, where a person watches."""
    if not sys.stderr.isatty():
        return lambda: None
    from tqdm import tqdm  # a tenth of the time to the first result

    bar = stack.enter_context(tqdm(desc=args.source, unit="frame", total=args.frames))
    return lambda: bar.update()


def _watcher(heat: str) -> Watcher:
    """Return what watches the board: `auto` slows down small Arm boards, which have no fan; PCs cool themselves."""
    board = Board()
    follows_plan = not board.cools_by_itself if heat == "auto" else heat == "on"
    return Watcher(board, HeatPlan() if follows_plan else None)


def _write_summary(tally: Tally, out: Path | None) -> dict[str, Any]:
    summary = tally.summary()
    if out:
        write_text(out / SUMMARY, json.dumps(summary, indent=2) + "\n")
    return summary


def _open_sinks(args: argparse.Namespace, stack: contextlib.ExitStack, pipeline: Pipeline) -> Iterator[Sink]:
    """Open the records in --out; the lines go to standard output too, unless a person looks at that."""
    chosen: list[tuple[str, Path | TextIO]] = []
    if args.out:
        _claim(args.out, args.overwrite)
        chosen.append(("jsonl", args.out / FRAMES))
        if not args.no_overlay:
            chosen.append(("overlay", args.out / OVERLAYS))
    if not (args.out and sys.stdout.isatty()):
        chosen.append(("jsonl", sys.stdout))
    for kind, target in chosen:
        yield stack.enter_context(contextlib.closing(open_sink(kind, target, pipeline.contract)))


def _claim(folder: Path, overwrite: bool) -> None:
    """Make the folder, and refuse one with an earlier run's records unless they may go."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot make the folder {folder}: {error.strerror}; give another --out") from error
    if (folder / FRAMES).exists():
        if not overwrite:
            raise BadInput(f"{folder} holds an earlier run's {FRAMES}; give another --out, or --overwrite")
        for old in ((folder / FRAMES), (folder / SUMMARY), *sorted((folder / OVERLAYS).glob("frame_*.png"))):
            old.unlink(missing_ok=True)


def _in_words(summary: dict[str, object]) -> str:
    labels, reasons = summary["labels"], summary["reasons"]
    return (
        f"{summary['frames']} frames, {summary['tiles_judged']} tiles judged {labels}, not judged {reasons}; "
        f"operating point {summary['operating_point']}; peak memory {summary['peak_memory_mb']} MB; {summary['note']}"
    )
