"""Pixels by pdfium: a page of the working copy drawn anew, or one image of it decoded.

Only ``flat``'s working copy and one-image files made from it are opened here, never a
stranger's file. pypdfium2's pdfium is built without JavaScript and XFA; no form
environment is opened, so no action of a document could run. Start at ``PageRenderer``.
"""

from pathlib import Path
from typing import Any, Final

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
from pikepdf import Array, Dictionary, Name
from PIL import Image
from pypdfium2 import raw

from intake.adapters.rebuild.encode import simplest
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import UnfitPage, check_pixels
from intake.domain.scan import ScanFault

# A page that must be drawn gets at least what an office scanner gives, and at most what
# the finest scan of paper has.
LEAST_DPI: Final = 300
MOST_DPI: Final = 600
POINTS_PER_INCH: Final = 72.0
_SHARP_PIXELS: Final = 80_000_000
"""A page may have more than 300 dpi as long as it stays below this: A3 at 600 dpi is
70 million. Above, the dots become fewer; a page is never refused for being sharp."""
_MIDDLE: Final = 128


class PageRenderer:
    """The working copy, opened by pdfium on first use."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._document: pypdfium2.PdfDocument | None = None

    def page(self, index: int, *, dpi: float, unit: float, grey: bool) -> Image.Image:
        """The visible page with its annotations, unrotated, on white. ``dpi`` is of the
        paper, ``unit`` the points in one unit of the page.
        """
        page = self._open()[index]
        page.set_rotation(0)
        across, along = page.get_width() * unit, page.get_height() * unit
        most = self._limits.pixels
        scale = _fitting_dpi(across, along, dpi, most) / POINTS_PER_INCH
        size = round(across * scale) or 1, round(along * scale) or 1
        check_pixels(*size, limits=self._limits)
        bitmap = page.render(
            scale=scale * unit, may_draw_forms=False, rev_byteorder=True, grayscale=grey
        )
        image: Image.Image = bitmap.to_pil().convert("L" if grey else "RGB")
        page.close()
        return image

    def image(self, image: Any, size: tuple[int, int]) -> Image.Image | None:
        """One image of the working copy at its own size; None if pdfium cannot decode
        it. It stands alone in a file, so that there is no other one to mistake.
        """
        alone = self._path.with_name("one-image.pdf")
        _write_alone(image, alone)
        document = pypdfium2.PdfDocument(alone)
        try:
            found = list(document[0].get_objects([raw.FPDF_PAGEOBJ_IMAGE]))
            if len(found) != 1 or found[0].get_px_size() != size:
                return None
            return simplest(found[0].get_bitmap().to_pil())
        except pypdfium2.PdfiumError:
            return None
        finally:
            document.close()
            alone.unlink()

    def close(self) -> None:
        if self._document is not None:
            self._document.close()

    def _open(self) -> pypdfium2.PdfDocument:
        if self._document is None:
            try:
                self._document = pypdfium2.PdfDocument(self._path)
            except pypdfium2.PdfiumError as error:
                raise UnfitPage(ScanFault.DAMAGED, "pdfium") from error
        return self._document


def _write_alone(image: Any, path: Path) -> None:
    with pikepdf.new() as pdf:
        page = Dictionary(
            Type=Name.Page,
            MediaBox=Array([0, 0, 100, 100]),
            Resources=Dictionary(XObject=Dictionary(I=pdf.copy_foreign(image))),
            Contents=pdf.make_stream(b"100 0 0 100 0 0 cm /I Do"),
        )
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
        pdf.save(path, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def _fitting_dpi(across: float, along: float, dpi: float, most: int) -> float:
    """Between 300 and 600, and between those no more than the page can have.

    A scanner that writes a pixel as a point makes a page of metres at 72 dpi. At 300 it
    has more than ``most`` pixels, so it gets as many dots as fit if none is lost by it.
    """
    square_inches = across * along / POINTS_PER_INCH**2
    # A thousandth less than the limit: both sides are rounded.
    fitting = float((min(_SHARP_PIXELS, 0.999 * most) / square_inches) ** 0.5)
    if square_inches * LEAST_DPI**2 > most and 0 < dpi <= fitting:
        return fitting
    return max(float(LEAST_DPI), min(MOST_DPI, dpi, fitting))


def black_on_white(image: Image.Image) -> Image.Image:
    """A page whose sources have one bit, without the greys of its smooth edges."""
    grey = image.convert("L")
    return grey.point([255 if v >= _MIDDLE else 0 for v in range(256)], "1")


def in_inks(image: Image.Image, inks: set[tuple[int, int, int]]) -> Image.Image:
    """The same page in nothing but white and these colours, the nearest one each."""
    colours = [(255, 255, 255), *sorted(inks)][:256]
    flat = [part for colour in colours for part in colour]
    palette = Image.new("P", (1, 1))
    palette.putpalette(flat)
    return image.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")
