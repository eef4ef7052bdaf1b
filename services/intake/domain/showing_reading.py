"""How far a paper's pages are read, and what is offered for its fields. Start at
``reading_view``.
"""

from collections.abc import Mapping

from intake.domain.arranging import PageId
from intake.domain.page_texts import PageProgress
from intake.domain.proposing import FIELDS, Field, Proposal
from intake.domain.records import CaseDocument, Paper
from intake.domain.views.desk import FieldView, OfferView, ReadingView


def reading_view(
    document: CaseDocument,
    progress: Mapping[PageId, PageProgress],
    offers: Mapping[Field, Proposal],
    lacking: tuple[str, ...],
) -> ReadingView:
    """A page of which nothing is known waits: it is enlisted within seconds."""
    pages = [progress.get(page.id, PageProgress("waiting")) for page in document.pages]
    states = [page.state for page in pages]
    return ReadingView(
        fields=tuple(_field(name, document.paper, offers.get(name)) for name in FIELDS),
        lacking=lacking,
        waiting=0 if lacking else states.count("waiting"),
        read=states.count("read"),
        failed=tuple(
            (number, page.why)
            for number, page in enumerate(pages, start=1)
            if page.state == "failed"
        ),
    )


def _field(name: Field, paper: Paper, offer: Proposal | None) -> FieldView:
    value = put_down(name, paper)
    if offer is None or offer.value == value:
        return FieldView(name, value)
    return FieldView(name, value, OfferView(offer.value, offer.sure))


def put_down(name: Field, paper: Paper) -> str:
    """The field as a form shows it."""
    if name == "issued_on":
        return f"{paper.issued_on:%d/%m/%Y}" if paper.issued_on else ""
    value: str = getattr(paper, name)
    return value
