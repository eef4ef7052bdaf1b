"""A TIFF file's pages: the pictures of its chain that are no thumbnail and no mask.

Start at ``read_tiff``.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from intake.adapters.rebuild import exif, still, tiff, tiff_streams
from intake.adapters.rebuild.exif import Density, Facts
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import Page, UnfitPage, check_pixels
from intake.adapters.rebuild.tiff import Directory
from intake.domain.scan import ScanFault

# TIFF 6.0, section 8: bits of NewSubfileType, and a value of the older tag.
_REDUCED: Final = 1
_MASK: Final = 4
_OLD_REDUCED: Final = 2
_LIKE_A_PAGE: Final = 0.75
"""A thumbnail is smaller than that share of its page's width and height; one that is
not may show something else, and the clerk is told that it was left."""
_UNITS: Final = {2: 1.0, 3: 2.54}
"""ResolutionUnit: inch, centimetre; without it inches are meant."""
_NO_UNIT: Final = 1


def read_tiff(path: Path, *, limits: Limits) -> Iterator[Page]:
    """Raises UnfitPage; *no-pages* for a file of thumbnails only."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as m:
        found = list(tiff.directories(m))
        pages = [directory for directory in found if not _is_aside(directory)]
        if not pages:
            raise UnfitPage(ScanFault.NO_PAGES, "TIFF")
        if len(pages) > limits.pages:
            raise UnfitPage(ScanFault.TOO_MANY_PAGES, f"{len(pages)} pages")
        others = _leaves_a_page(found, pages)
        for number, directory in enumerate(pages, 1):
            check_pixels(*directory.size, limits=limits)
            stream = still.flagged(tiff_streams.stream(directory), others=others)
            density = _density(directory)
            yield still.page(stream, _facts(directory), [density], number)


def _is_aside(directory: Directory) -> bool:
    kind = directory.number(tiff.SUBFILE, 0)
    old = directory.number(tiff.OLD_SUBFILE, 0)
    return bool(kind & (_REDUCED | _MASK)) or old == _OLD_REDUCED


def _leaves_a_page(found: list[Directory], pages: list[Directory]) -> bool:
    """Whether what was left out is as large as a page; a mask is no picture."""
    width = max(page.size[0] for page in pages)
    height = max(page.size[1] for page in pages)
    return any(
        left.size[0] > _LIKE_A_PAGE * width and left.size[1] > _LIKE_A_PAGE * height
        for left in found
        if _is_aside(left) and not left.number(tiff.SUBFILE, 0) & _MASK
    )


def _facts(directory: Directory) -> Facts:
    mirrored, turn = exif.orientation(directory.number(tiff.ORIENTATION, 1))
    return Facts(mirrored, turn, None)


def _density(directory: Directory) -> Density | None:
    across, down = directory.fraction(tiff.ACROSS), directory.fraction(tiff.DOWN)
    if not across or not down:
        return None
    unit = directory.number(tiff.UNIT, 2)
    scale = _UNITS.get(unit, 1.0)
    return Density(across * scale, down * scale, unit != _NO_UNIT)
