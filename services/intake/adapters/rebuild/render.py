"""Pixels by pdfium: a page drawn anew, or one image at its own size.

pypdfium2's pdfium is built without JavaScript and XFA; no form environment is opened,
so no action of a document ever runs.
"""

import io
from pathlib import Path
from typing import Final

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image
from pypdfium2 import raw

from intake.adapters.rebuild import png
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Stream, Unfit, check_pixels
from intake.domain.scan import ScanFault

LEAST_DPI: Final = 300
MOST_DPI: Final = 600
QUALITY: Final = 95
POINTS_PER_INCH: Final = 72.0
_BLACK_AND_WHITE: Final = frozenset({0, 255})


class Renderer:
    """One PDF, opened by pdfium on first use."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._document: pypdfium2.PdfDocument | None = None

    def page(self, index: int, *, dpi: float) -> Stream:
        """The visible page with its annotations, unrotated, on white; as a JPEG."""
        dpi = min(MOST_DPI, max(LEAST_DPI, dpi))
        page = self._open()[index]
        turned = page.get_rotation()
        page.set_rotation(0)
        scale = dpi / POINTS_PER_INCH
        check_pixels(
            round(page.get_width() * scale) or 1,
            round(page.get_height() * scale) or 1,
            limits=self._limits,
        )
        bitmap = page.render(scale=scale, may_draw_forms=False, rev_byteorder=True)
        page.set_rotation(turned)
        image = bitmap.to_pil().convert("RGB")
        page.close()
        return lossy(image)

    def image(self, index: int, nth: int, size: tuple[int, int]) -> Image.Image | None:
        """The nth image that the page draws, at its own size; None if pdfium counts
        otherwise than we do.
        """
        page = self._open()[index]
        found = list(page.get_objects([raw.FPDF_PAGEOBJ_IMAGE]))
        if nth >= len(found) or found[nth].get_px_size() != size:
            return None
        try:
            return simplest(found[nth].get_bitmap().to_pil())
        except pypdfium2.PdfiumError:
            return None

    def _open(self) -> pypdfium2.PdfDocument:
        if self._document is None:
            try:
                self._document = pypdfium2.PdfDocument(self._path)
            except pypdfium2.PdfiumError as error:
                raise Unfit(ScanFault.DAMAGED, "pdfium") from error
        return self._document


def simplest(image: Image.Image) -> Image.Image:
    """The plainest mode that holds every pixel: 1, L or RGB."""
    image = image if image.mode in ("1", "L", "RGB") else image.convert("RGB")
    if image.mode == "RGB" and _is_grey(image):
        image = image.getchannel(0)
    if image.mode == "L" and _values(image) <= _BLACK_AND_WHITE:
        image = image.convert("1", dither=Image.Dither.NONE)
    return image


def lossless(image: Image.Image) -> Stream:
    return png.encode(simplest(image))


def lossy(image: Image.Image) -> Stream:
    """For pixels that were computed, not scanned: JPEG without chroma subsampling;
    pure black and white stays lossless and small.
    """
    image = simplest(image)
    if image.mode == "1":
        return png.encode(image)
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY, subsampling=0)
    return Stream(
        data=written.getvalue(),
        filter="DCTDecode",
        width=image.width,
        height=image.height,
        bits=8,
        colour_space="DeviceGray" if image.mode == "L" else "DeviceRGB",
    )


def _is_grey(image: Image.Image) -> bool:
    red, green, blue = image.split()
    first = red.tobytes()
    return green.tobytes() == first and blue.tobytes() == first


def _values(image: Image.Image) -> set[int]:
    return {value for value, count in enumerate(image.histogram()) if count}
