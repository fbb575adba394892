"""What stands behind `cancernet replay`: a session's fields judged again, and what changed, tile by tile."""

from __future__ import annotations

import argparse
import json
import logging
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from edge_runtime.errors import EXIT_BAD_INPUT, EXIT_CHECK_FAILED, EXIT_DONE
from edge_runtime.model_file import find_model, open_model
from edge_runtime.network import Network
from edge_runtime.opening import network_of, text_target
from edge_runtime.results import TileResult

from .reading import Session, read_session
from .replay import Again, replay

log = logging.getLogger(__name__)


@dataclass
class Changes:
    """What is said otherwise, counted over tiles."""

    frames: int = 0
    """Judged again."""
    tiles: int = 0
    """Of these."""
    changed: int = 0
    """Tiles of which anything is said otherwise, to the last bit."""
    verdicts: Counter[str] = field(default_factory=Counter)
    """How often a label or reason became another: `idc -> no_idc`."""
    moved: float = 0.0
    """Sum of how far probabilities moved, of tiles that have one then and now."""
    judged: int = 0
    """How many these are."""
    furthest: float = 0.0
    """The largest of these moves."""

    def add(self, again: Again) -> list[dict[str, Any]]:
        """Count a frame; return what is said otherwise of its tiles, as JSON holds it."""
        pairs = [(then.result, now) for then, now in zip(again.stored.tiles, again.result.tiles, strict=True)]
        self.frames += 1
        self.tiles += len(pairs)
        for then, now in pairs:
            if then.probability is not None and now.probability is not None:
                move = abs(now.probability - then.probability)
                self.moved, self.judged, self.furthest = self.moved + move, self.judged + 1, max(self.furthest, move)
            if (words := _verdict(then)) != _verdict(now):
                self.verdicts[f"{words} -> {_verdict(now)}"] += 1
        others = [(then, now) for then, now in pairs if then != now]
        self.changed += len(others)
        return [{"x": now.x, "y": now.y, "then": _said(then), "now": _said(now)} for then, now in others]

    def summary(self) -> dict[str, Any]:
        """Return the counts as JSON holds them."""
        return {
            "frames": self.frames,
            "tiles": self.tiles,
            "tiles_changed": self.changed,
            "verdicts_changed": dict(self.verdicts.most_common()),
            "probability_moved_mean": self.moved / self.judged if self.judged else None,
            "probability_moved_most": self.furthest if self.judged else None,
        }


def replay_job(args: argparse.Namespace) -> int:
    """Print a line of JSON a frame and a last one that sums up.

    Exit code 1 when the session's own model says anything else than it did, 2 when no frame could be judged again.
    """
    with ExitStack() as stack:
        session = stack.enter_context(read_session(args.session))
        model = session.model() if args.model is None else open_model(find_model(args.model))
        network = network_of(model, args)
        out = stack.enter_context(text_target(args.out))
        changes = Changes()
        for again in replay(session, model, network):
            line = {"frame": again.stored.index, "source": again.result.source, "changed": changes.add(again)}
            print(json.dumps(line, ensure_ascii=False), file=out)
        own = model.sha256 == session.info.model_sha256
        summary = {"session": str(session.folder), "model_sha256": model.sha256, "own_model": own, **changes.summary()}
        print(json.dumps({**summary, "left_out": session.warnings}, ensure_ascii=False), file=out)
        for warning in session.warnings:
            log.warning("%s", warning)
        return _verdict_of_replay(session, network, changes, own)


def _verdict_of_replay(session: Session, network: Network, changes: Changes, own: bool) -> int:
    if not changes.frames:
        log.error("no frame could be judged again: expected a session recorded with --keep fields or frames")
        return EXIT_BAD_INPUT
    log.info("%d frames, %d of %d tiles changed", changes.frames, changes.changed, changes.tiles)
    if not own or not changes.changed:
        return EXIT_DONE
    kernels = session.info.settings["kernels"]
    if kernels != network.kernels:
        log.error(
            "the session was judged by kernels %s, this machine has %s: they differ by rounding",
            kernels,
            network.kernels,
        )
    else:
        log.error("expected what was said then, to the bit, found other words: this program judges otherwise")
    return EXIT_CHECK_FAILED


def _verdict(tile: TileResult) -> str | None:
    return tile.reason if tile.label is None else tile.label


def _said(tile: TileResult) -> dict[str, Any]:
    """Return what is said of a tile, numbers whole: what moved may be the last bit."""
    names = ("probability", "label", "reason", "measure", "value")
    return {name: value for name in names if (value := getattr(tile, name)) is not None}
