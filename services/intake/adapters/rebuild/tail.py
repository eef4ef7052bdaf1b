"""Finds where a PDF ends, so that a whole file with something behind it is told from
a cut one.

The structure decides, not a window of bytes: the last ``startxref`` and whether its
offset leads to a cross-reference section (ISO 32000-1, 7.5.5 and 7.5.8). Fax servers
pad files with zeros to full blocks, mail gateways append a footer, web servers a page.
Start reading at ``without_tail``.
"""

import mmap
import re
from pathlib import Path
from typing import Final

from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

_HEAD_BYTES: Final = 1024
_LOOKED_AT: Final = 512
"""Bytes behind the end that qpdf accepts by itself; it looks for ``startxref`` in the
last 1,054."""
_END: Final = re.compile(rb"startxref\s+(\d{1,12})(?:\s*(%%EOF))?")
_SECTION: Final = re.compile(rb"\s{0,8}(?:xref\b|\d{1,10}\s+\d{1,5}\s+obj\b)")
_OBJECT: Final = re.compile(rb"(?<!\d)\d{1,10}\s+\d{1,5}\s+obj\b")


def without_tail(path: Path, *, into: Path) -> Path:
    """The file as far as its structure goes: ``path`` itself, or a shorter copy of it
    in ``into`` when much stands behind the end. Raises UnfitPage(truncated) for a file
    whose own end is missing.
    """
    size, end = path.stat().st_size, _end_of(path)
    if size - end <= _LOOKED_AT:
        return path
    short = into / "without-tail.pdf"
    with path.open("rb") as whole, short.open("wb") as part:
        left = end
        while left:
            block = whole.read(min(left, 1 << 20))
            left -= part.write(block)
    return short


def _end_of(path: Path) -> int:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as m:
        return _end(m)


def _end(data: mmap.mmap) -> int:
    at = data.rfind(b"startxref")
    found = _END.match(data, at) if at >= 0 else None
    if found is None:
        raise UnfitPage(ScanFault.TRUNCATED, "PDF without startxref")
    # Objects behind the end are a later revision whose own end is missing; in a
    # linearised file (ISO 32000-1, annex F) the first end stands near the beginning.
    if _OBJECT.search(data, found.end()):
        raise UnfitPage(ScanFault.TRUNCATED, "PDF objects behind the end")
    # A file whose table was shifted (edited by hand, sent as text) has an end all the
    # same: qpdf rebuilds the table, and ``source`` looks whether anything was lost.
    if found.group(2) is None and not _resolves(data, int(found.group(1))):
        raise UnfitPage(ScanFault.TRUNCATED, "PDF ends in its end mark")
    return found.end()


def _resolves(data: mmap.mmap, offset: int) -> bool:
    """Offsets count from the header, which may stand behind some junk."""
    header = max(0, data.find(b"%PDF-", 0, _HEAD_BYTES + 5))
    return _SECTION.match(data, header + offset) is not None
