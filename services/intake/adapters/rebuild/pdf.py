"""Reads a stranger's PDF page by page: its image streams as they are, or a picture of
what it shows.

``source`` refuses what may not be read, ``flat`` writes the working copy, ``content``
and ``geometry`` say what a page draws and where. A page that is nothing but whole
images gives their streams; any other is rendered (docs/decisions/0040, 0042). Start at
``read_pdf``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pikepdf

from intake.adapters.rebuild import content, geometry
from intake.adapters.rebuild.encode import lossless, lossy
from intake.adapters.rebuild.flat import Leaf, flattened
from intake.adapters.rebuild.images import Images, Lifted
from intake.adapters.rebuild.layers import hidden_layers
from intake.adapters.rebuild.limits import MIB, Limits
from intake.adapters.rebuild.pages import (
    Matrix,
    Page,
    Placed,
    Stream,
    UnfitPage,
    rounded,
)
from intake.adapters.rebuild.render import PageRenderer, black_on_white, in_inks
from intake.adapters.rebuild.seen_pages import SeenPage
from intake.adapters.rebuild.states import BLACK, Ink
from intake.domain.scan import Done, Flag, ScanFault

_LOW_DPI: Final = 200
"""Below it a page is flagged: small print is hard to read."""
_SOFT_DPI: Final = 150
"""Half of the least resolution of a rendered page."""
_COUNTS: Final = 0.1
"""The share of the largest image's visible area that another image needs to set the
resolution of the page: else a line one pixel wide would."""


def set_bounds(limits: Limits) -> None:
    """Qpdf's own limits; its defaults for memory are none at all.

    Not ``doc_max_warnings``: with it qpdf 12.4 walks the page tree while opening, takes
    null kids out and sets /Count right, and no trace of a missing page is left.
    """
    # What one filter unfolds must fit beside what is made of it.
    memory = min(limits.address_space_bytes // 2, 1024 * MIB)
    pikepdf.settings.set_qpdf_limits(
        # Far beyond what writers make: a file that was made to unfold stops here.
        parser_max_nesting=100,
        parser_max_container_size=2_000_000,
        max_stream_filters=4,
        # qpdf refuses a JPEG above a twentieth of this bound (18 megapixels of a GiB),
        # and calls it damage. 0 is no bound: the address space bounds it, and a page's
        # pixels do.
        dct_max_memory=0,
        dct_max_progressive_scans=100,
        flate_max_memory=memory,
        png_max_memory=memory,
        run_length_max_memory=memory,
        tiff_max_memory=memory,
    )


def read_pdf(path: Path, *, into: Path, limits: Limits) -> Iterator[Page]:
    """``into`` is for working copies, which are gone when the last page was read."""
    flat = into / "working-copy.pdf"
    try:
        leaves = flattened(path, flat, limits)
        # Read, not mapped: all of a large file would stay in this process's memory.
        with pikepdf.open(flat, access_mode=pikepdf.AccessMode.stream) as pdf:
            yield from _pages(pdf, leaves, PageRenderer(flat, limits), limits)
    finally:
        flat.unlink(missing_ok=True)


def _pages(
    pdf: pikepdf.Pdf, leaves: list[Leaf], renderer: PageRenderer, limits: Limits
) -> Iterator[Page]:
    hidden = hidden_layers(pdf)
    seen = [_look(k, pdf.pages[k], leaf, hidden) for k, leaf in enumerate(leaves)]
    _refuse_typed(seen)
    images = Images(renderer, limits, _images_drawn(seen))
    try:
        for page in seen:
            yield _lifted(page, images) or _rendered(page, images, renderer)
    finally:
        renderer.close()


def _images_drawn(seen: list[SeenPage]) -> Iterator[tuple[int, int]]:
    for page in seen:
        for drawn in page.drawing.images:
            if drawn.image is not None:
                yield drawn.image.objgen


def _refuse_typed(seen: list[SeenPage]) -> None:
    """Raises UnfitPage(born-digital) if no page is a picture of paper."""
    is_typed = not all(page.is_bare for page in seen)
    if any(page.is_plainly_scan if is_typed else page.is_scan for page in seen):
        return
    if any(page.drawing.unclear for page in seen):
        raise UnfitPage(ScanFault.DAMAGED, "page content")
    raise UnfitPage(ScanFault.BORN_DIGITAL)


def _look(
    index: int, page: pikepdf.Page, leaf: Leaf, hidden: frozenset[tuple[int, int]]
) -> SeenPage:
    drawing = content.read_page(page, hidden)
    return SeenPage(index, leaf, drawing, geometry.sheet(leaf, drawing.images))


def _lifted(seen: SeenPage, images: Images) -> Page | None:
    """The page's own streams; None if that would show another page, or more of it."""
    sheet = geometry.without_unseen(seen.sheet)
    if not _is_pure(seen, sheet):
        return None
    lifted: list[Lifted] = []
    for spot in sheet.spots:
        found = images.lifted(spot.drawn.image)
        if found is None:
            return None
        # Pixels of one image are little beside it; those of a page of many are not.
        lifted.append(found if len(sheet.spots) == 1 else found.without_pixels())
    streams = [one.stream for one in lifted]
    laid = geometry.upright(sheet)
    return Page(
        number=seen.index + 1,
        width=laid.width,
        height=laid.height,
        rotation=laid.rotation,
        pictures=tuple(
            Placed(stream, spot.matrix)
            for stream, spot in zip(streams, laid.spots, strict=True)
        ),
        done=_done(lifted),
        flags=_flags(seen, {flag for stream in streams for flag in stream.flags}),
    )


