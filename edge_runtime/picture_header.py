"""Look at a picture's first bytes before a decoder sees them: format, size, depth, CMYK, a missing end.

OpenCV decodes by content and would turn CMYK into some RGB, fill a truncated JPEG with grey, and allocate whatever
size a header claims. Only JPEG, PNG, TIFF and BMP pass.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from .errors import UnreadablePicture

MAX_PIXELS = 400_000_000
"""A larger picture is refused before it is decoded: 1.2 GB as RGB."""

_JPEG_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
_JPEG_FRAME_HEADERS = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_BITS, _TIFF_PHOTOMETRIC = 256, 257, 258, 262
_TIFF_CMYK = 5
_BMP_OS2_HEADER = 12


def check_header(data: bytes) -> None:
    """Raise UnreadablePicture where encoded bytes are no 8-bit grey, RGB or RGBA picture of a sane size."""
    if not data:
        raise UnreadablePicture("empty file: expected a JPEG, PNG, TIFF or BMP picture")
    for magic, check in _CHECKS:
        if data.startswith(magic):
            try:
                check(data)
            except (struct.error, IndexError) as error:
                raise UnreadablePicture("truncated picture: its header is cut off; copy it again") from error
            return
    raise UnreadablePicture(f"expected a JPEG, PNG, TIFF or BMP picture, found a file that begins with {data[:4]!r}")


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise UnreadablePicture(f"damaged picture: its header says {width}x{height} px")
    if width * height > MAX_PIXELS:
        raise UnreadablePicture(f"{width}x{height} px is over the limit of {MAX_PIXELS:,} px; cut it into parts")


def _check_depth(bits: int) -> None:
    if bits > 8:
        raise UnreadablePicture(f"expected 8 bits a channel, found {bits}; convert it to 8-bit RGB")


def _refuse_cmyk() -> None:
    raise UnreadablePicture("expected grey, RGB or RGBA, found CMYK (print colours); convert it to RGB")


def _check_png(data: bytes) -> None:
    width, height, bits = struct.unpack_from(">IIB", data, 16)
    _check_size(width, height)
    _check_depth(bits)
    if zlib.crc32(data[12:29]) != struct.unpack_from(">I", data, 29)[0]:  # else a flipped bit could ask for gigabytes
        raise UnreadablePicture("damaged PNG: its header does not match its checksum; copy it again from its source")
    at = 8
    while data[at + 4 : at + 8] != b"IEND":  # chunk by chunk: the decoder would ask for whatever length one claims
        if at + 12 > len(data):
            raise UnreadablePicture("truncated PNG: its end is missing; copy it again from its source")
        at += 12 + int(struct.unpack_from(">I", data, at)[0])


def _check_jpeg(data: bytes) -> None:
    at = 2
    while not (data[at] == 0xFF and data[at + 1] in _JPEG_FRAME_HEADERS):
        if data[at] != 0xFF:
            raise UnreadablePicture("damaged JPEG: no frame header; copy it again from its source")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _JPEG_WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + max(2, struct.unpack_from(">H", data, at + 2)[0])
    bits, height, width, channels = struct.unpack_from(">BHHB", data, at + 4)
    _check_size(width, height)
    _check_depth(bits)
    if channels == 4:
        _refuse_cmyk()
    if b"\xff\xd9" not in data[-1024:]:
        raise UnreadablePicture("truncated JPEG: its end is missing; copy it again from its source")


def _check_bmp(data: bytes) -> None:
    if struct.unpack_from("<I", data, 14)[0] == _BMP_OS2_HEADER:
        (width, height, _, bits), compression = struct.unpack_from("<HHHH", data, 18), 0
    else:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
    _check_size(abs(width), abs(height))
    if compression == 0 and abs(height) * ((abs(width) * bits + 31) // 32 * 4) > len(data):
        raise UnreadablePicture("truncated BMP: its end is missing; copy it again from its source")


def _check_tiff(data: bytes) -> None:
    order = "<" if data[:2] == b"II" else ">"
    start = struct.unpack_from(order + "I", data, 4)[0]
    tags = {}
    for n in range(struct.unpack_from(order + "H", data, start)[0]):
        tag, kind, count = struct.unpack_from(order + "HHI", data, start + 2 + 12 * n)
        size, code = (2, "H") if kind == 3 else (4, "I")
        at = start + 10 + 12 * n
        if size * count > 4:  # more values than fit in the entry: it holds their place
            at = struct.unpack_from(order + "I", data, at)[0]
        if tag in (_TIFF_WIDTH, _TIFF_HEIGHT, _TIFF_BITS, _TIFF_PHOTOMETRIC):
            tags[tag] = struct.unpack_from(order + code, data, at)[0]
    _check_size(tags.get(_TIFF_WIDTH, 0), tags.get(_TIFF_HEIGHT, 0))
    _check_depth(tags.get(_TIFF_BITS, 1))
    if tags.get(_TIFF_PHOTOMETRIC) == _TIFF_CMYK:
        _refuse_cmyk()


_CHECKS: tuple[tuple[bytes, Callable[[bytes], None]], ...] = (
    (b"\x89PNG\r\n\x1a\n", _check_png),
    (b"\xff\xd8\xff", _check_jpeg),
    (b"II*\0", _check_tiff),
    (b"MM\0*", _check_tiff),
    (b"BM", _check_bmp),
)
