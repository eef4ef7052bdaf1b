"""Composes the draft: pages unaltered, a margin below each, the clause page last.

What is written is section 2 of docs/dialect.md; what is read is checked against the
manifest image by image, because a person approved exactly those.
"""

import asyncio
import io
import zlib
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from chassis.clock import LOCAL
from ecopy.events import CertificationOrdered, Level, ManifestPage
from ecopy.refusals import Reason, Refusal
from signing.adapters.clause_pages import ClausePages
from signing.adapters.layouts import layout
from signing.adapters.metadata import describe
from signing.adapters.naming import named
from signing.adapters.qr import QrCode
from signing.adapters.scan import (
    PlacedImage,
    Scan,
    dictionary,
    opened,
    placed_images,
)
from signing.adapters.weaving import mark, woven
from signing.domain.clause import ClauseFacts, clause_facts
from signing.domain.copies import Draft, Original
from signing.domain.layout import (
    FIELDS,
    MARGIN_POINTS,
    TIMESTAMP_FIELD,
    margin,
    number,
    numbers,
)
from signing.domain.rope import Held

WIDGET_FLAGS: Final = 4 | 128
"""Print, Locked: PDF/A wants the first, the second keeps hands off."""
DIGEST_GROUP: Final = 8
CHROMA: Final = {"/ColorSpace", "/Font"}


@dataclass(frozen=True, slots=True)
class TypstComposer:
    """``compose`` on the signing threads."""

    threads: Executor

    async def compose(
        self, original: Original, order: CertificationOrdered, at: datetime
    ) -> Draft:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, compose, original, order, at)


def compose(original: Original, order: CertificationOrdered, at: datetime) -> Draft:
    """Raises Refusal: unreadable, not as ordered, or words that do not fit."""
    facts = clause_facts(order)
    code = QrCode(facts.code_address)
    typeset = clause_pages(order.clause.template).typeset(_inputs(facts, order, code))
    clause, *footers = typeset.drawings
    drawings = (code.drawn(clause), *footers)
    try:
        with (
            named(Held(typeset.pdf)) as path,
            pikepdf.open(path) as pdf,
            opened(original.content) as scan,
        ):
            images = _images(scan, order)
            _compose(pdf, images, order, drawings)
            title, local = facts.title, at.astimezone(LOCAL)
            describe(pdf, entry=order.entry, title=title, at=local)
            stretches = [image.stretch for page in images for image in page]
            return Draft(woven(_saved(pdf), stretches), facts.pages, order.level)
    except pikepdf.PdfError as error:
        raise Refusal(Reason.ORIGINAL_UNREADABLE, str(error)[:200]) from error


@lru_cache
def clause_pages(name: str) -> ClausePages:
    """The pages of one layout, kept over copies. Raises Refusal for an unknown one."""
    return ClausePages(layout(name))


def _inputs(
    facts: ClauseFacts, order: CertificationOrdered, code: QrCode
) -> dict[str, object]:
    digest = facts.original_sha256
    groups = [digest[i : i + DIGEST_GROUP] for i in range(0, 64, DIGEST_GROUP)]
    return {
        "statement": facts.statement,
        "number": facts.number,
        "book": facts.book,
        "date": facts.date,
        "place": order.agency.place,
        "agency_lines": facts.agency_lines,
        "title_lines": facts.title_lines,
        "officer": facts.officer,
        "code": facts.code,
        "check_address": facts.check_address,
        "pages": facts.pages,
        "digest_lines": [" ".join(groups[:4]), " ".join(groups[4:])],
        "qr": code.room(),
        "widths": [margin(page).width for page in order.manifest],
        "demo": facts.demo,
    }


def _images(scan: Scan, order: CertificationOrdered) -> list[list[PlacedImage]]:
    """Of each page, checked against the manifest."""
    if len(scan.pdf.pages) != len(order.manifest):
        raise Refusal(
            Reason.ORIGINAL_MISMATCH,
            f"{len(scan.pdf.pages)} trang, đã duyệt {len(order.manifest)}",
        )
    return [placed_images(scan, page, at) for at, page in enumerate(order.manifest, 1)]