def _done(lifted: list[Lifted]) -> Done:
    if all(one.as_it_was for one in lifted):
        return "lifted"
    anew = any(one.stream.recompressed for one in lifted)
    return "recompressed" if anew else "re-encoded"


def _is_pure(seen: SeenPage, sheet: geometry.Sheet) -> bool:
    """Nothing but images, each of them whole, plain, and not under another one."""
    drawing = seen.drawing
    if not sheet.spots or drawing.other or drawing.layered or seen.leaf.annotated:
        return False
    return geometry.apart(sheet.spots) and all(
        spot.drawn.is_liftable and geometry.travels_whole(spot) for spot in sheet.spots
    )


def _flags(seen: SeenPage, more: set[Flag]) -> tuple[Flag, ...]:
    found = more | set(seen.leaf.flags)
    found |= {"cropped"} if geometry.is_cropped(seen.sheet) else set()
    found |= {"text-layer-dropped"} if seen.drawing.hidden_text else set()
    return tuple(sorted(found))


def _rendered(seen: SeenPage, images: Images, renderer: PageRenderer) -> Page:
    spots = geometry.without_unseen(seen.sheet).spots
    for spot in spots:
        images.refuse_cut(spot.drawn.image)
    dpi = _native_dpi(spots)
    soft = _is_soft(spots, images)
    stream = _drawn(seen, _inks(seen, images), dpi, renderer, soft=soft)
    width, height = rounded(seen.sheet.width), rounded(seen.sheet.height)
    matrix: Matrix = (width, 0.0, 0.0, height, 0.0, 0.0)
    # Drawing a blurred scan at 300 dpi does not make it sharper.
    blurred = spots and seen.is_scan and 0 < round(dpi) < _LOW_DPI
    more: set[Flag] = {"rendered", "under-200-dpi"} if blurred else {"rendered"}
    return Page(
        number=seen.index + 1,
        width=width,
        height=height,
        rotation=seen.sheet.rotation,
        pictures=(Placed(stream, matrix),),
        done="rendered",
        flags=_flags(seen, more),
    )


def _drawn(
    seen: SeenPage, inks: set[Ink], dpi: float, renderer: PageRenderer, *, soft: bool
) -> Stream:
    """A page of black and white images stays black and white, one of coloured stencils
    keeps to their colours: smooth edges would cost twenty times the bytes.
    """
    black = inks == {BLACK}
    picture = renderer.page(seen.index, dpi=dpi, unit=seen.leaf.unit, grey=black)
    if black:
        return lossless(black_on_white(picture))
    return lossy(in_inks(picture, inks) if inks else picture, soft=soft)


def _is_soft(spots: tuple[geometry.Spot, ...], images: Images) -> bool:
    """Whether all shades of the page are enlarged twice or more, as under the sharp
    letters of a scan in layers (mixed raster content), where only ink is one bit.
    """
    shades = [
        geometry.resolution(size, spot.matrix)
        for spot in spots
        if not images.has_one_bit(spot.drawn.image)
        and (size := Images.size(spot.drawn.image)) is not None
    ]
    return bool(shades) and max(shades) <= _SOFT_DPI


def _inks(seen: SeenPage, images: Images) -> set[Ink]:
    """The colours of a page that has nothing but images of one bit; else none."""
    drawing = seen.drawing
    if drawing.other or drawing.layered or seen.leaf.annotated:
        return set()
    if not all(
        drawn.plain and images.has_one_bit(drawn.image) for drawn in drawing.images
    ):
        return set()
    inks = {drawn.ink for drawn in drawing.images}
    return {ink for ink in inks if ink is not None} if None not in inks else set()


def _native_dpi(spots: tuple[geometry.Spot, ...]) -> float:
    """The resolution of the sharpest image that matters, so that rendering does not
    blur it.
    """
    largest = max((spot.area for spot in spots), default=0.0)
    return max(
        (
            geometry.resolution(size, spot.matrix)
            for spot in spots
            if spot.area >= _COUNTS * largest
            and (size := Images.size(spot.drawn.image)) is not None
        ),
        default=0.0,
    )
