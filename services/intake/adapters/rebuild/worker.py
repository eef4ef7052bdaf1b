"""The process that meets one hostile file: ``python -m intake.…rebuild.worker``.

Reads an order (JSON) from standard input, locks itself in, and leaves in the directory
``into``: ``pages.pdf``, two pictures a page, and ``report.json``, which says either the
pages or one fault. Start at ``main``.
"""

import errno
import json
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pikepdf
from PIL import Image

from chassis import sandbox
from intake.adapters.rebuild import (
    adjusting,
    decode,
    kinds,
    laying,
    leaves,
    pdf,
    preview,
    sniff,
    tiles,
)
from intake.adapters.rebuild.flags import twins
from intake.adapters.rebuild.flags.seen import Seen, seen
from intake.adapters.rebuild.geometry import resolution
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.matrices import bounds
from intake.adapters.rebuild.pages import Page, UnfitPage, manifest_image
from intake.adapters.rebuild.writer import PageWriter, sha256
from intake.domain.scan import ScanFault

_LOW_DPI: Final = 200
_FONTS: Final = (
    "/usr/share/fonts",
    "/usr/share/X11/fonts",
    "/usr/local/share/fonts",
)
"""Where pdfium looks for a font that a file names and does not bring."""
_LIBRARIES: Final = sandbox.libraries()
"""Looked up before the fork: to ask Python for its folders takes 1 ms."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """What the worker looks with at a file and its pages."""

    media_type: Callable[[Path], str | None] = sniff.media_type
    """The kind of a file by its first bytes: the first look at what a stranger sent."""
    within: tuple[int, int] | None = None
    """The most pixels, across and down, of the desk's picture of a page; None: what
    costs least and can be read."""
    seen: Callable[[Image.Image], Seen] = seen
    """What is found in that picture."""


_USUAL: Final = Eyes()


def main(eyes: Eyes = _USUAL) -> int:
    """0 when a report was written, whatever it says; what fails before the file is
    opened (no wall, no memory) is an exception and nobody's refusal.
    """
    order = json.load(sys.stdin)
    limits = Limits(**order["limits"])
    kinds.preload()
    into = Path(order["into"])
    bounds = replace(limits.bounds, threads=order.get("threads", False))
    sandbox.confine(bounds, readable=_readable(order), writable=into)
    decode.set_bounds(limits)
    pdf.set_bounds(limits)
    (into / sandbox.CONFINED).write_bytes(b"")
    report = json.dumps(_report(order, limits, eyes))
    (into / "report.json").write_text(report)
    return 0


def _readable(order: dict[str, Any]) -> tuple[Path, ...]:
    """What is imported late, fonts, and the files that this order is about."""
    sources = {
        "join": lambda: [part["path"] for part in order["parts"]],
        "draw": lambda: [order["path"]],
        "adjust": lambda: [order["path"]],
        "rebuild": lambda: [order["source"]],
    }[order["task"]]()
    own = Path(__file__).parents[3]
    return (*_LIBRARIES, own, *map(Path, (*_FONTS, *sources)))


def _report(order: dict[str, Any], limits: Limits, eyes: Eyes) -> dict[str, Any]:
    try:
        return _done(order, Path(order["into"]), limits, eyes)
    except UnfitPage as unfit:
        return {"fault": unfit.fault, "detail": unfit.detail}
    except MemoryError:
        return {"fault": ScanFault.TOO_MUCH_WORK, "detail": "memory"}
    except OSError as error:
        full = error.errno == errno.EFBIG
        fault = ScanFault.TOO_LARGE if full else ScanFault.DAMAGED
        return {"fault": fault, "detail": type(error).__name__}
    except Exception as error:  # noqa: BLE001 - the sandbox's edge: any bug is a refusal
        return {"fault": ScanFault.DAMAGED, "detail": _place(error)}


def _done(
    order: dict[str, Any], into: Path, limits: Limits, eyes: Eyes
) -> dict[str, Any]:
    if order["task"] == "join":
        return _join(order["parts"], into)
    if order["task"] == "draw":
        return tiles.draw(order, into, limits)
    if order["task"] == "adjust":
        page = adjusting.adjusted(order, limits)
        return _kept(sniff.PDF, iter((page,)), into, limits, eyes)
    source = Path(order["source"])
    return rebuild(eyes.media_type(source), source, into, limits, eyes)


def _place(error: Exception) -> str:
    """Where a bug shows itself, for the log: nothing of the file's content."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}:{last.lineno}"


def rebuild(
    kind: str | None, source: Path, into: Path, limits: Limits, eyes: Eyes = _USUAL
) -> dict[str, Any]:
    if kind is None:
        raise UnfitPage(ScanFault.UNKNOWN_TYPE)
    return _kept(kind, _read(kind, source, into, limits), into, limits, eyes)


