"""What stands behind `cancernet run`: open camera, pipeline and sinks, hand them on, close them, sum up."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from .atomic import write_text
from .calibration import read_calibration
from .cameras.registry import open_camera
from .errors import EXIT_BAD_INPUT, EXIT_DONE, BadInput
from .opening import open_pipeline
from .pipeline import Pipeline
from .records import FrameResult
from .run import run
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
    watched = sys.stderr.isatty()
    with contextlib.ExitStack() as stack:
        camera = stack.enter_context(contextlib.closing(open_camera(args.source, um_per_px)))
        pipeline = open_pipeline(args)
        tally = Tally(pipeline.contract, args.source)
        sinks = list(_open_sinks(args, stack, pipeline))
        bar = stack.enter_context(tqdm(desc=args.source, unit="frame", disable=not watched, total=args.frames))

        def follow(result: FrameResult) -> None:
            bar.update()
            if result.reason is not None:
                log.warning("frame %d: %s: %s", result.index, result.reason, result.message)

        run(camera, pipeline, sinks, tally, args.frames, follow)
    summary = tally.summary()
    if args.out:
        write_text(args.out / SUMMARY, json.dumps(summary, indent=2) + "\n")
    log.info("%s", _in_words(summary))
    if tally.anything_judged:
        return EXIT_DONE
    log.error("nothing could be judged: %s", summary["reasons"] or "the source gave no frame")
    return EXIT_BAD_INPUT


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
