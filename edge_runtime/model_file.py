"""Open, verify and write the one model file: a flatbuffer with a zip behind it, sealed by a hash.

The zip's end comment is the SHA-256 (64 hex digits) of all bytes before it. It is checked over the bytes in memory
before anything parses them, and those very bytes are what the interpreter loads: a broken model that loads is worse
than one that does not.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from .contract import Contract, contract_from_json
from .errors import BadModelFile
from .golden import Golden, golden_of

CONTRACT, GOLDEN, PARITY, CARD = "contract.json", "golden.npz", "parity.json", "MODEL_CARD.md"
SHIPPED = ("lean", "tiny", "cancernet")
"""Names of the models that come with the package; the first is the default."""

MAX_BYTES = 64 * 2**20
"""A larger file is none of ours; it is refused before it is read."""

_SEAL_BYTES = 64
_FLATBUFFER_ID = b"TFL3"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # fixed, so that the same parts make the same bytes


@dataclass(frozen=True)
class ModelFile:
    """A verified model file, in memory."""

    name: str
    """Where it came from, for messages."""
    content: bytes
    """All of it; what the interpreter loads."""
    sha256: str
    """Of all bytes before the seal; names the model in every result."""
    contract: Contract
    """What it promises."""

    def part(self, name: str) -> bytes:
        """Return one of the parts behind the flatbuffer; raises BadModelFile where it is missing."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as parts:
            try:
                return parts.read(name)
            except KeyError as error:
                raise BadModelFile(f"{self.name}: expected a part {name}, found none; pack the model again") from error

    @cached_property
    def golden(self) -> Golden:
        """The golden vectors."""
        return golden_of(self.part(GOLDEN))


def shipped_path(name: str = SHIPPED[0]) -> Path:
    """Return where a model that came with the package lies."""
    if name not in SHIPPED:
        raise BadModelFile(f"expected a shipped model ({', '.join(SHIPPED)}) or a file, found {name!r}")
    return Path(str(resources.files(__package__).joinpath("models", f"{name}.tflite")))


def find_model(given: str | None) -> Path:
    """Return the path of a model that a person named: a file, a shipped model's name, or None for the default."""
    if given is None:
        return shipped_path()
    return shipped_path(given) if given in SHIPPED and not Path(given).exists() else Path(given)


def open_model(path: Path) -> ModelFile:
    """Read a model file once and verify it; raises BadModelFile for a damaged or foreign one."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadModelFile(f"{path}: {path.stat().st_size:,} bytes is no model of ours (limit {MAX_BYTES:,})")
        content = path.read_bytes()
    except OSError as error:
        raise BadModelFile(f"expected a model file at {path}: {error.strerror}; give --model FILE") from error
    return verify(content, str(path))


def verify(content: bytes, name: str) -> ModelFile:
    """Check the seal over the bytes, then read the contract; nothing else is parsed."""
    if content[4:8] != _FLATBUFFER_ID:
        raise BadModelFile(f"{name}: expected a TFLite model, found something else; check the path, or copy it again")
    seal, digest = content[-_SEAL_BYTES:], hashlib.sha256(content[:-_SEAL_BYTES]).hexdigest()
    if seal != digest.encode():
        if zipfile.is_zipfile(io.BytesIO(content)):
            raise BadModelFile(f"{name}: damaged, its bytes do not give the SHA-256 in its seal; copy it again")
        raise BadModelFile(
            f"{name}: expected a CancerNet Edge model (a sealed contract behind the flatbuffer), found none: "
            "truncated, or another program's model; pack one with python -m quantize pack"
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            contract = contract_from_json(parts.read(CONTRACT).decode())
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise BadModelFile(f"{name}: expected a part {CONTRACT}, found none ({error}); pack the model again") from error
    except BadModelFile as error:
        raise BadModelFile(f"{name}: {error}") from error
    return ModelFile(name, content, digest, contract)


def seal(flatbuffer: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Return the bytes of a model file: the flatbuffer, the parts as a zip, the seal."""
    buffer = io.BytesIO(flatbuffer)
    with zipfile.ZipFile(buffer, "a") as archive:  # appending keeps the zip's offsets counted from the file's start
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_TIME), data, zipfile.ZIP_DEFLATED, 9)
        archive.comment = b"0" * _SEAL_BYTES
    body = buffer.getvalue()[:-_SEAL_BYTES]
    return body + hashlib.sha256(body).hexdigest().encode()


def flatbuffer_of(model: ModelFile) -> bytes:
    """Return the bare flatbuffer, without what lies behind it."""
    with zipfile.ZipFile(io.BytesIO(model.content)) as parts:
        return model.content[: min(part.header_offset for part in parts.infolist())]
