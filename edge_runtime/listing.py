"""Which files are to be judged, and which of them are one slide."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from .errors import BadInput
from .patches import is_nested_duplicate, is_picture_name, parse_patch_name, walk_files

log = logging.getLogger(__name__)

_FILES_A_BATCH = 256
"""A batch holds whole slides, so that tiles meet their neighbours, and at least this many files."""


def find_files(paths: Iterable[Path]) -> list[Path]:
    """Return the files to judge: those named, and the pictures below the folders named; refuses what does not exist."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            below = list(walk_files(path))
            pictures = [file for file in below if is_picture_name(file) and not file.name.startswith(".")]
            if len(below) > len(pictures):
                log.info("%s: %d files that are no pictures were left out", path, len(below) - len(pictures))
            copies = sum(is_nested_duplicate(file, path) for file in pictures)
            if copies:
                log.warning("%s: %d pictures lie in the archive's second copy of itself; each gets a row", path, copies)
            if not pictures:
                raise BadInput(f"expected pictures (PNG, JPEG, TIFF, BMP) below {path}, found none")
            files += pictures
        elif path.exists():
            files.append(path)
        else:
            raise BadInput(f"expected a file or folder at {path}, found nothing there; check the path")
    return files


def batches(files: Iterable[Path]) -> Iterator[list[Path]]:
    """Yield files in batches of whole slides; a file without a patient is a slide of its own."""
    slides: dict[str | Path, list[Path]] = {}
    for file in files:
        name = parse_patch_name(file)
        slides.setdefault(name.patient_id if name else file, []).append(file)
    batch: list[Path] = []
    for slide in slides.values():
        batch += slide
        if len(batch) >= _FILES_A_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
