"""What stands behind `cancernet run` and `cancernet classify`: open the parts, hand them on, close them."""

from __future__ import annotations

import argparse
import contextlib
import csv
import dataclasses
import json
import logging
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from .atomic import write_text
from .calibration import read_calibration
from .cameras.registry import open_camera
from .classify import Row, classify, find_files
from .errors import EXIT_BAD_INPUT, EXIT_DONE, BadInput
from .gates import NO_DATA, NO_TISSUE
from .model_file import find_model, open_model
from .network import Network
from .pipeline import Pipeline
from .run import run
from .scale import check_um_per_px
from .selftest import require_selftest
from .sinks import Sink
from .sinks.registry import open_sink
from .tally import Tally

log = logging.getLogger(__name__)

FRAMES, OVERLAYS, SUMMARY = "frames.jsonl", "overlays", "summary.json"


def open_pipeline(args: argparse.Namespace) -> Pipeline:
    """Open and self-test the model that a person chose; one that fails does not serve."""
    model = open_model(find_model(args.model))
    if model.contract.graph_dtype != "int8":
        raise BadInput(
            f"{model.name}: expected an int8 model, found {model.contract.graph_dtype}: a reference for parity only"
        )
    network = Network(model, args.interpreter, args.threads)
    require_selftest(model, network)
    return Pipeline(model, network, args.operating_point, args.gates == "on")


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
        run(camera, pipeline, sinks, tally, args.frames, lambda result: bar.update())
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


def classify_job(args: argparse.Namespace) -> int:
    """Write a CSV row a tile; exit code 2 when nothing could be judged."""
    um_per_px = None if args.um_per_px is None else check_um_per_px(args.um_per_px)
    files = find_files(args.paths)
    pipeline = open_pipeline(args)
    reasons: Counter[str] = Counter()
    judged = looked_at = 0
    with _csv_target(args.out) as target, tqdm(total=len(files), unit="file", disable=not sys.stderr.isatty()) as bar:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(field.name for field in dataclasses.fields(Row))
        for rows in classify(files, pipeline, um_per_px):
            writer.writerows(_cells(row) for row in rows)
            target.flush()  # whole rows: what is written stays valid whatever comes next
            reasons.update(row.reason for row in rows if row.reason)
            judged += sum(row.probability is not None for row in rows)
            bar.update(len({row.path for row in rows}))
    looked_at = judged + reasons[NO_TISSUE] + reasons[NO_DATA]
    log.info(
        "%d tiles judged with %s %s at %s, not judged %s; research use only, not a diagnosis",
        judged,
        pipeline.contract.name,
        pipeline.contract.version,
        pipeline.operating_point,
        dict(sorted(reasons.items())),
    )
    if looked_at:
        return EXIT_DONE
    log.error("nothing could be judged: every file has a reason, see the lines above")
    return EXIT_BAD_INPUT


@contextlib.contextmanager
def _csv_target(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        yield sys.stdout
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}; give another --out") from error
    with handle:
        yield handle


def _cells(row: Row) -> tuple[object, ...]:
    probability = "" if row.probability is None else f"{row.probability:.6f}"
    return row.path, row.patient_id, _cell(row.x), _cell(row.y), probability, row.label, row.reason


def _cell(value: int | None) -> object:
    return "" if value is None else value
