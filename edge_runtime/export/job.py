"""What stands behind `cancernet export`: a session as files for others, each whole or not there."""

from __future__ import annotations

import argparse
import functools
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from edge_runtime.atomic import whole_file
from edge_runtime.errors import EXIT_BAD_INPUT, EXIT_DONE, BadInput, CancerNetError
from edge_runtime.session.reading import Session, read_session

from .extras import check_extra
from .kinds import CSV, FILES, GEOJSON, HEAT, JSONL, MOSAIC, PAPERS, PDF, PREVIEW, REPORT, WHAT
from .lines import write_lines
from .placing import Placed, place
from .table import write_table

log = logging.getLogger(__name__)


def export_job(args: argparse.Namespace) -> int:
    """Write what a person asked for into --out, or all that can be; exit code 2 when nothing could."""
    asked = WHAT[:-1] if args.what is None else args.what
    wanted = [kind for name in asked for kind in ((MOSAIC, HEAT, PREVIEW) if name == MOSAIC else (name,))]
    _claim(args.out, wanted, args.overwrite)
    done = 0
    with read_session(args.session) as session:
        export = Export(session, args.out, args.resolution, args.paper)
        for kind in wanted:
            try:
                log.info("%s", export.write(kind))
                done += 1
            except CancerNetError as error:
                if args.what is not None:
                    raise
                log.warning("left out %s: %s", FILES[kind], error)
        for sentence in export.said:
            log.warning("%s", sentence)
    return EXIT_DONE if done else EXIT_BAD_INPUT


def export_session(folder: Path, what: str, out: Path) -> Path:
    """Write one kind of a session into the folder `out`, over an older one, and return its file.

    Raises BadInput where the session or what it holds cannot be used, MissingDependency where a package is missing,
    OSError where the disk fails; then nothing of it is there.
    """
    if what not in FILES:
        raise BadInput(f"expected one of {', '.join(FILES)}, found {what!r}; choose one of them")
    with read_session(folder) as session:
        return Export(session, out).write(what)


class Export:
    """A session on its way into a folder; where its views lie is found out once."""

    def __init__(self, session: Session, out: Path, um_per_px: float | None = None, paper: str = PAPERS[0]) -> None:
        """Take an open session and the folder; `um_per_px` is that of the mosaic, None the model's."""
        self._session = session
        self._out = out
        self._um_per_px = um_per_px
        self._paper = paper

    @functools.cached_property
    def placed(self) -> Placed:
        """Where the views lie; raises BadInput where there is none."""
        return place(self._session, self._um_per_px)

    @property
    def said(self) -> list[str]:
        """What is to be known of the files that were written."""
        known = self.__dict__.get("placed")
        return [*dict.fromkeys(self._session.warnings), *(() if known is None else known.said)]

    def write(self, kind: str) -> Path:
        """Write one kind; return its file. Raises as `export_session`."""
        check_extra(kind)
        with whole_file(target := self._out / FILES[kind]) as half:
            _WRITERS[kind](self, half)
        return target

    def _table(self, path: Path) -> None:
        with path.open("wb") as file:
            write_table(self._session, file)

    def _lines(self, path: Path) -> None:
        with path.open("wb") as file:
            write_lines(self._session, file)

    def _geojson(self, path: Path) -> None:
        from .geojson import write_geojson

        write_geojson(self._session, self.placed, path)

    def _mosaic(self, path: Path) -> None:
        from .ome import write_mosaic

        write_mosaic(self._session, self.placed, path)

    def _heat(self, path: Path) -> None:
        from .ome import write_heat

        write_heat(self._session, self.placed, path)

    def _preview(self, path: Path) -> None:
        from .preview import write_preview

        write_preview(self._session, self.placed, path)

    def _report(self, path: Path) -> None:
        from .report import write_report

        write_report(self._session, self._placed_or_none(), path)

    def _pdf(self, path: Path) -> None:
        from .report import write_report_pdf

        write_report_pdf(self._session, self._placed_or_none(), path, self._paper)

    def _placed_or_none(self) -> Placed | None:
        try:
            return self.placed
        except BadInput:
            return None


_WRITERS: dict[str, Callable[[Export, Path], None]] = {
    CSV: Export._table,
    JSONL: Export._lines,
    GEOJSON: Export._geojson,
    MOSAIC: Export._mosaic,
    HEAT: Export._heat,
    PREVIEW: Export._preview,
    REPORT: Export._report,
    PDF: Export._pdf,
}


def _claim(folder: Path, kinds: Sequence[str], overwrite: bool) -> None:
    """Make the folder, and refuse one with files of an earlier export unless they may go."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot make the folder {folder}: {error.strerror}; give another --out") from error
    there = [name for kind in kinds if (folder / (name := FILES[kind])).exists()]
    if there and not overwrite:
        raise BadInput(f"{folder} has {', '.join(there)} already; give another --out, or --overwrite")
