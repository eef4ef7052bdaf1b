"""A WebP file as one page (RFC 9649): its first picture, and a flag if there are more.

The container is read by us alone; what is decoded is a file that we write of that one
picture's data, without Exif, XMP, profile, or chunks that nobody knows. Start at
``read_webp``.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from intake.adapters.rebuild import exif, still
from intake.adapters.rebuild.decode import loaded, picture
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Page, UnfitPage
from intake.domain.scan import ScanFault

_HEAD: Final = 12
_FRAME_HEAD: Final = 16
_LOSSY: Final = b"VP8 "
_LOSSLESS: Final = b"VP8L"
_ALPHA: Final = b"ALPH"
_HAS_ALPHA: Final = 0x10
_EXIF_NAME: Final = b"Exif\x00\x00"
"""A name that JPEG needs and WebP does not; many writers leave it there."""
_MOST_CHUNKS: Final = 10_000

Chunk = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class _Frame:
    """One picture's chunks, and where it lies on the canvas."""

    chunks: list[Chunk]
    left: int = 0
    top: int = 0


def read_webp(path: Path, *, limits: Limits) -> Iterator[Page]:
    chunks = _chunks(path.read_bytes())
    notes = dict(reversed(chunks))
    frames = [_frame(body) for kind, body in chunks if kind == b"ANMF"]
    first = frames[0] if frames else _Frame(chunks)
    size = _canvas(notes)
    if size is not None:
        still.check_unfolded(size, limits)
    image = _image(first, limits)
    if size is not None:
        image = _on_canvas(image, first, size)
    data = dict(first.chunks)
    still.check_filled(data.get(_LOSSY, b""), "WebP")
    lossy = len(data.get(_LOSSY, b"")) + len(data.get(_ALPHA, b""))
    icc = notes.get(b"ICCP", b"")
    stream = still.pixels(image, icc, source_bytes=lossy if _LOSSY in data else 0)
    facts = exif.read(notes.get(b"EXIF", b"").removeprefix(_EXIF_NAME))
    stream = still.flagged(stream, others=len(frames) > 1)
    yield still.page(stream, facts, [facts.density])


def _chunks(data: bytes, at: int = _HEAD) -> list[Chunk]:
    """Names and bodies. Raises UnfitPage(truncated) if one ends behind the data."""
    end = len(data)
    if at == _HEAD:
        end = 8 + int.from_bytes(data[4:8], "little")
        if end > len(data) + 1:  # the last padding byte is often left out
            raise UnfitPage(ScanFault.TRUNCATED, "WebP")
    found: list[Chunk] = []
    while at + 8 <= min(end, len(data)) and len(found) < _MOST_CHUNKS:
        kind, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            raise UnfitPage(ScanFault.TRUNCATED, "WebP chunk")
        found.append((kind, data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return found


def _frame(body: bytes) -> _Frame:
    """ANMF: its place in units of two pixels, then its chunks."""
    left, top = (int.from_bytes(body[n : n + 3], "little") * 2 for n in (0, 3))
    return _Frame(_chunks(body, _FRAME_HEAD), left, top)


def _canvas(notes: dict[bytes, bytes]) -> tuple[int, int] | None:
    head = notes.get(b"VP8X", b"")
    if len(head) < 10:  # noqa: PLR2004
        return None
    width, height = (int.from_bytes(head[n : n + 3], "little") + 1 for n in (4, 7))
    return width, height


def _image(frame: _Frame, limits: Limits) -> Image.Image:
    # Before it is opened: the decoder has its canvas from then on.
    still.check_unfolded(_coded_size(dict(reversed(frame.chunks))), limits)
    return loaded(picture(_alone(frame.chunks), "WEBP"))


def _coded_size(found: dict[bytes, bytes]) -> tuple[int, int]:
    """What the picture's own head says: RFC 9649, 3.4, and RFC 6386, 9.1."""
    if _LOSSLESS in found:
        bits = int.from_bytes(found[_LOSSLESS][1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    head = found.get(_LOSSY, b"")
    width, height = (int.from_bytes(head[n : n + 2], "little") for n in (6, 8))
    return width & 0x3FFF, height & 0x3FFF


def _alone(chunks: list[Chunk]) -> bytes:
    """A file of that picture alone; raises UnfitPage if there is none."""
    found = dict(reversed(chunks))
    if _LOSSLESS in found:
        return _riff([(_LOSSLESS, found[_LOSSLESS])])
    if _LOSSY not in found:
        raise UnfitPage(ScanFault.DAMAGED, "WebP without a picture")
    coded = found[_LOSSY]
    if _ALPHA not in found:
        return _riff([(_LOSSY, coded)])
    sides = b"".join((side - 1).to_bytes(3, "little") for side in _coded_size(found))
    head = bytes((_HAS_ALPHA, 0, 0, 0)) + sides
    return _riff([(b"VP8X", head), (_ALPHA, found[_ALPHA]), (_LOSSY, coded)])


def _riff(chunks: list[Chunk]) -> bytes:
    body = b"".join(
        kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
        for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _on_canvas(image: Image.Image, frame: _Frame, size: tuple[int, int]) -> Image.Image:
    """White where an animation's first picture does not reach."""
    if image.size == size and (frame.left, frame.top) == (0, 0):
        return image
    canvas = Image.new("RGBA", size, "white")
    canvas.alpha_composite(image.convert("RGBA"), (frame.left, frame.top))
    return canvas