def _compose(
    pdf: pikepdf.Pdf,
    images: list[list[PlacedImage]],
    order: CertificationOrdered,
    drawings: Sequence[bytes],
) -> None:
    footers = _footers(pdf, drawings, order)
    clause = pdf.pages[1].obj
    clause.Contents = _drawing(pdf, drawings[0])
    del pdf.pages[2:], pdf.pages[0]
    marked = count()
    for index, page in enumerate(order.manifest):
        placed = [_image(pdf, image, mark(next(marked))) for image in images[index]]
        made = _page(pdf, page, placed, footers[index])
        pdf.pages.insert(index, pikepdf.Page(made))
    _add_fields(pdf, clause, order.level)


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(
        out,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        compress_streams=False,
        fix_metadata_version=False,  # our packet stays as it was written
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    return out.getvalue()


def _footers(
    pdf: pikepdf.Pdf, drawings: Sequence[bytes], order: CertificationOrdered
) -> list[pikepdf.Object]:
    widths = [margin(page).width for page in order.manifest]
    if len(drawings) != len(widths) + 1:  # words ran over to a second page
        raise Refusal(Reason.CLAUSE_DOES_NOT_FIT, "trang lời chứng")
    strips = zip(pdf.pages[2:], drawings[1:], widths, strict=True)
    return [_footer(pdf, page.obj, drawn, width) for page, drawn, width in strips]


def _footer(
    pdf: pikepdf.Pdf, strip: pikepdf.Object, drawn: bytes, width: float
) -> pikepdf.Object:
    """A typeset strip as a form (ISO 32000-1, 8.10): text, its fonts, its colours."""
    footer = _drawing(pdf, drawn)
    footer.Type, footer.Subtype = Name.XObject, Name.Form
    footer.BBox = _array((0, 0, width, MARGIN_POINTS))
    footer.Resources = Dictionary(
        {key: value for key, value in strip.Resources.items() if key in CHROMA}
    )
    return footer


def _drawing(pdf: pikepdf.Pdf, drawn: bytes) -> pikepdf.Object:
    return pdf.make_stream(zlib.compress(drawn), Filter=Name.FlateDecode)


def _page(
    pdf: pikepdf.Pdf,
    page: ManifestPage,
    images: list[pikepdf.Object],
    footer: pikepdf.Object,
) -> Dictionary:
    below = margin(page)
    names = {f"/Im{k}": image for k, image in enumerate(images)}
    drawing = [_draw(numbers(i.placement), f"Im{k}") for k, i in enumerate(page.images)]
    made = Dictionary(
        Type=Name.Page,
        MediaBox=_array(below.box),
        Annots=Array(),  # else an added array passes for form filling (decision 0010)
        Resources=Dictionary(XObject=Dictionary({"/F": footer, **names})),
        Contents=pdf.make_stream(
            "".join([*drawing, _draw(numbers(below.footer), "F")]).encode()
        ),
    )
    if page.rotation:
        made.Rotate = page.rotation
    return made


def _draw(matrix: str, name: str) -> str:
    return f"q\n{matrix} cm\n/{name} Do\nQ\n"


def _image(pdf: pikepdf.Pdf, placed: PlacedImage, stands_for: bytes) -> pikepdf.Object:
    """Its dictionary from the manifest; its bytes come when the draft is woven."""
    return pdf.make_stream(stands_for, dictionary(placed.image))


def _add_fields(pdf: pikepdf.Pdf, clause: pikepdf.Object, level: Level) -> None:
    """Bare fields (decision 0010): an appearance before signing is a 'change'."""
    wanted = FIELDS | TIMESTAMP_FIELD if level == "B-LTA" else FIELDS
    fields = [
        pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String(name),
                Rect=_array(rectangle),
                F=WIDGET_FLAGS,
                P=clause,
            )
        )
        for name, rectangle in wanted.items()
    ]
    clause.Annots = Array(fields)
    pdf.Root.AcroForm = pdf.make_indirect(Dictionary(Fields=Array(fields)))
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.Root.Lang = String("vi")


def _array(values: tuple[float, ...]) -> Array:
    return Array([pikepdf.Object.parse(number(value).encode()) for value in values])
