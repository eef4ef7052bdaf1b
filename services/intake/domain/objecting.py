"""The pages that a certifier sends back, as typed, and what of them is still to mend.

An objection belongs to a page: it goes where the page is moved to, and ends when that
page lies nowhere in the case any more (replaced, dropped), or when the paper is
submitted anew. Nothing is stored for that; it is derived as the pages are
(docs/decisions/0124). Start at ``objected``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from intake.domain import text
from intake.domain.desk_pages import DeskPage
from intake.domain.intake_form import Mistaken
from intake.domain.objections import Objection, Wrong
from intake.domain.records import CaseDocument, RefusedPaper
from intake.domain.states import NotAllowed
from intake.domain.views.case import ObjectionView
from intake.domain.views.page import FieldError

WORDS_CHARACTERS: Final = 200
"""A place on a page in words; the form's ``maxlength`` says the same."""


@dataclass(frozen=True, slots=True)
class TypedObjection:
    """A ticked page of the form: its name, the reason chosen, and words."""

    page: str
    wrong: str
    words: str


def objected(
    document: CaseDocument, typed: Iterable[TypedObjection]
) -> tuple[Objection, ...]:
    """In the order of the pages. Raises Mistaken with every mistake at once, and
    NotAllowed for a page that is none of the paper's.
    """
    chosen = {each.page: each for each in typed}
    named = [
        (number, page, chosen.pop(str(page.id)))
        for number, page in _numbered(document)
        if str(page.id) in chosen
    ]
    if chosen:
        raise NotAllowed("error.pages-changed")
    errors = [
        FieldError(f"reason-{each.page}", key, {"page": number})
        for number, _, each in named
        if (key := _mistake(each)) is not None
    ]
    if errors:
        raise Mistaken(tuple(errors))
    return tuple(
        Objection(page.id, page.digest, n, Wrong(each.wrong), text.line(each.words))
        for n, page, each in named
    )


def answered(refused: RefusedPaper | None) -> RefusedPaper | None:
    """What stays of a send-back once the paper is submitted anew: its words."""
    return None if refused is None else replace(refused, objections=())


def in_audit(objections: Sequence[Objection]) -> dict[str, str | int]:
    """Which pages, and why by slug; the words may be about a person and stay with the
    paper.
    """
    if not objections:
        return {}
    listed = " ".join(f"{each.number}:{each.wrong}" for each in objections)
    return {"objections": listed}


def shown(
    document: CaseDocument, papers: Iterable[CaseDocument]
) -> tuple[ObjectionView, ...]:
    """The objections to *document*, and those to pages that were laid into it since.
    *papers* are all of its case.
    """
    papers = tuple(papers)
    there = {page.id: _Place(p, n, page) for p in papers for n, page in _numbered(p)}
    return tuple(
        _view(each, document, place)
        for paper in papers
        for each in (paper.refused.objections if paper.refused else ())
        for place in [there.get(each.page)]
        if paper.id == document.id or (place and place.paper.id == document.id)
    )


def view_of(each: Objection) -> ObjectionView:
    return ObjectionView(str(each.page), each.number, each.wrong, each.words)


@dataclass(frozen=True, slots=True)
class _Place:
    paper: CaseDocument
    number: int
    page: DeskPage


def _view(
    each: Objection, document: CaseDocument, place: _Place | None
) -> ObjectionView:
    here = place is not None and place.paper.id == document.id
    return replace(
        view_of(each),
        mended=_mended(each, place.page if place else None),
        now=place.number if place and here else None,
        paper=place.paper.ordinal if place and not here else None,
    )


def _numbered(document: CaseDocument) -> Iterable[tuple[int, DeskPage]]:
    return enumerate(document.pages, start=1)


def _mended(each: Objection, page: DeskPage | None) -> bool:
    """Whether the page lies nowhere now, or was turned where that was the reason. A
    page that was turned for another reason is as blurred as before.
    """
    if page is None:
        return True
    return each.wrong is Wrong.TURNED and page.digest != each.digest


def _mistake(typed: TypedObjection) -> str | None:
    if typed.wrong not in set(Wrong):
        return "error.objection-reason"
    words = text.line(typed.words)
    if len(words) > WORDS_CHARACTERS:
        return "error.objection-long"
    if typed.wrong == Wrong.OTHER and not words:
        return "error.objection-words"
    return None
