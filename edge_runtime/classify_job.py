"""What stands behind `cancernet classify`: files in, a CSV row a tile out."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import logging
import sys
from collections import Counter

from tqdm import tqdm

from .classify import Row, classify
from .errors import EXIT_BAD_INPUT, EXIT_DONE
from .gates import LOOKED_AT, Gatekeeper
from .listing import find_files
from .opening import chosen_gates, open_judge, text_target
from .scale import check_um_per_px

log = logging.getLogger(__name__)


def classify_job(args: argparse.Namespace) -> int:
    """Write a CSV row a tile; exit code 2 when nothing could be judged."""
    um_per_px = None if args.um_per_px is None else check_um_per_px(args.um_per_px)
    files = find_files(args.paths)
    judge = open_judge(args)
    keeper = Gatekeeper(chosen_gates(args, judge.contract))
    reasons: Counter[str] = Counter()
    judged = 0
    with text_target(args.out) as target, tqdm(total=len(files), unit="file", disable=not sys.stderr.isatty()) as bar:
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(field.name for field in dataclasses.fields(Row))
        for rows in classify(files, judge, keeper, um_per_px):
            writer.writerows(_cells(row) for row in rows)
            target.flush()  # whole rows: what is written stays valid whatever comes next
            reasons.update(row.reason for row in rows if row.reason)
            judged += sum(row.probability is not None for row in rows)
            bar.update(len({row.path for row in rows}))
    looked_at = judged + sum(reasons[reason] for reason in LOOKED_AT)
    log.info(
        "%d tiles judged with %s %s at %s, mode %s, not judged %s; research use only, not a diagnosis",
        judged,
        judge.contract.name,
        judge.contract.version,
        judge.operating_point,
        judge.mode,
        dict(sorted(reasons.items())),
    )
    if looked_at:
        return EXIT_DONE
    log.error("nothing could be judged: every file has a reason, see the lines above")
    return EXIT_BAD_INPUT


def _cells(row: Row) -> tuple[object, ...]:
    probability = "" if row.probability is None else f"{row.probability:.6f}"
    return row.path, row.patient_id, _cell(row.x), _cell(row.y), probability, row.label, row.reason


def _cell(value: int | None) -> object:
    return "" if value is None else value
