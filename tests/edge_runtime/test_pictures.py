"""Pictures are decoded by content to 8-bit RGB, or refused with a sentence; nothing else may come out."""

from __future__ import annotations

import functools
import io
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.errors import UnreadablePicture
from edge_runtime.picture_header import MAX_PIXELS
from edge_runtime.pictures import decode_picture, read_picture

PIL_Image = pytest.importorskip("PIL.Image", reason="Pillow writes the CMYK and palette files")

RGB = np.random.default_rng(7).integers(0, 256, (24, 31, 3), np.uint8)
MAGICS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"BM", b"")
FORMATS = (".png", ".jpg", ".tif", ".bmp")


def encode(array: np.ndarray, suffix: str) -> bytes:
    """Encode an RGB, RGBA or grey array with OpenCV."""
    order = {2: None, 3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}[array.ndim if array.ndim == 2 else array.shape[2]]
    done, data = cv2.imencode(suffix, array if order is None else cv2.cvtColor(array, order))
    assert done
    return data.tobytes()


def pillow(image: object, form: str, **how: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **how)  # type: ignore[attr-defined]
    return buffer.getvalue()


@functools.cache
def valid(suffix: str) -> bytes:
    return encode(RGB, suffix)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_a_lossless_rgb_picture_comes_back_as_it_was(suffix: str) -> None:
    assert np.array_equal(decode_picture(valid(suffix)), RGB)


def test_a_jpeg_comes_back_in_rgb_order() -> None:
    red = np.full((16, 16, 3), (250, 10, 10), np.uint8)
    assert np.abs(decode_picture(encode(red, ".jpg")).astype(int) - red).max() < 12


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_grey_fills_all_channels(suffix: str) -> None:
    assert np.array_equal(decode_picture(encode(RGB[..., 0], suffix)), np.repeat(RGB[..., :1], 3, axis=2))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_alpha_is_laid_over_white(suffix: str) -> None:
    alpha = np.full((*RGB.shape[:2], 1), 255, np.uint8)
    alpha[:8] = 0
    alpha[8:16] = 128
    expected = np.rint((RGB * (alpha / 255.0)) + 255 * (1 - alpha / 255.0))
    found = decode_picture(encode(np.concatenate([RGB, alpha], axis=2), suffix))
    assert np.abs(found - expected).max() <= 1


def test_grey_with_alpha_and_palettes_are_read() -> None:
    grey = PIL_Image.fromarray(RGB[..., 0])
    assert decode_picture(pillow(grey.convert("LA"), "PNG")).shape == RGB.shape
    palette = PIL_Image.fromarray(RGB).quantize(16)
    for form in ("PNG", "TIFF", "BMP"):
        assert np.array_equal(decode_picture(pillow(palette, form)), np.asarray(palette.convert("RGB"))), form


def test_a_palette_with_a_transparent_colour_shows_white_there() -> None:
    image = PIL_Image.fromarray(np.array([[0, 1]], np.uint8))
    image.putpalette([10, 20, 30, 40, 50, 60])
    found = decode_picture(pillow(image, "PNG", transparency=0))
    assert found.tolist() == [[[255, 255, 255], [40, 50, 60]]]


@pytest.mark.parametrize("suffix", FORMATS)
def test_one_pixel_is_a_picture(suffix: str) -> None:
    assert decode_picture(encode(np.full((1, 1, 3), 200, np.uint8), suffix)).shape == (1, 1, 3)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bits_are_refused(suffix: str) -> None:
    with pytest.raises(UnreadablePicture, match="expected 8 bits a channel, found 16"):
        decode_picture(encode(RGB.astype(np.uint16) * 257, suffix))


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_is_refused(form: str) -> None:
    with pytest.raises(UnreadablePicture, match="found CMYK"):
        decode_picture(pillow(PIL_Image.fromarray(RGB).convert("CMYK"), form))


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_picture_is_refused(suffix: str, share: float) -> None:
    data = encode(np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8), suffix)
    with pytest.raises(UnreadablePicture):
        decode_picture(data[: int(len(data) * share)])


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_truncated_tiff_with_its_directory_in_front_is_refused(compression: str, share: float) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    data = pillow(PIL_Image.fromarray(pixels), "TIFF", compression=compression)
    with pytest.raises(UnreadablePicture):
        decode_picture(data[: int(len(data) * share)])


def test_an_orientation_of_exif_is_not_applied() -> None:
    exif = PIL_Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    assert decode_picture(pillow(PIL_Image.fromarray(RGB), "JPEG", exif=exif)).shape == RGB.shape


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty file"),
        (b"GIF89a" + bytes(40), "expected a JPEG, PNG, TIFF or BMP picture, found"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "expected a JPEG, PNG, TIFF or BMP picture, found"),
        (b"\x89PNG\r\n\x1a\n", "header is cut off"),
        (b"\xff\xd8\xff", "header is cut off"),
        (b"BM", "header is cut off"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(UnreadablePicture, match=says):
        decode_picture(data)


def test_a_size_over_the_limit_is_refused_before_decoding() -> None:
    header = bytearray(valid(".png"))
    header[16:24] = struct.pack(">II", 100_000, MAX_PIXELS // 100_000 + 1)
    with pytest.raises(UnreadablePicture, match="over the limit"):
        decode_picture(bytes(header))


def test_a_damaged_size_in_a_png_is_refused_before_memory_is_asked_for() -> None:
    header = bytearray(valid(".png"))
    header[16:24] = struct.pack(">II", 20_000, 20_000)
    with pytest.raises(UnreadablePicture, match="does not match its checksum"):
        decode_picture(bytes(header))


def test_a_damaged_chunk_length_in_a_png_is_refused_before_memory_is_asked_for() -> None:
    data = bytearray(valid(".png"))
    at = data.index(b"IDAT") - 4
    data[at] = 0xFD
    with pytest.raises(UnreadablePicture, match="truncated PNG"):
        decode_picture(bytes(data))


def test_a_bmp_must_hold_all_its_pixels() -> None:
    with pytest.raises(UnreadablePicture, match="truncated BMP"):
        decode_picture(valid(".bmp")[:-200])


def test_a_message_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(UnreadablePicture, match=r"a\.png: empty file"):
        read_picture(tmp_path / "a.png")
    with pytest.raises(UnreadablePicture, match=r"b\.png: cannot be read"):
        read_picture(tmp_path / "b.png")
    with pytest.raises(UnreadablePicture, match="cannot be read"):
        read_picture(tmp_path)


def decode_or_refuse(data: bytes) -> None:
    """Decode; whatever the bytes are, the outcome is RGB or UnreadablePicture."""
    try:
        rgb = decode_picture(data)
    except UnreadablePicture as error:
        assert str(error)
    else:
        assert rgb.dtype == np.uint8 and rgb.ndim == 3 and rgb.shape[2] == 3


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FORMATS), st.floats(0, 1))
def test_any_truncation_is_decoded_or_refused(suffix: str, share: float) -> None:
    decode_or_refuse(valid(suffix)[: int(len(valid(suffix)) * share)])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_any_changed_bytes_are_decoded_or_refused(suffix: str, changes: list[tuple[float, int]]) -> None:
    data = bytearray(valid(suffix))
    for where, value in changes:
        data[min(len(data) - 1, int(where**3 * len(data)))] = value  # mostly in the header
    decode_or_refuse(bytes(data))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MAGICS), st.binary(max_size=200))
def test_any_bytes_after_a_known_beginning_are_decoded_or_refused(magic: bytes, rest: bytes) -> None:
    decode_or_refuse(magic + rest)
