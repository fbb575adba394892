"""What stands behind `cancernet serve`: the page first, then the camera; frames go on until one asks to stop."""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys

import cv2

from edge_runtime.alarms import Standing
from edge_runtime.errors import EXIT_DONE
from edge_runtime.opening import chosen_gates, open_network
from edge_runtime.results import FrameResult
from edge_runtime.run_job import in_words, tell_alarms, watcher_of
from edge_runtime.scale import check_um_per_px
from edge_runtime.service.heart import Heart
from edge_runtime.service.notify import notifier_of
from edge_runtime.session.options import check_session_options
from edge_runtime.stopping import stopped_by_signals

from .engine import Engine
from .kept_calibration import kept_calibration
from .mqtt_options import mqtt_of
from .parts import Parts
from .server import Server
from .server_options import settings_of

log = logging.getLogger(__name__)

SWITCH_S = 0.001
"""A thread that wants the interpreter waits so long for another one at most (Python: 5 ms): the frames' thread wants it
some hundred times a second, while the page's answers dozens of phones at once."""


def serve_job(args: argparse.Namespace) -> int:
    """Serve the page of an instrument until a signal ends it."""
    _check(args)
    settings, broker = settings_of(args), mqtt_of(args)
    cv2.setNumThreads(args.threads)
    sys.setswitchinterval(SWITCH_S)
    model, network = open_network(args)
    parts = Parts(args, model, network, chosen_gates(args, model.contract), kept_calibration(args))
    with contextlib.ExitStack() as stack:
        stop = stack.enter_context(stopped_by_signals())
        engine = stack.enter_context(Engine(parts, stop))
        server = stack.enter_context(Server(engine, settings))
        log.info("the page is at %s", server.url)
        if broker is not None:
            from .mqtt import Publisher

            stack.enter_context(Publisher(engine, broker))
        heart = stack.enter_context(Heart(notifier_of(), is_live=False))
        engine.work(heart, watcher_of(args.heat), Follower().follow)
    log.info("%s", in_words(engine.tally.summary()))
    return EXIT_DONE


def _check(args: argparse.Namespace) -> None:
    """Raise BadInput where options cannot be used together; before anything opens."""
    if args.um_per_px is not None:
        check_um_per_px(args.um_per_px)
    check_session_options(args, "record")


class Follower:
    """Writes into the log what changes from frame to frame, and nothing that stays."""

    def __init__(self) -> None:
        """Begin with nothing wrong."""
        self._standing = Standing()
        self._reason: str | None = None

    def follow(self, result: FrameResult) -> None:
        """Take the next result."""
        if result.reason != self._reason:
            if result.reason is None:
                log.info("from frame %d: frames are judged", result.index)
            else:
                log.warning("from frame %d: %s: %s", result.index, result.reason, result.message)
            self._reason = result.reason
        tell_alarms(self._standing, result)
