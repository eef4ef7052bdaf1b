"""Steps between the papers of a case: insert, send, split one in two, merge two in one.

Each is a step like any other (``stepping``), and is undone and redone like one. Start
at ``split``.
"""

from dataclasses import dataclass, replace

from intake.domain import desk, numbers
from intake.domain.arranging import Effect, PageId, PaperChange, PaperWords
from intake.domain.fee import FeeRule
from intake.domain.intake_form import MOST_PAPERS
from intake.domain.records import CaseDocument, Paper
from intake.domain.states import Move, NotAllowed, State, moved
from intake.domain.stepping import CaseOnDesk, Hand, Rearranged, recorded


@dataclass(frozen=True, slots=True)
class Split:
    """What a clerk says of both papers when one becomes two."""

    at: PageId
    """The first page of the new paper."""
    title: str
    """The paper that stays is called so."""
    pages: int
    """How many pages its original has."""
    new: Paper


@dataclass(frozen=True, slots=True)
class Merge:
    """What a clerk says when two papers become one."""

    other: str
    """The paper that ends; its pages come to the desk at which it is said."""
    title: str
    before: bool
    """The other's pages stand before this one's."""


def insert(
    case: CaseOnDesk, hand: Hand, pages: tuple[PageId, ...], after: PageId | None
) -> Rearranged:
    """Pages of another paper, or put aside, behind a page of this one."""
    here = case.document(hand.document)
    if not pages or any(case.holder(page) is None for page in pages):
        raise NotAllowed("error.no-page-chosen")
    if after in pages or (after and all(page.id != after for page in here.laid)):
        raise NotAllowed("error.pages-changed")
    effect = Effect(pages, to=here.id, after=after, restore=pages)
    return recorded(case, hand, "insert", effect)


def send(
    case: CaseOnDesk, hand: Hand, pages: tuple[PageId, ...], to: str
) -> Rearranged:
    """Pages of this paper to the end of another."""
    here, there = case.document(hand.document), case.document(to)
    shown = tuple(page.id for page in here.pages if page.id in pages)
    if not shown:
        raise NotAllowed("error.no-page-chosen")
    if len(shown) != len(pages) or here.id == to:
        raise NotAllowed("error.pages-changed")
    effect = Effect(shown, to=to, after=_last(there))
    return recorded(case, hand, "send", effect)


def split(case: CaseOnDesk, hand: Hand, form: Split, rule: FeeRule) -> Rearranged:
    """A page and those behind it become a paper of their own, with its own fee."""
    here = case.document(hand.document)
    if len(case.documents) >= MOST_PAPERS:
        raise NotAllowed("error.papers")
    laid = [page.id for page in here.laid]
    shown = [page.id for page in here.pages]
    if form.at not in shown[1:]:
        raise NotAllowed("error.split-where")
    copies = here.paper.copies
    fee = rule.total(form.new.pages, copies)
    new = _new_paper(case, hand, replace(form.new, copies=copies), fee)
    stays_fee = rule.total(form.pages, copies)
    stays = PaperWords(form.title, form.pages, stays_fee, merged=False)
    comes = PaperWords(form.new.title, form.new.pages, fee, merged=False)
    # Undone, the new paper is none: it has no fee, and nobody waits for it.
    none = replace(comes, fee=0, merged=True)
    papers = (
        PaperChange(here.id, words(here), stays),
        PaperChange(new.id, none, comes),
    )
    effect = Effect(tuple(laid[laid.index(form.at) :]), to=new.id)
    after = recorded(case, hand, "split", effect, papers=papers, added=(new,))
    # A form that adds a paper was made when there was one less.
    bumped = replace(
        case.case,
        version=case.case.version + 1,
        changed_by=hand.by.name,
        changed_at=hand.at,
    )
    return replace(after, case=bumped)


def merge(case: CaseOnDesk, hand: Hand, form: Merge, rule: FeeRule) -> Rearranged:
    """All pages of another paper come here, and it ends: one paper, one number."""
    here, other = case.document(hand.document), case.document(form.other)
    if here.id == other.id:
        raise NotAllowed("error.pages-changed")
    desk.check_editable(here)
    desk.check_editable(other)
    pages = here.paper.pages + other.paper.pages
    fee = rule.total(pages, here.paper.copies)
    both = PaperWords(form.title, pages, fee, merged=False)
    ended = replace(words(other), fee=0, merged=True)
    papers = (
        PaperChange(here.id, words(here), both),
        PaperChange(other.id, words(other), ended),
    )
    after = None if form.before else _last(here)
    effect = Effect(tuple(page.id for page in other.laid), to=here.id, after=after)
    return recorded(case, hand, "merge", effect, papers=papers)


def words(document: CaseDocument) -> PaperWords:
    """What a split or a merge may change of it, as it is."""
    paper = document.paper
    merged = document.state is State.MERGED
    return PaperWords(paper.title, paper.pages, document.fee, merged)


def _last(document: CaseDocument) -> PageId | None:
    return document.laid[-1].id if document.laid else None


def _new_paper(case: CaseOnDesk, hand: Hand, paper: Paper, fee: int) -> CaseDocument:
    ordinal = len(case.documents) + 1
    files = tuple(f for document in case.documents for f in document.files)
    return CaseDocument(
        id=numbers.document_id(case.case.code, ordinal),
        case=case.case.code,
        agency=case.case.agency,
        ordinal=ordinal,
        paper=paper,
        fee=fee,
        received_by=case.case.received_by,
        state=moved(State.DRAFT, Move.RECEIVE),
        version=0,
        changed_by=hand.by.name,
        changed_at=hand.at,
        history=case.history,
        others=files,
    )
