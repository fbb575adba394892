"""Read a session: `read_session` opens one, also while it is being written, and gives it frame by frame."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from edge_runtime.calibration import Calibration
from edge_runtime.errors import BadInput, UnreadablePicture
from edge_runtime.from_json import from_json
from edge_runtime.model_file import ModelFile, verify

from .folder import find_database
from .picture_file import read_picture_bytes
from .restoring import SELECT_FRAMES, StoredRows
from .schema import check_version, open_for_reading, quoted
from .stored import SessionInfo, StoredFrame

_BATCH = 64


@dataclass
class Session:
    """An open session; a context manager. `warnings` grows as frames are read that are not as they were written."""

    folder: Path
    """Where it lies."""
    info: SessionInfo
    """What is known of it."""
    connection: sqlite3.Connection
    """Read only."""
    warnings: list[str] = field(default_factory=list)
    """What was left out, in sentences."""

    def __post_init__(self) -> None:
        self._rows = StoredRows(self.connection)

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the database go."""
        self.connection.close()

    def __len__(self) -> int:
        """Return how many frames were recorded so far."""
        with _told(self.folder):
            return int(self.connection.execute("SELECT count(*) FROM frames").fetchone()[0])

    def frames(self, after: int = -1) -> Iterator[StoredFrame]:
        """Yield each frame behind the number `after`, in order.

        One that changed on the disk is left out, with a warning. Raises BadInput where the database itself is damaged;
        `cancernet sessions --mend` saves what can be read.
        """
        query = f"{SELECT_FRAMES} WHERE frame > ? ORDER BY frame LIMIT ?"
        while True:
            with _told(self.folder):
                rows = self.connection.execute(query, (after, _BATCH)).fetchall()
            for row in rows:
                with _told(self.folder):
                    found = self._rows.restore(row)
                if found is not None:
                    yield found
                else:
                    self.warnings.append(f"frame {row[0]}: it is not what was written, and is left out")
            if len(rows) < _BATCH:
                return
            after = rows[-1][0]

    def picture(self, frame: StoredFrame, kind: str) -> bytes | None:
        """Return a frame's picture as it is encoded; None where it was not kept, was removed, or is damaged."""
        found = frame.pictures.get(kind)
        return None if found is None else read_picture_bytes(self.folder, found.place, found.size, found.sha256)

    def model(self) -> ModelFile:
        """Return the model that judged; raises BadInput where it is not there or damaged."""
        with _told(self.folder):
            query = "SELECT name, content FROM models WHERE sha256 = ?"
            row = self.connection.execute(query, (self.info.model_sha256,)).fetchone()
        if row is None:
            raise BadInput(f"{self.folder}: expected its model {self.info.model_sha256[:12]}, found none; give --model")
        return verify(row[1], f"{self.folder.name}: {row[0]}")

    def calibration(self) -> Calibration | None:
        """Return the calibration of the instrument; None without one."""
        with _told(self.folder):
            query = "SELECT content FROM calibrations WHERE sha256 = ?"
            row = self.connection.execute(query, (self.info.calibration_sha256,)).fetchone()
        if row is None:
            return None
        values = json.loads(row[0])
        del values["sha256"]
        return from_json(Calibration, values)


def read_session(path: Path) -> Session:
    """Open a session by its folder or database; raises BadInput where it is none, of a newer version, or damaged."""
    database = find_database(path)
    connection = None
    try:
        with _told(database):
            connection = open_for_reading(database)
            check_version(connection, str(database))
            info = read_info(connection)
    except BadInput:
        if connection is not None:
            connection.close()
        raise
    return Session(database.parent, info, connection)


def read_info(connection: sqlite3.Connection) -> SessionInfo:
    """Return what is known of a session; raises sqlite3.Error where it cannot be read."""
    columns = [field.name for field in dataclasses.fields(SessionInfo)]
    row = connection.execute(f"SELECT {quoted(columns)} FROM session").fetchone()
    if row is None:
        raise sqlite3.DatabaseError("it does not say what it is of")
    values = dict(zip(columns, row, strict=True))
    values["settings"] = json.loads(values["settings"])
    values["said"] = tuple(json.loads(values["said"]))
    return SessionInfo(**values)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a damaged file into a sentence."""
    try:
        yield
    except (sqlite3.Error, ValueError, UnreadablePicture) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(
            f"{path}: expected a whole session, found one that cannot be read ({error}); save what can be: "
            f"cancernet sessions {path.parent if path.is_file() else path} --mend"
        ) from error
