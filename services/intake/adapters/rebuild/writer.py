"""Writes a PDF that holds page images and nothing else; the same in, the same out.

Classic table, no object streams, no Info, no XMP. Images are described only in the
words of ``ecopy.events.PageImage``. No key or object of an input is ever copied. Start
at ``PageWriter``.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name

_BOOLEANS: Final = frozenset({"BlackIs1"})
"""The only ones that ``lift`` keeps."""
_ID_BYTES: Final = 16


class PageWriter:
    """Collects pages, then ``save``. Streams stay in memory until then."""

    def __init__(self) -> None:
        self._pdf = pikepdf.new()
        self._images: dict[str, pikepdf.Object] = {}
        """Equal images share one object: one form on 200 pages stands there once."""
        self._described = hashlib.sha256()

    def add(self, page: dict[str, Any], streams: Iterable[bytes]) -> None:
        """``page`` is a ManifestPage as JSON; ``streams`` are its images' bytes."""
        self._described.update(json.dumps(page, sort_keys=True).encode())
        images = list(zip(page["images"], streams, strict=True))
        xobjects = Dictionary(
            {f"/Im{k}": self._image(*image) for k, image in enumerate(images)}
        )
        leaf = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, page["width"], page["height"]]),
            Resources=Dictionary(XObject=xobjects),
            Contents=self._pdf.make_stream(content(page)),
        )
        if page["rotation"]:
            leaf.Rotate = page["rotation"]
        self._pdf.pages.append(pikepdf.Page(self._pdf.make_indirect(leaf)))

    def save(self, path: Path) -> None:
        """/ID begins with what the pages' descriptions and their streams' digests give.
        qpdf would hash all that it writes once more for it, with MD5, which takes twice
        as long as the writing.
        """
        name = pikepdf.String(self._described.digest()[:_ID_BYTES])
        self._pdf.trailer.ID = Array([name, name])
        self._pdf.save(
            path,
            min_version="1.7",
            fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            compress_streams=False,
            static_id=True,  # the second half
        )

    def _image(self, entry: dict[str, Any], data: bytes) -> pikepdf.Object:
        """The digest is the manifest's; the caller has compared it with ``data``."""
        facts = {key: value for key, value in entry.items() if key != "placement"}
        name = json.dumps(facts, sort_keys=True)
        if name not in self._images:
            self._images[name] = self._written(entry, data)
        return self._images[name]

    def _written(self, entry: dict[str, Any], data: bytes) -> pikepdf.Object:
        image = self._pdf.make_stream(data)
        image.Type = Name.XObject
        image.Subtype = Name.Image
        image.Width = entry["width"]
        image.Height = entry["height"]
        image.BitsPerComponent = entry["bits"]
        image.ColorSpace = _colour_space(entry)
        image.Filter = Name("/" + entry["filter"])
        if entry["decode_parms"]:
            image.DecodeParms = _parms(entry["decode_parms"])
        if entry["inverted"]:
            image.Decode = Array([1, 0])
        return image


def _colour_space(entry: dict[str, Any]) -> pikepdf.Object:
    if entry["colour_space"] != "Indexed":
        return Name("/" + entry["colour_space"])
    colours = bytes.fromhex(entry["palette"])
    return Array([Name.Indexed, Name.DeviceRGB, len(colours) // 3 - 1, colours])


def content(page: dict[str, Any]) -> bytes:
    """The page's whole content: each image put in its place, in order."""
    return "".join(
        f"q\n{' '.join(map(number, image['placement']))} cm\n/Im{k} Do\nQ\n"
        for k, image in enumerate(page["images"])
    ).encode()


def number(value: float) -> str:
    """The number as docs/dialect.md writes it: five decimals, no trailing zeros, no
    ``-0``.
    """
    text = f"{value:.5f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _parms(parms: dict[str, int]) -> Dictionary:
    return Dictionary(
        {
            f"/{key}": bool(value) if key in _BOOLEANS else value
            for key, value in parms.items()
        }
    )
