"""Looks for a mark in all that a rebuilt file gives away: raw and unfolded."""

from pathlib import Path

import pikepdf
from PIL import Image

from intake.domain.scan import RebuiltFile


def hidden_in(file: RebuiltFile, mark: bytes) -> list[str]:
    """Where ``mark`` stands: in the PDF's bytes, in a stream as it is or unfolded, in
    its strings, or in a picture of the desk."""
    places = [path.name for path in _files(file) if mark in path.read_bytes()]
    with pikepdf.open(file.path) as pdf:
        places += [
            f"object {number}"
            for number, each in enumerate(pdf.objects)
            if mark in _unfolded(each) or mark.decode() in str(each)
        ]
    return places + [p.name for p in file.previews if mark in _notes(p)]


def _files(file: RebuiltFile) -> list[Path]:
    return [file.path, *file.previews, *file.thumbnails]


def _unfolded(each: object) -> bytes:
    if not isinstance(each, pikepdf.Stream):
        return b""
    raw = each.read_raw_bytes()
    try:
        return raw + each.read_bytes()
    except pikepdf.PdfError:
        return raw


def _notes(path: Path) -> bytes:
    with Image.open(path) as image:
        return repr(image.info).encode()
