"""The process that meets one hostile file: ``python -m intake.…rebuild.worker``.

Reads an order (JSON) from standard input, locks itself in, and leaves in the
directory ``into``: ``pages.pdf``, two pictures a page, and ``report.json``, which says
either the pages or one fault.
"""

import errno
import json
import sys
from pathlib import Path
from typing import Any, Final

import pikepdf
from PIL import Image

from chassis import sandbox
from intake.adapters.rebuild import decode, pdf, photo, preview, sniff
from intake.adapters.rebuild.geometry import resolution
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Page, Reader, Unfit, manifest_image
from intake.adapters.rebuild.writer import PageWriter, sha256
from intake.domain.scan import ScanFault

_LOW_DPI: Final = 200
_READERS: Final[dict[str, Reader]] = {
    sniff.PDF: pdf.read_pdf,
    sniff.JPEG: photo.read_jpeg,
    sniff.PNG: photo.read_png,
}


def main() -> int:
    """0 when a report was written, whatever it says; what fails before the file is
    opened (no seccomp, no memory) is an exception and nobody's refusal.
    """
    order = json.load(sys.stdin)
    limits = Limits(**order["limits"])
    Image.preinit()
    sandbox.confine(limits.bounds)
    decode.set_bounds(limits)
    pdf.set_bounds(limits)
    into = Path(order["into"])
    (into / "confined").touch()
    report = json.dumps(_report(order, limits))
    (into / "report.json").write_text(report)
    return 0


def _report(order: dict[str, Any], limits: Limits) -> dict[str, Any]:
    into = Path(order["into"])
    try:
        if order["task"] == "join":
            return _join(order["parts"], into)
        return _rebuild(Path(order["source"]), into, limits)
    except Unfit as unfit:
        return {"fault": unfit.fault, "detail": unfit.detail}
    except MemoryError:
        return {"fault": ScanFault.TOO_MUCH_WORK, "detail": "memory"}
    except OSError as error:
        full = error.errno == errno.EFBIG
        fault = ScanFault.TOO_LARGE if full else ScanFault.DAMAGED
        return {"fault": fault, "detail": type(error).__name__}
    except Exception as error:  # noqa: BLE001 - the sandbox's edge: any bug is a refusal
        return {"fault": ScanFault.DAMAGED, "detail": type(error).__name__}


def _rebuild(source: Path, into: Path, limits: Limits) -> dict[str, Any]:
    kind = sniff.media_type(source)
    if kind is None:
        raise Unfit(ScanFault.UNKNOWN_TYPE)
    writer = PageWriter()
    pages = []
    for page in _READERS[kind](source, limits=limits):
        manifest = _manifest(page)
        writer.add(manifest, [placed.stream.data for placed in page.pictures])
        shown = preview.preview(page, limits=limits)
        preview.save(shown, into / f"{page.number:04}")
        blank = preview.is_blank(shown)
        pages.append({"manifest": manifest, "facts": _facts(page, manifest, blank)})
    writer.save(into / "pages.pdf")
    return {"media_type": kind, "pages": pages}


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


def _facts(page: Page, manifest: dict[str, Any], blank: bool) -> dict[str, Any]:
    dpi = min(
        resolution((p.stream.width, p.stream.height), p.placement)
        for p in page.pictures
    )
    flags = [*page.flags]
    flags += ["under-200-dpi"] if round(dpi) < _LOW_DPI else []
    flags += ["blank"] if blank else []
    return {
        "source_file": 0,
        "source_page": page.number,
        "sha256": [image["sha256"] for image in manifest["images"]],
        "width": max(placed.stream.width for placed in page.pictures),
        "height": sum(placed.stream.height for placed in page.pictures),
        "dpi": round(dpi),
        "done": page.done,
        "flags": flags,
    }


def _join(parts: list[dict[str, Any]], into: Path) -> dict[str, Any]:
    """Parts are our own files: read by position, each stream checked by its digest."""
    writer = PageWriter()
    for part in parts:
        with pikepdf.open(part["path"]) as found:
            if len(found.pages) != len(part["manifest"]):
                raise Unfit(ScanFault.DAMAGED, "part")
            for page, manifest in zip(found.pages, part["manifest"], strict=True):
                writer.add(manifest, _streams(page, manifest))
    writer.save(into / "pages.pdf")
    return {}


def _streams(page: pikepdf.Page, manifest: dict[str, Any]) -> list[bytes]:
    xobjects = page.obj.Resources.XObject
    images = manifest["images"]
    streams = [xobjects[f"/Im{k}"].read_raw_bytes() for k in range(len(images))]
    if [sha256(data) for data in streams] != [image["sha256"] for image in images]:
        raise Unfit(ScanFault.DAMAGED, "part")
    return streams


if __name__ == "__main__":
    sys.exit(main())
