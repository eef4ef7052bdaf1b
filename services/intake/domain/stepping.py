"""One step over the papers of a case: what it touches and what it records.

Whoever arranges had the scan in hand, and each paper that a step touches has to be
compared anew. What may be done is in ``page_steps`` and ``paper_steps``, and how it is
taken back in ``undoing``. Start at ``recorded``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from intake.domain import desk
from intake.domain.arranging import (
    Effect,
    History,
    PageId,
    PageStep,
    PaperChange,
    StepKind,
)
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Conflict, Note, NotFound
from intake.domain.states import Move, NotAllowed, State, moved


@dataclass(frozen=True, slots=True)
class CaseOnDesk:
    """A case as a step finds it, held from reading to commit."""

    case: Case
    documents: tuple[CaseDocument, ...]

    @property
    def history(self) -> History:
        return self.documents[0].history

    def document(self, name: str) -> CaseDocument:
        """Raises NotFound."""
        found = next((d for d in self.documents if d.id == name), None)
        if found is None:
            raise NotFound(name)
        return found

    def holder(self, page: PageId) -> CaseDocument | None:
        """The paper in which the page lies now; None for a page that is not there."""
        return next(
            (d for d in self.documents if any(p.id == page for p in d.laid)), None
        )


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose step it is, at which paper's desk, and what was on the screen."""

    document: str
    versions: Mapping[str, int]
    """Document → the version that the form was made from, for each that it shows."""
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Rearranged:
    """What a step changes, all in one transaction; nothing where it changes nothing."""

    documents: tuple[CaseDocument, ...] = ()
    added: tuple[CaseDocument, ...] = ()
    """A paper that a split has made."""
    steps: tuple[PageStep, ...] = ()
    case: Case | None = None
    notes: tuple[Note, ...] = ()


def recorded(
    case: CaseOnDesk,
    hand: Hand,
    kind: StepKind,
    effect: Effect,
    *,
    papers: tuple[PaperChange, ...] = (),
    added: tuple[CaseDocument, ...] = (),
) -> Rearranged:
    """The case after one more step. Raises Conflict, NotAllowed for a paper that the
    step touches and that has changed, or can be worked on no more.
    """
    if added:
        case = replace(case, documents=(*case.documents, *added))
    touches = _touched(case, hand, effect, papers)
    new = frozenset(document.id for document in added)
    for name in touches:
        if name not in new:
            _check_free(case.document(name), hand)
    step = PageStep(
        case=case.case.code,
        seq=case.history.next_seq,
        kind=kind,
        document=hand.document,
        touches=touches,
        effect=effect,
        by=hand.by.user,
        by_name=hand.by.name,
        at=hand.at,
        papers=papers,
    )
    steps = (*case.history.cut_by(touches), step)
    note = step_note(case, hand, f"pages-{kind}", len(effect.named))
    return rearranged(case, hand, steps, papers, note, new=new)


def rearranged(
    case: CaseOnDesk,
    hand: Hand,
    steps: tuple[PageStep, ...],
    papers: tuple[PaperChange, ...],
    note: Note,
    *,
    new: frozenset[str] = frozenset(),
) -> Rearranged:
    """Every paper that the last of *steps* touches, as it is afterwards."""
    history = case.history.with_steps(*steps)
    touched = [case.document(name) for name in steps[-1].touches]
    hands = {user for each in touched for user in each.brought_by}
    changes = {change.document: change for change in papers}
    after = tuple(
        _after(document, hand, history, hands, changes.get(document.id))
        for document in touched
    )
    for document in after:
        _check_not_lost(document)
    return Rearranged(
        documents=tuple(d for d in after if d.id not in new),
        added=tuple(d for d in after if d.id in new),
        steps=steps,
        notes=(note,),
    )


def _after(
    document: CaseDocument,
    hand: Hand,
    history: History,
    hands: set[str],
    change: PaperChange | None,
) -> CaseDocument:
    # Whoever brought a page's file may not approve the paper in which the page lies
    # now, so the hands of all papers that a step touches are joined.
    joined = tuple(sorted(hands | {hand.by.user}))
    after = replace(desk.uncompared(document), history=history, brought_by=joined)
    if change is not None:
        after = _reworded(after, change)
    return desk.touched(after, hand.by, hand.at)


def _reworded(document: CaseDocument, change: PaperChange) -> CaseDocument:
    """What a person has corrected since a step stays where that step is undone."""
    known, before, words = document.paper, change.before, change.after
    title = words.title if known.title == before.title else known.title
    same = (known.pages, document.fee) == (before.pages, before.fee)
    pages, fee = (words.pages, words.fee) if same else (known.pages, document.fee)
    paper = replace(known, title=title, pages=pages)
    state = _state(document, merged=words.merged)
    return replace(document, paper=paper, fee=fee, state=state)


def _state(document: CaseDocument, *, merged: bool) -> State:
    """The paper's state once it is, or is not, one of its own."""
    if merged is (document.state is State.MERGED):
        return document.state
    return moved(document.state, Move.MERGE if merged else Move.PART)


def _check_not_lost(document: CaseDocument) -> None:
    """A paper that ends takes no page along, and none that is still being checked."""
    if document.state is not State.MERGED:
        return
    if any(f.state == "busy" for f in document.files):
        raise NotAllowed("error.file-busy")
    # A page that was made of another one and is not shown is nothing that can be lost.
    aside = [page for page in document.dropped_pages if page.adjustment is None]
    if document.pages or aside:
        raise NotAllowed("error.paper-not-empty", n=document.ordinal)


def _check_free(document: CaseDocument, hand: Hand) -> None:
    check_version(document, hand)
    desk.check_editable(document)


def check_version(document: CaseDocument, hand: Hand) -> None:
    """Raises Conflict if the form shows an older version of the paper, or none."""
    if hand.versions.get(document.id) != document.version:
        raise Conflict(document.changed_by, document.changed_at)


def _touched(
    case: CaseOnDesk,
    hand: Hand,
    effect: Effect,
    papers: tuple[PaperChange, ...],
) -> tuple[str, ...]:
    holders = [case.holder(page) for page in effect.named]
    names = [hand.document, effect.to, *(change.document for change in papers)]
    names += [holder.id for holder in holders if holder is not None]
    return tuple(dict.fromkeys(filter(None, names)))


def step_note(
    case: CaseOnDesk, hand: Hand, action: str, pages: int, **values: str | int
) -> Note:
    document = case.document(hand.document)
    return desk.note(document, action, hand.by, hand.at, pages=pages, **values)
