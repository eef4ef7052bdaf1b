"""Pixels by pdfium: a page drawn anew, or one image at its own size.

pypdfium2's pdfium is built without JavaScript and XFA; no form environment is opened,
so no action of a document ever runs.
"""

from pathlib import Path
from typing import Final

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image
from pypdfium2 import raw

from intake.adapters.rebuild.encode import lossless, lossy, simplest
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Stream, Unfit, check_pixels
from intake.domain.scan import ScanFault

__all__ = ["POINTS_PER_INCH", "Renderer", "lossless", "lossy"]

LEAST_DPI: Final = 300
MOST_DPI: Final = 600
POINTS_PER_INCH: Final = 72.0


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
