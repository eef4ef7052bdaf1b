"""Opens a stranger's PDF with qpdf and says what it may not be: encrypted, signed, an
XFA form, without pages, too long, or with a page missing.

qpdf is the only program that reads the stranger's own structure. What comes after works
on the copy that ``flat`` writes. Start at ``open_source``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary

from intake.adapters.rebuild import signatures, tail
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.pages import UnfitPage
from intake.domain.scan import ScanFault

_DEEPEST: Final = 50
_MOST_NODES: Final = 100_000
"""The most nodes of a page tree that are walked: one that loops must not unfold
without end."""
_RECONSTRUCTED: Final = "reconstruct"
"""A word of qpdf's warning that it had to search the file for its objects."""


@contextmanager
def open_source(path: Path, *, into: Path, limits: Limits) -> Iterator[pikepdf.Pdf]:
    """The opened file; raises UnfitPage for one that cannot become a scan's pages."""
    whole = tail.without_tail(path, into=into)
    try:
        with _opened(whole) as pdf:
            _refuse_unfit(pdf, limits)
            yield pdf
    finally:
        if whole != path:
            whole.unlink()


def _opened(path: Path) -> pikepdf.Pdf:
    try:
        return pikepdf.open(path, suppress_warnings=True, inherit_page_attributes=False)
    except pikepdf.PasswordError as error:
        raise UnfitPage(ScanFault.PASSWORD) from error
    except pikepdf.PdfError as error:
        none = "no pages" in str(error)
        fault = ScanFault.NO_PAGES if none else ScanFault.DAMAGED
        raise UnfitPage(fault, "qpdf") from error


def _refuse_unfit(pdf: pikepdf.Pdf, limits: Limits) -> None:
    if pdf.is_encrypted:
        raise UnfitPage(ScanFault.PASSWORD)
    tree = _counted(pdf, limits)
    if signatures.is_signed(pdf):
        raise UnfitPage(ScanFault.ALREADY_SIGNED)
    if _is_xfa(pdf):
        raise UnfitPage(ScanFault.XFA_FORM)
    pages = _pages(pdf)
    if pages == 0:
        raise UnfitPage(ScanFault.NO_PAGES)
    if pages > limits.pages:
        raise UnfitPage(ScanFault.TOO_MANY_PAGES, f"{pages} pages")
    _refuse_loss(pdf, tree, pages)


@dataclass(slots=True)
class _Tree:
    """What the page tree says of itself."""

    declared: int = 0
    """/Count of its root; 0 if that is no number."""
    leaves: int = 0
    lost: int = 0
    """Kids that are null, absent, or no dictionary."""


def _counted(pdf: pikepdf.Pdf, limits: Limits) -> _Tree:
    """Read before qpdf's own list of pages is, because that one removes null kids."""
    root: Any = pdf.Root.get("/Pages")
    if not isinstance(root, Dictionary):
        raise UnfitPage(ScanFault.DAMAGED, "no page tree")
    count: Any = root.get("/Count")
    tree = _Tree(declared=count if isinstance(count, int) else 0)
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(root, ())]
    for _ in range(_MOST_NODES):
        if not waiting:
            return tree
        node, above = waiting.pop()
        if not isinstance(node, Dictionary):
            tree.lost += 1
            continue
        if node.is_indirect and node.objgen in above:
            raise UnfitPage(ScanFault.DAMAGED, "page tree")
        kids = node.get("/Kids")
        if not isinstance(kids, Array):
            tree.leaves += 1
        elif len(above) < _DEEPEST:
            waiting += [(kid, (*above, node.objgen)) for kid in kids]
        if tree.leaves > limits.pages:
            raise UnfitPage(ScanFault.TOO_MANY_PAGES, f"over {limits.pages} pages")
    raise UnfitPage(ScanFault.TOO_MUCH_WORK, "page tree")


def _pages(pdf: pikepdf.Pdf) -> int:
    try:
        return len(pdf.pages)
    except pikepdf.PdfError as error:
        raise UnfitPage(ScanFault.DAMAGED, "page tree") from error


def _refuse_loss(pdf: pikepdf.Pdf, tree: _Tree, pages: int) -> None:
    """/Count alone proves nothing: careless writers leave it too high, too low, or
    out. With a hole in the tree, or after qpdf had to search the file for its objects,
    a /Count above what was found means that a page is missing.
    """
    searched = any(_RECONSTRUCTED in str(warning) for warning in pdf.get_warnings())
    if tree.declared > pages and (tree.lost or searched):
        raise UnfitPage(ScanFault.DAMAGED, f"{pages} of {tree.declared} pages found")


def _is_xfa(pdf: pikepdf.Pdf) -> bool:
    """An XFA form has a second description of its pages, which Acrobat shows instead
    of the first; nothing here can draw it.
    """
    form = pdf.Root.get("/AcroForm")
    xfa = form.get("/XFA") if isinstance(form, Dictionary) else None
    if isinstance(xfa, Array):
        return len(xfa) > 0
    return isinstance(xfa, pikepdf.Stream)
