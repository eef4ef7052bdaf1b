"""What a paper or a case said at a version, and what differs now.

Whoever is second is told which fields the first has changed. Start at ``differences``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from intake.domain import pictures
from intake.domain.calendar import ZONE
from intake.domain.records import Case, CaseDocument

Fields = Mapping[str, str]
"""Slug under ``differs.`` → the value as text."""
PAGES: Final = "scan"
"""A field whose value is a digest: that it differs is all that can be said."""


PAPER: Final = (
    "state",
    "title",
    "kind",
    "issuing-body",
    "number",
    "issued-on",
    "holder",
    "declared",
    "pages",
    "compared-by",
    PAGES,
)
CASE: Final = (
    "requester",
    "id-number",
    "birth-date",
    "phone",
    "email",
    "address",
    "proxy",
    "originals-back",
    "channel",
    "papers",
    "due",
)


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    old: str
    new: str


def of_paper(document: CaseDocument) -> dict[str, str]:
    """The fields of ``PAPER``."""
    paper = document.paper
    values = (
        document.state,
        paper.title,
        paper.kind,
        paper.issuing_body,
        paper.number,
        _day(paper.issued_on),
        paper.holder,
        str(paper.pages),
        str(len(document.page_digests)),
        document.compared_by_name or "",
        pictures.together(document.page_digests),
    )
    return dict(zip(PAPER, values, strict=True))


def of_case(case: Case, papers: int) -> dict[str, str]:
    """The fields of ``CASE``."""
    asks = case.requester
    values = (
        asks.name,
        asks.id_number,
        _day(asks.birth_date),
        asks.phone,
        asks.email,
        asks.address,
        asks.proxy,
        asks.originals_back,
        case.channel,
        str(papers),
        f"{case.due_at.astimezone(ZONE):%H:%M %d/%m/%Y}",
    )
    return dict(zip(CASE, values, strict=True))


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def differences(old: Fields, new: Fields) -> tuple[Difference, ...]:
    """In the order of *new*; a field that *old* does not know is none."""
    return tuple(
        Difference(name, old[name], value)
        for name, value in new.items()
        if name in old and old[name] != value
    )
