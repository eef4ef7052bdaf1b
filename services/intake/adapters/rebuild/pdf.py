"""Reads a stranger's PDF: what it may not be, then page by page what it shows.

Refused: encrypted, signed, without pages, without a picture of paper (spec 9.4).
A page that is one image, or strips of one, gives its streams; any other is rendered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pikepdf
from pikepdf import Dictionary, Name

from intake.adapters.rebuild import content, geometry, lift, whole
from intake.adapters.rebuild.limits import MIB, Limits
from intake.adapters.rebuild.pages import Matrix, Page, Placed, Stream, Unfit, rounded
from intake.adapters.rebuild.render import Renderer, lossless, lossy
from intake.domain.scan import Done, Flag, ScanFault

_TAIL_BYTES: Final = 2048
_UNSEEN: Final = frozenset({"/Link", "/Popup"})
_HIDDEN: Final = 1 << 1 | 1 << 5
"""Annotation flags Hidden and NoView (ISO 32000-1 table 165)."""
_LOSSY: Final = "/DCTDecode"


def set_bounds(limits: Limits) -> None:
    """Qpdf's own limits; its defaults for memory are none at all."""
    memory = min(limits.address_space_bytes // 2, 1024 * MIB)
    pikepdf.settings.set_qpdf_limits(
        doc_max_warnings=1000,
        parser_max_nesting=100,
        parser_max_container_size=2_000_000,
        max_stream_filters=4,
        dct_max_memory=memory,
        dct_max_progressive_scans=100,
        flate_max_memory=memory,
        png_max_memory=memory,
        run_length_max_memory=memory,
        tiff_max_memory=memory,
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """A page before anything is decoded."""

    index: int
    page: pikepdf.Page
    drawing: content.Drawing
    sheet: geometry.Sheet
    annotated: bool


def read_pdf(path: Path, *, limits: Limits) -> Iterator[Page]:
    with _opened(path) as pdf:
        _refuse_unfit(pdf, limits)
        seen = [_look(index, page) for index, page in enumerate(pdf.pages)]
        if not any(geometry.covers(page.sheet) for page in seen):
            raise Unfit(ScanFault.BORN_DIGITAL)
        renderer = Renderer(path, limits)
        for page in seen:
            yield _page(page, renderer, limits)


def _opened(path: Path) -> pikepdf.Pdf:
    _refuse_cut(path)
    try:
        return pikepdf.open(path, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise Unfit(ScanFault.PASSWORD) from error
    except pikepdf.PdfError as error:
        none = "no pages" in str(error)
        fault = ScanFault.NO_PAGES if none else ScanFault.DAMAGED
        raise Unfit(fault, "qpdf") from error


def _refuse_cut(path: Path) -> None:
    """Qpdf would mend a file without an end, and lose pages in silence."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _TAIL_BYTES))
        if b"%%EOF" not in file.read():
            raise Unfit(ScanFault.TRUNCATED, "PDF")


def _refuse_unfit(pdf: pikepdf.Pdf, limits: Limits) -> None:
    if pdf.is_encrypted:
        raise Unfit(ScanFault.PASSWORD)
    told = _count(pdf)
    if told > limits.pages:
        raise Unfit(ScanFault.TOO_MANY_PAGES, f"{told} pages")
    if _is_signed(pdf):
        raise Unfit(ScanFault.ALREADY_SIGNED)
    pages = len(pdf.pages)
    if pages == 0:
        raise Unfit(ScanFault.NO_PAGES)
    if pages > limits.pages:
        raise Unfit(ScanFault.TOO_MANY_PAGES, f"{pages} pages")
    if pages < told:
        raise Unfit(ScanFault.DAMAGED, f"{pages} of {told} pages found")


def _count(pdf: pikepdf.Pdf) -> int:
    try:
        return int(pdf.Root.Pages.get("/Count", 0))
    except (AttributeError, TypeError, ValueError) as error:
        raise Unfit(ScanFault.DAMAGED, "no page tree") from error


def _is_signed(pdf: pikepdf.Pdf) -> bool:
    """Any signature or document timestamp with content, wherever it hangs."""
    if "/Perms" in pdf.Root:
        return True
    return any(
        _is_signature(thing) or _is_signature(thing.get("/V"))
        for thing in pdf.objects
        if isinstance(thing, Dictionary)
    )


def _is_signature(thing: Any) -> bool:
    if not isinstance(thing, Dictionary):
        return False
    return "/ByteRange" in thing or thing.get("/Type") in (Name.Sig, Name.DocTimeStamp)


def _look(index: int, page: pikepdf.Page) -> _Seen:
    drawing = content.read_page(page)
    matrices = [drawn.matrix for drawn in drawing.images] + drawing.inline
    try:
        sheet = geometry.sheet(page, matrices)
        annotated = any(_shows(annotation) for annotation in _annotations(page))
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise Unfit(ScanFault.DAMAGED, f"page {index + 1}") from error
    return _Seen(index, page, drawing, sheet, annotated)


def _annotations(page: pikepdf.Page) -> list[Any]:
    found = page.obj.get("/Annots")
    return list(found) if isinstance(found, pikepdf.Array) else []


def _shows(annotation: Any) -> bool:
    if not isinstance(annotation, Dictionary):
        return False
    if int(annotation.get("/F", 0)) & _HIDDEN:
        return False
    unseen = str(annotation.get("/Subtype")) in _UNSEEN or _is_bare(annotation)
    return "/AP" in annotation or not unseen


def _is_bare(annotation: Dictionary) -> bool:
    """A form field that has no appearance shows nothing."""
    return bool(annotation.get("/Subtype") == Name.Widget)


def _page(seen: _Seen, renderer: Renderer, limits: Limits) -> Page:
    kept = _kept(seen, renderer, limits) if _is_pure(seen) else None
    return kept or _rendered(seen, renderer)


def _is_pure(seen: _Seen) -> bool:
    drawing = seen.drawing
    return not (
        drawing.other
        or drawing.inline
        or seen.annotated
        or not all(drawn.liftable for drawn in drawing.images)
        or not geometry.are_strips(seen.sheet.matrices)
        or not geometry.covers(seen.sheet)
    )


def _kept(seen: _Seen, renderer: Renderer, limits: Limits) -> Page | None:
    sheet = geometry.upright(seen.sheet)
    if sheet is None:
        return None
    done: Done = "lifted"
    streams = []
    for nth, drawn in enumerate(seen.drawing.images):
        stream = lift.lift(drawn.image, limits=limits)
        if stream is None:
            stream = _encoded(drawn.image, seen.index, nth, renderer, limits)
        if stream is None:
            return None
        done = "re-encoded" if stream.encoded else done
        streams.append(stream)
    return _laid(seen, sheet, tuple(streams), done)


def _laid(
    seen: _Seen, sheet: geometry.Sheet, streams: tuple[Stream, ...], done: Done
) -> Page:
    told = {flag for stream in streams for flag in stream.flags}
    told |= {"text-layer-dropped"} if seen.drawing.hidden_text else set()
    return Page(
        number=seen.index + 1,
        width=sheet.width,
        height=sheet.height,
        rotation=sheet.rotation,
        pictures=tuple(map(Placed, streams, sheet.matrices)),
        done=done,
        flags=tuple(sorted(told)),
    )


def _encoded(
    image: Any, index: int, nth: int, renderer: Renderer, limits: Limits
) -> Stream | None:
    """The same pixels in a filter that a copy may have: JBIG2, JPEG 2000, palettes,
    CMYK. Lossless, but for a JPEG whose colours had to be converted.
    """
    if lift.masked(image) or bool(image.get("/ImageMask", False)):
        return None
    whole.refuse_cut_image(image)
    size = lift.size_of(image, limits=limits)
    pixels = renderer.image(index, nth, size)
    if pixels is None or pixels.size != size:
        return None
    return lossy(pixels) if _is_lossy(image) else lossless(pixels)


def _is_lossy(image: Any) -> bool:
    return _LOSSY in str(image.get("/Filter"))


def _rendered(seen: _Seen, renderer: Renderer) -> Page:
    sheet = seen.sheet
    for drawn in seen.drawing.images:
        whole.refuse_cut_image(drawn.image)
    stream = renderer.page(seen.index, dpi=_native_dpi(seen))
    width, height = rounded(sheet.width), rounded(sheet.height)
    matrix: Matrix = (width, 0.0, 0.0, height, 0.0, 0.0)
    flags: tuple[Flag, ...] = ("rendered",)
    return Page(
        number=seen.index + 1,
        width=width,
        height=height,
        rotation=sheet.rotation,
        pictures=(Placed(stream, matrix),),
        done="rendered",
        flags=flags,
    )


def _native_dpi(seen: _Seen) -> float:
    """Of the sharpest image on the page, so that rendering does not blur it."""
    found = [
        geometry.resolution(
            (int(d.image.get("/Width", 0)), int(d.image.get("/Height", 0))), m
        )
        for d, m in zip(seen.drawing.images, seen.sheet.matrices, strict=False)
    ]
    return max(found, default=0.0)