def _kept(
    kind: str, found: Iterator[Page], into: Path, limits: Limits, eyes: Eyes
) -> dict[str, Any]:
    writer = PageWriter()
    pages = []
    desk = _Desk(into, limits, eyes)
    for read in found:
        page = laying.composable(read)
        manifest = _manifest(page)
        writer.add(manifest, [placed.stream.data for placed in page.pictures])
        shown = desk.show(page, json.dumps(manifest))
        pages.append({"manifest": manifest, "facts": _facts(page, manifest, shown)})
        # Its pixels are not kept while the next page is decoded.
        del read, page
    writer.save(into / "pages.pdf")
    return {"media_type": kind, "pages": pages}


def _read(kind: str, source: Path, into: Path, limits: Limits) -> Iterator[Page]:
    if kind == sniff.PDF:
        return pdf.read_pdf(source, into=into, limits=limits)
    return kinds.READERS[kind](source, limits=limits)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the desk's picture of a page shows, and the earlier page of one sheet."""

    number: int
    flags: tuple[str, ...]
    lean: float
    same_as: int = 0


class _Desk:
    """Writes two pictures a page, and looks at them. Pages that look alike share one
    drawing: a file may draw one scan on 200 pages, and decoding it takes most of a
    page's time.
    """

    def __init__(self, into: Path, limits: Limits, eyes: Eyes) -> None:
        self._into = into
        self._limits = limits
        self._eyes = eyes
        self._drawn: dict[str, _Shown] = {}
        self._sheets = twins.Sheets()

    def show(self, page: Page, key: str) -> _Shown:
        """``key`` is the page's manifest, digests and all."""
        first = self._drawn.get(key)
        if first is None:
            self._drawn[key] = self._draw(page)
            return self._drawn[key]
        for kind in ("preview", "thumb"):
            source = self._into / f"{first.number:04}.{kind}.jpg"
            shutil.copyfile(source, self._into / f"{page.number:04}.{kind}.jpg")
        twin = 0 if "blank" in first.flags else first.same_as or first.number
        return _Shown(page.number, first.flags, first.lean, twin)

    def _draw(self, page: Page) -> _Shown:
        within = self._eyes.within
        drawn = preview.drawn(page, limits=self._limits, within=within)
        preview.save(drawn, self._into / f"{page.number:04}")
        found = self._eyes.seen(drawn.image)
        twin = self._sheets.twin(page.number, found.likeness)
        return _Shown(page.number, found.flags, found.lean, twin)


def _manifest(page: Page) -> dict[str, Any]:
    return {
        "width": page.width,
        "height": page.height,
        "rotation": page.rotation,
        "images": [
            manifest_image(placed, sha256(placed.stream.data))
            for placed in page.pictures
        ],
    }


def _facts(page: Page, manifest: dict[str, Any], shown: _Shown) -> dict[str, Any]:
    dpi = min(
        resolution((p.stream.width, p.stream.height), p.placement)
        for p in page.pictures
    )
    flags: list[str] = [*page.flags]
    if round(dpi) < _LOW_DPI and "under-200-dpi" not in flags:
        flags.append("under-200-dpi")
    flags += shown.flags
    width, height = _pixels(page)
    return {
        "source_file": 0,
        "source_page": page.number,
        "sha256": [image["sha256"] for image in manifest["images"]],
        "width": width,
        "height": height,
        "dpi": round(dpi),
        "done": page.done,
        "flags": flags,
        "same_as": shown.same_as,
        "lean": shown.lean,
    }


def _pixels(page: Page) -> tuple[int, int]:
    """The area that the page's images span together, in the sharpest one's pixels."""
    if len(page.pictures) == 1:
        only = page.pictures[0].stream
        return only.width, only.height
    boxes = [bounds(placed.placement) for placed in page.pictures]
    scale = max(
        resolution((p.stream.width, p.stream.height), p.placement)
        for p in page.pictures
    )
    across = max(box[2] for box in boxes) - min(box[0] for box in boxes)
    along = max(box[3] for box in boxes) - min(box[1] for box in boxes)
    return round(across * scale / 72), round(along * scale / 72)


def _join(parts: list[dict[str, Any]], into: Path) -> dict[str, Any]:
    """Parts are our own files: read by position, each stream checked by its digest."""
    writer = PageWriter()
    for part in parts:
        reading = pikepdf.AccessMode.stream
        with pikepdf.open(part["path"], access_mode=reading) as found:
            if max(part["numbers"]) > len(found.pages):
                raise UnfitPage(ScanFault.DAMAGED, "part")
            for number, manifest in zip(part["numbers"], part["manifest"], strict=True):
                page = found.pages[number - 1]
                writer.add(manifest, leaves.streams(page, manifest))
    writer.save(into / "pages.pdf")
    return {}


if __name__ == "__main__":
    sys.exit(main())
