"""Open what a person chose on a command line: the model, self-tested; its gates; the records of a run."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from .contract import Contract
from .errors import BadInput
from .gates import Gates, choose, gates_of
from .judging import TileJudge
from .model_file import ModelFile, find_model, open_model
from .network import Network
from .selftest import require_selftest
from .sinks import Sink
from .sinks.registry import open_sink

FRAMES, OVERLAYS, SUMMARY = "frames.jsonl", "overlays", "summary.json"
"""Names of a run's records in its folder."""


def open_network(args: argparse.Namespace) -> tuple[ModelFile, Network]:
    """Open and self-test the model that a person chose; one that fails does not serve."""
    model = open_model(find_model(args.model))
    return model, network_of(model, args)


def network_of(model: ModelFile, args: argparse.Namespace) -> Network:
    """Return the self-tested network of an open model; refuses one that is not for a device."""
    if model.contract.graph_dtype != "int8":
        raise BadInput(
            f"{model.name}: expected an int8 model, found {model.contract.graph_dtype}: a reference for parity only"
        )
    network = Network(model, args.interpreter, args.threads)
    require_selftest(model, network)
    return network


def open_judge(args: argparse.Namespace) -> TileJudge:
    """Open what judges tiles: the model, at the operating point and in the mode that a person chose."""
    return TileJudge(*open_network(args), args.operating_point, args.context == "auto")


def chosen_gates(args: argparse.Namespace, contract: Contract) -> Gates:
    """Return the gates of a model as a person wants them."""
    return choose(gates_of(contract), args.gates, args.gate)


@contextlib.contextmanager
def text_target(path: Path | None) -> Iterator[TextIO]:
    """Give a file to write UTF-8 to, or standard output for None; raises BadInput where the file cannot be made."""
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


def open_sinks(args: argparse.Namespace, stack: contextlib.ExitStack, contract: Contract) -> Iterator[Sink]:
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
        yield stack.enter_context(contextlib.closing(open_sink(kind, target, contract)))


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
