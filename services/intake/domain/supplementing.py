"""A case waits for what its requester has to bring: the clock stands, and starts anew
once everything is there (Decree 23/2015/ND-CP, article 7, with 61/2018, article 17).
Both moments are kept. Pure; start at ``ask``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from intake.domain import states
from intake.domain.calendar import local_day
from intake.domain.case_history import Lack, SupplementRequest
from intake.domain.desk import touched, uncompared
from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Conflict, Note
from intake.domain.states import MOVES, Move, NotAllowed, State
from intake.domain.stepping import CaseOnDesk, Rearranged
from intake.domain.text import LINE_CHARACTERS, PROSE_CHARACTERS, line, prose

USUAL_DAYS: Final = 14
"""How long the form proposes to wait; nothing ends by itself after that."""
MOST_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class TypedLack:
    document: str
    version: int
    ground: str
    words: str


@dataclass(frozen=True, slots=True)
class SupplementForm:
    """What the requester is asked to bring, as typed and checked."""

    lacks: tuple[TypedLack, ...]
    words: str
    until: date


def ask(
    case: CaseOnDesk,
    form: SupplementForm,
    look_again: datetime,
    by: Actor,
    at: datetime,
    *,
    grounds: Collection[str],
) -> Rearranged:
    """The case with these papers waiting, and its clock standing. Safe to repeat.

    *look_again* is the close of the last day: until then nothing is due, and then
    somebody has to look at the case again, so lists place it there.

    Raises Conflict for a paper that has changed since the form was made, NotAllowed for
    one that a clerk has not in hand, while something is awaited already, and for a form
    that asks for nothing or not for a day to come.
    """
    request = _request(case, form, by, at, grounds)
    open_one = case.case.supplement
    if open_one is not None:
        if replace(open_one, number=request.number, at=at) == replace(
            request, due_before=open_one.due_before
        ):
            return Rearranged()
        raise NotAllowed("error.supplement-open")
    after = tuple(
        _asked(case.document(lack.document), lack, by, at) for lack in form.lacks
    )
    supplements = (*case.case.supplements, request)
    known = replace(case.case, supplements=supplements, due_at=look_again)
    return Rearranged(
        documents=after,
        case=_touched(known, by, at),
        notes=(_note(case.case, "supplement-asked", by, at, until=_day(form.until)),),
    )


def bring(
    case: CaseOnDesk,
    papers: Mapping[str, int],
    due: datetime,
    by: Actor,
    at: datetime,
) -> Rearranged:
    """What was missing of these papers is there; *due* is what is promised now if it
    was the last. Safe to repeat. Raises Conflict, NotAllowed.
    """
    if not papers:
        raise NotAllowed("error.end-papers")
    known = [case.document(name) for name in papers]
    if all(_brought_before(d, by) for d in known):
        return Rearranged()
    after = tuple(_brought(d, papers[d.id], by, at) for d in known)
    names = ", ".join(str(d.ordinal) for d in after)
    note = _note(case.case, "supplement-brought", by, at, papers=names)
    change = Rearranged(documents=after, notes=(note,))
    return settled(case, change, due, by, at)


def settled(
    case: CaseOnDesk, change: Rearranged, due: datetime, by: Actor, at: datetime
) -> Rearranged:
    """*change*, and what follows for the clock: where nothing is awaited any more, it
    starts anew if a paper is still open. Every change that takes a paper out of its
    waiting MUST come through here.
    """
    before = change.case or case.case
    request = before.supplement
    changed = {d.id: d for d in change.documents}
    documents = [changed.get(d.id, d) for d in case.documents]
    if request is None or any(d.state is State.SUPPLEMENT for d in documents):
        return replace(change, case=_touched(before, by, at))
    ended = (*before.supplements[:-1], replace(request, ended_at=at))
    after = replace(before, supplements=ended, due_at=request.due_before)
    if not any(d.state in states.OPEN for d in documents):
        return replace(change, case=_touched(after, by, at))
    restarted = replace(after, complete_at=at, due_at=due)
    note = _note(case.case, "clock-restarted", by, at, due=due.isoformat())
    return replace(
        change, case=_touched(restarted, by, at), notes=(*change.notes, note)
    )


def may_ask(case: Case, documents: Iterable[CaseDocument]) -> bool:
    return case.supplement is None and any(map(askable, documents))


def askable(document: CaseDocument) -> bool:
    return (document.state, Move.ASK) in MOVES


def proposed_until(at: datetime) -> date:
    return local_day(at) + timedelta(days=USUAL_DAYS)


def faults(
    form: SupplementForm, at: datetime, grounds: Collection[str]
) -> dict[str, str]:
    """Field → key of the sentence, for what the form lacks, in the order of the page;
    a field of a paper is named with its document. *grounds* can be chosen today.
    """
    found: dict[str, str] = {} if form.lacks else {"lack": "error.supplement-nothing"}
    for lack in form.lacks:
        if lack.ground not in grounds:
            found[f"ground:{lack.document}"] = "error.supplement-ground"
        if not line(lack.words):
            found[f"words:{lack.document}"] = "error.supplement-words"
        if len(line(lack.words)) > LINE_CHARACTERS:
            found[f"words:{lack.document}"] = "error.supplement-long"
    if len(form.words) > PROSE_CHARACTERS:
        found["extra"] = "error.supplement-long"
    days = (form.until - local_day(at)).days
    if not 1 <= days <= MOST_DAYS:
        found["until"] = "error.supplement-until"
    return found


def _request(
    case: CaseOnDesk,
    form: SupplementForm,
    by: Actor,
    at: datetime,
    grounds: Collection[str],
) -> SupplementRequest:
    wrong = faults(form, at, grounds)
    if wrong:
        raise NotAllowed(next(iter(wrong.values())))
    papers = {lack.document: case.document(lack.document) for lack in form.lacks}
    return SupplementRequest(
        number=len(case.case.supplements) + 1,
        lacks=tuple(
            Lack(
                papers[lack.document].ordinal,
                papers[lack.document].paper.title,
                lack.ground,
                line(lack.words),
            )
            for lack in form.lacks
        ),
        words=prose(form.words),
        until=form.until,
        by=by.name,
        at=at,
        due_before=case.case.due_at,
    )


def _asked(
    document: CaseDocument, lack: TypedLack, by: Actor, at: datetime
) -> CaseDocument:
    if not askable(document):
        raise NotAllowed("error.supplement-late", n=document.ordinal)
    if lack.version != document.version:
        raise Conflict(document.changed_by, document.changed_at)
    state = states.moved(document.state, Move.ASK)
    # What is brought may be another sheet of the same paper: it is compared anew.
    return touched(replace(uncompared(document), state=state), by, at)


def _brought_before(document: CaseDocument, by: Actor) -> bool:
    return document.state is State.RECEIVED and document.changed_by == by.name


def _brought(
    document: CaseDocument, version: int, by: Actor, at: datetime
) -> CaseDocument:
    if document.state is not State.SUPPLEMENT:
        raise NotAllowed("error.supplement-not-awaited", n=document.ordinal)
    if version != document.version:
        raise Conflict(document.changed_by, document.changed_at)
    state = states.moved(document.state, Move.BRING)
    return touched(replace(document, state=state), by, at)


def _touched(case: Case, by: Actor, at: datetime) -> Case:
    return replace(case, version=case.version + 1, changed_by=by.name, changed_at=at)


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _note(case: Case, action: str, by: Actor, at: datetime, **values: str) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=case.agency,
        action=action,
        case=case.code,
        address=by.address,
        values=dict(values),
    )
