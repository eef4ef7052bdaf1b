"""Composes the draft: pages unaltered, a margin below each, the clause page last.

What is written is section 2 of docs/dialect.md; what is read is checked against the
manifest image by image, because a person approved exactly those. Start at
``TypstComposer.compose``.
"""

import asyncio
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

import pikepdf

from chassis.clock import LOCAL
from ecopy.events import CertificationOrdered
from ecopy.refusals import Reason, Refusal
from signing.adapters.composing.base_revision import base_revision
from signing.adapters.composing.clause_layouts import layout
from signing.adapters.composing.clause_pages import ClausePages
from signing.adapters.composing.original import open_original, placed_images
from signing.adapters.composing.qr import QrCode
from signing.adapters.composing.typeset_pages import read_lettered, read_typeset
from signing.domain.clause import ClauseFacts, clause_facts
from signing.domain.copies import Draft, OrderedOriginal
from signing.domain.layout import TIMESTAMP_FIELD, Box, margin
from signing.domain.rope import Octets, Stretch

DIGEST_GROUP: Final = 8


@dataclass(frozen=True, slots=True)
class TypstComposer:
    """Runs ``compose`` on the signing threads."""

    threads: Executor

    async def compose(
        self, original: OrderedOriginal, order: CertificationOrdered, at: datetime
    ) -> Draft:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, compose, original, order, at)


def compose(
    original: OrderedOriginal, order: CertificationOrdered, at: datetime
) -> Draft:
    """The draft of *order*. Raises Refusal for an original that is unreadable or not as
    ordered, and for words that do not fit.
    """
    facts = clause_facts(order)
    code = QrCode(facts.code_address)
    pages = clause_pages(order.clause.template, order.dialect)
    typeset = pages.typeset(_inputs(facts, order, code))
    clause, *footers = typeset.drawings
    if len(footers) != len(order.manifest):  # words ran over to a second page
        raise Refusal(Reason.CLAUSE_DOES_NOT_FIT, "clause-overflows")
    content = base_revision(
        replace(typeset, drawings=(code.drawn(clause), *footers)),
        order.manifest,
        _images(original.content, order),
        fields=_fields(order),
        entry=order.entry,
        title=facts.title,
        creator=_creator(order),
        at=at.astimezone(LOCAL),
    )
    return Draft(content, facts.pages, order.level)


@lru_cache
def clause_pages(name: str, dialect: int) -> ClausePages:
    """The pages of one layout, shared by all copies. Raises Refusal for an unknown
    name.
    """
    return ClausePages(layout(name), read_typeset if dialect == 1 else read_lettered)


def _creator(order: CertificationOrdered) -> str:
    """What the copy calls its writer: from dialect 2 on, with dialect and layout, which
    is how a copy that is judged without its order names its own rules.
    """
    if order.dialect == 1:
        return "ecopy"
    return f"ecopy {order.dialect} {order.clause.template}"


def _fields(order: CertificationOrdered) -> dict[str, Box]:
    signatures = layout(order.clause.template).fields
    return signatures | TIMESTAMP_FIELD if order.level == "B-LTA" else signatures


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


def _images(content: Octets, order: CertificationOrdered) -> list[list[Stretch]]:
    """The images of each page, after their check against the manifest."""
    try:
        with open_original(content) as scan:
            found, wanted = len(scan.pdf.pages), len(order.manifest)
            if found != wanted:
                raise Refusal(
                    Reason.ORIGINAL_MISMATCH,
                    "pages-differ",
                    found=found,
                    approved=wanted,
                )
            pages = enumerate(order.manifest, 1)
            return [placed_images(scan, page, at) for at, page in pages]
    except pikepdf.PdfError as error:
        raise Refusal(
            Reason.ORIGINAL_UNREADABLE, "pdf-unreadable", error=str(error)[:200]
        ) from error
