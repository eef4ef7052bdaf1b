"""Writes the working copy: the one file that is analysed and drawn.

Two libraries that open a stranger's file each by itself may count its pages differently
(null kids, shared kids, a false /Count), inherit other boxes, or find another "third
image". So qpdf reads the stranger's file once, and only what drawing needs goes into a
plain PDF of our own: a flat page tree, one box a page, no form, no action, no name.
From then on page *i* is page *i* for everybody. See docs/decisions/0040. Start at
``flattened``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name

from intake.adapters.rebuild import boxes, content, forms
from intake.adapters.rebuild.limits import Limits
from intake.adapters.rebuild.matrices import Box
from intake.adapters.rebuild.pages import UnfitPage
from intake.adapters.rebuild.source import open_source
from intake.domain.scan import Flag, ScanFault

_NOTE_KEYS: Final = (
    *("/Type", "/Subtype", "/Rect", "/F", "/C", "/IC", "/CA", "/BS", "/Border", "/BE"),
    *("/QuadPoints", "/InkList", "/RD", "/OC"),
)
"""What pdfium draws a note from that has no appearance of its own."""
_PRINT: Final = 4
"""The annotation flag Print (ISO 32000-1, table 165)."""
_HELVETICA: Final = {
    "/Type": Name.Font,
    "/Subtype": Name.Type1,
    "/BaseFont": Name.Helvetica,
    "/Encoding": Name.WinAnsiEncoding,
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """What the working copy no longer says of one of its pages."""

    box: Box
    rotation: int
    unit: float
    annotated: bool
    """Something visible lies on the page that is not in its content."""
    flags: tuple[Flag, ...]


def flattened(path: Path, flat: Path, limits: Limits) -> list[Leaf]:
    """The working copy *flat* of the stranger's file at *path* (``write_flat``). Raises
    UnfitPage for a file that cannot become a scan's pages.

    Nobody else has the source's name: as long as it has one, a closed PDF keeps in
    memory every stream that was copied out of it, as many bytes as the file has.
    """
    with open_source(path, into=flat.parent, limits=limits) as source:
        return write_flat(source, flat)


def write_flat(source: pikepdf.Pdf, path: Path) -> list[Leaf]:
    """The working copy of ``source`` at ``path``, streams encoded as they were; what
    its pages are like, in order.
    """
    form = forms.form_of(source)
    with pikepdf.new() as pdf:
        copier = _Copier(source, pdf)
        leaves = [_leaf(index, page, copier, form) for index, page in _pages(source)]
        _keep_layers(source, copier)
        pdf.save(
            path,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            compress_streams=False,
        )
    return leaves


class _Copier:
    """Copies values from one PDF into another; shared objects stay shared."""

    def __init__(self, source: pikepdf.Pdf, target: pikepdf.Pdf) -> None:
        self._source = source
        self.target = target

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, Array | Dictionary | pikepdf.Stream):
            return value
        indirect = value if value.is_indirect else self._source.make_indirect(value)
        return self.target.copy_foreign(indirect)


def _pages(source: pikepdf.Pdf) -> Iterator[tuple[int, Any]]:
    return ((index, page.obj) for index, page in enumerate(source.pages))


def _leaf(index: int, page: Any, copier: _Copier, form: forms.Form) -> Leaf:
    try:
        return _copied(page, copier, form)
    except (AttributeError, TypeError, ValueError, KeyError) as error:
        raise UnfitPage(ScanFault.DAMAGED, f"page {index + 1}") from error


def _copied(page: Any, copier: _Copier, form: forms.Form) -> Leaf:
    box, rotation = boxes.visible_box(page), boxes.rotation(page)
    resources = boxes.inherited(page, "/Resources")
    copied = copier(resources) if isinstance(resources, Dictionary) else Dictionary()
    shared = copier.target.make_indirect(copied)
    _share_resources(shared)
    copy = Dictionary(
        Type=Name.Page,
        MediaBox=Array(list(box)),
        Rotate=rotation,
        Resources=shared,
    )
    copy.Contents = copier.target.make_stream(_content(page))
    notes, flags = _notes(page, copier, form)
    if notes:
        copy.Annots = Array(notes)
    laid = pikepdf.Page(copier.target.make_indirect(copy))
    # As objects, inline images can be judged and lifted like all others.
    laid.externalize_inline_images(min_size=0)
    copier.target.pages.append(laid)
    return Leaf(box, rotation, boxes.user_unit(page), bool(notes), flags)


def _share_resources(page: Any) -> None:
    """Forms without /Resources draw with their page's (ISO 32000-1, 7.8.3). They get
    them here: qpdf would put a form's inline image into resources that are nowhere.
    """
    waiting, seen = [page], set()
    while waiting:
        resources = waiting.pop()
        for form in _forms(resources):
            if form.objgen in seen:
                continue
            seen.add(form.objgen)
            if not isinstance(form.get("/Resources"), Dictionary):
                form.Resources = resources
            elif form.Resources.objgen != resources.objgen:
                waiting.append(form.Resources)


def _forms(resources: Any) -> list[Any]:
    xobjects = resources.get("/XObject")
    found = list(xobjects.values()) if isinstance(xobjects, Dictionary) else []
    return [
        each
        for each in found
        if isinstance(each, pikepdf.Stream) and each.get("/Subtype") == Name.Form
    ]


def _content(page: Any) -> bytes:
    """The page's content as qpdf unfolds it, so that pdfium draws what was analysed: of
    a stream that is cut or has nulls beside it each reader takes another part.
    """
    found = page.get("/Contents")
    streams = list(found) if isinstance(found, Array) else [found]
    try:
        return b"\n".join(
            each.read_bytes() for each in streams if isinstance(each, pikepdf.Stream)
        )
    except pikepdf.PdfError as error:
        raise UnfitPage(ScanFault.DAMAGED, "page content") from error


def _notes(
    page: Any, copier: _Copier, form: forms.Form
) -> tuple[list[Any], tuple[Flag, ...]]:
    """The visible annotations of a page, without anything that acts."""
    found = page.get("/Annots")
    notes, doubtful = [], False
    for annotation in found if isinstance(found, Array) else ():
        if not isinstance(annotation, Dictionary):
            continue
        shown = forms.shown(annotation, form)
        if shown is None or _draws_nothing(shown, form):
            continue
        note = _note(annotation, shown, copier, form)
        notes.append(copier.target.make_indirect(note))
        doubtful = doubtful or shown.doubtful
    return notes, (("form-values",) if doubtful else ())


def _draws_nothing(shown: forms.Shown, form: forms.Form) -> bool:
    if shown.stream is None:
        return False
    resources = form.resources if form.resources is not None else Dictionary()
    return content.read_form(shown.stream, resources).is_empty


def _note(
    annotation: Any, shown: forms.Shown, copier: _Copier, form: forms.Form
) -> Dictionary:
    keys = {key: copier(annotation[key]) for key in _NOTE_KEYS if key in annotation}
    if shown.stream is None and not shown.content:
        return Dictionary(keys)
    keys |= {"/F": _PRINT, "/Type": Name.Annot}
    # pdfium draws widgets only through its form filler, which also runs scripts.
    if keys.get("/Subtype") == Name.Widget:
        keys["/Subtype"] = Name.Stamp
    keys["/AP"] = Dictionary(N=_appearance(annotation, shown, copier, form))
    return Dictionary(keys)


def _appearance(
    annotation: Any, shown: forms.Shown, copier: _Copier, form: forms.Form
) -> Any:
    if shown.stream is None:
        return _written(annotation, shown.content, copier.target)
    stream = copier(shown.stream)
    stream.Type, stream.Subtype = Name.XObject, Name.Form
    if "/Resources" not in stream and form.resources is not None:
        stream.Resources = copier(form.resources)
    return stream


def _written(annotation: Any, drawn: bytes, target: pikepdf.Pdf) -> Any:
    wide, high = forms.size_of(annotation)
    return target.make_stream(
        drawn,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, wide, high]),
        Resources=Dictionary(Font=Dictionary(F=Dictionary(_HELVETICA))),
    )


def _keep_layers(source: pikepdf.Pdf, copier: _Copier) -> None:
    """Which optional content is shown at first (ISO 32000-1, 8.11.4)."""
    layers = source.Root.get("/OCProperties")
    if not isinstance(layers, Dictionary):
        return
    keys = ("/OCGs", "/D")
    copier.target.Root.OCProperties = Dictionary(
        {key: copier(layers[key]) for key in keys if key in layers}
    )
