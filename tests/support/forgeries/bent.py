"""A draft that is bent before it would be signed, and the honest one that it was."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from chassis.clock import LOCAL
from ecopy.events import CertificationOrdered
from signing.adapters.composer import _images, _inputs, clause_pages
from signing.adapters.composing.base_revision import base_revision
from signing.adapters.composing.clause_layouts import layout
from signing.adapters.composing.qr import QrCode
from signing.adapters.composing.typeset_pages import Typeset
from signing.domain.clause import clause_facts
from signing.domain.layout import TIMESTAMP_FIELD
from signing.domain.rope import MemoryOctets
from storage.domain.gate.pdf.shape import parse
from support.forging.base import Objects

Drawings = tuple[bytes, ...]
"""The clause page, then the margin of each page."""

WORDS = {"words", "footer", "clause-page", "qr"}


@dataclass(frozen=True)
class Bent:
    """A draft that shows what was not ordered, and the reasons that may refuse it."""

    name: str
    reasons: set[str]
    make: Callable[[], bytes]

    @property
    def draft(self) -> bytes:
        return self.make()

    def __str__(self) -> str:
        return re.sub(r"[^\w.+-]+", "-", self.name)


@dataclass(frozen=True, eq=False)
class Desk:
    """An order with its original: what an honest writer would compose."""

    order: CertificationOrdered
    original: bytes

    @cached_property
    def honest(self) -> Typeset:
        """What this order's pages show, with their code."""
        return self.typeset(self.order)

    def typeset(self, order: CertificationOrdered) -> Typeset:
        """The same of any order with as many pages."""
        facts = clause_facts(order)
        code = QrCode(facts.code_address)
        pages = clause_pages(order.clause.template, 2)
        typeset = pages.typeset(_inputs(facts, order, code))
        clause, *footers = typeset.drawings
        return replace(typeset, drawings=(code.drawn(clause), *footers))

    def draft(self, typeset: Typeset) -> bytes:
        """The base revision of this order, with these pages."""
        order = self.order
        fields = layout(order.clause.template).fields
        rope = base_revision(
            typeset,
            order.manifest,
            _images(MemoryOctets(self.original), order),
            fields=fields | TIMESTAMP_FIELD if order.level == "B-LTA" else fields,
            entry=order.entry,
            title=clause_facts(order).title,
            creator=f"ecopy {order.dialect} {order.clause.template}",
            at=order.approved_at.astimezone(LOCAL),
        )
        return bytes(rope)

    def drawn(self, bend: Callable[[Drawings], Drawings]) -> bytes:
        typeset = self.honest
        return self.draft(replace(typeset, drawings=bend(typeset.drawings)))

    def objects(self) -> Objects:
        """The honest draft's objects by number."""
        draft = self.draft(self.honest)
        (base,) = parse(draft)
        return {number: obj.text() for number, obj in base.objects.items()}
