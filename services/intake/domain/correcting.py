"""What was typed is put right until the approval, each field with its line of audit.

Any clerk of the agency may: whoever received the case is named beside it, and so is
whoever corrects it. Pure; start at ``correct``.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from intake.domain import desk
from intake.domain.case_history import Correction
from intake.domain.fee import FeeRule
from intake.domain.people import Actor
from intake.domain.records import (
    Case,
    CaseDocument,
    Conflict,
    Note,
    Paper,
    Requester,
)
from intake.domain.states import CORRECTABLE, NotAllowed, State
from intake.domain.stepping import CaseOnDesk, Rearranged

REQUESTER: Final = {
    "requester.kind": "kind",
    "requester.name": "name",
    "requester.id-kind": "id_kind",
    "requester.id-number": "id_number",
    "requester.birth-date": "birth_date",
    "requester.phone": "phone",
    "requester.email": "email",
    "requester.address": "address",
    "requester.proxy": "proxy",
    "requester.originals-back": "originals_back",
}
"""The key of a field's label → its name in ``Requester``."""
PAPER: Final = {
    "paper.title": "title",
    "paper.kind": "kind",
    "paper.issuing-body": "issuing_body",
    "paper.pages": "pages",
    "paper.copies": "copies",
}
CHANNEL: Final = "requester.channel"
SAID_IN_AUDIT: Final = frozenset(
    {
        *(CHANNEL, "requester.kind", "requester.id-kind", "requester.originals-back"),
        *("paper.kind", "paper.pages", "paper.copies"),
    }
)
"""Fields whose words are nobody's personal data: the audit, which is kept for ever, has
them. Of all others it has the name, and the case has the words."""
STAMP_CHARACTERS: Final = 16
Fields = dict[str, str]
"""Key of the label → what is typed there, as text."""


@dataclass(frozen=True, slots=True)
class CorrectedRequester:
    """The requester's part of the form, with the stamp that the form was made from."""

    requester: Requester
    channel: str
    stamp: str


@dataclass(frozen=True, slots=True)
class CorrectedPaper:
    """One paper of the form: the fields that it has, of a whole ``Paper``."""

    paper: Paper
    stamp: str


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """The form as typed; a part that it left out stays as it is."""

    requester: CorrectedRequester | None
    papers: Mapping[str, CorrectedPaper]


@dataclass(frozen=True, slots=True)
class TypedOtherwise:
    """A field that somebody else has changed while the form stood open."""

    document: int | None
    field: str
    now: str
    typed: str


def correct(
    case: CaseOnDesk, form: CorrectionForm, rule: FeeRule, by: Actor, at: datetime
) -> Rearranged:
    """The case with what the form says, its fees by the rule of its day. Nothing where
    nothing differs, so that it is safe to repeat.

    Raises NotAllowed for a part that was approved or has ended, Conflict for one that
    somebody has corrected since the form was made.
    """
    after, changes = case.case, list[Correction]()
    documents = {document.id: document for document in case.documents}
    if form.requester is not None:
        after, changes = _requester(case, form.requester, by, at)
    if changes:
        documents |= {d.id: d for d in _seen_anew(case.documents, by, at)}
    if after.channel != case.case.channel:
        # What a budget bears goes by the channel.
        documents = {name: _with_fee(d, rule) for name, d in documents.items()}
    for name, given in form.papers.items():
        document, found = _paper(case, documents[case.document(name).id], given, by, at)
        documents[name] = _with_fee(document, rule)
        changes += found
    if not changes:
        return Rearranged()
    changed = [d for d in documents.values() if d != case.document(d.id)]
    history = (*case.case.corrections, *changes)
    return Rearranged(
        documents=tuple(changed),
        case=_touched(replace(after, corrections=history), by, at),
        notes=tuple(
            _note(case, change, nth, by)
            for nth, change in enumerate(changes, start=len(case.case.corrections))
        ),
    )


def differences(case: CaseOnDesk, form: CorrectionForm) -> tuple[TypedOtherwise, ...]:
    """What stands there now in parts that changed under the form, beside what was typed
    in it.
    """
    found: list[TypedOtherwise] = []
    part = form.requester
    if part is not None and part.stamp != requester_stamp(case.case):
        typed = _of_requester(part.requester, part.channel)
        found += _differing(None, requester_fields(case.case), typed)
    for name, given in form.papers.items():
        document = case.document(name)
        if given.stamp != paper_stamp(document.paper):
            now, typed = paper_fields(document.paper), paper_fields(given.paper)
            found += _differing(document.ordinal, now, typed)
    return tuple(found)


def requester_open(documents: Iterable[CaseDocument]) -> bool:
    """Until the first number: that line of the register has the requester's name."""
    known = tuple(documents)
    return not any(d.certification for d in known) and any(map(paper_open, known))


def paper_open(document: CaseDocument) -> bool:
    return document.state in CORRECTABLE


def any_open(documents: Iterable[CaseDocument]) -> bool:
    return any(map(paper_open, documents))


def requester_words(requester: Requester) -> Fields:
    return {key: _text(getattr(requester, name)) for key, name in REQUESTER.items()}


def requester_fields(case: Case) -> Fields:
    return _of_requester(case.requester, case.channel)


def paper_fields(paper: Paper) -> Fields:
    return {key: _text(getattr(paper, name)) for key, name in PAPER.items()}


def requester_stamp(case: Case) -> str:
    """Names this state of the requester's part: a form brings it back."""
    return _stamp(requester_fields(case))


def paper_stamp(paper: Paper) -> str:
    """Names this state of what is typed of a paper. Its version would not do: that
    changes with each file, also while the machine looks at one.
    """
    return _stamp(paper_fields(paper))


def _requester(
    case: CaseOnDesk, given: CorrectedRequester, by: Actor, at: datetime
) -> tuple[Case, list[Correction]]:
    before = requester_fields(case.case)
    after = _of_requester(given.requester, given.channel)
    changes = _changes(None, before, after, by, at)
    if not changes:
        return case.case, []
    if not requester_open(case.documents):
        raise NotAllowed("error.correct-requester")
    if given.stamp != requester_stamp(case.case):
        raise _first(case, None, case.case.changed_by, case.case.changed_at)
    corrected = replace(case.case, requester=given.requester, channel=given.channel)
    return corrected, changes


def _seen_anew(
    documents: Iterable[CaseDocument], by: Actor, at: datetime
) -> Iterable[CaseDocument]:
    """A certifier who has a paper before them saw the requester as it was: what they
    send is older than the paper, and says so.
    """
    return (desk.touched(d, by, at) for d in documents if d.state is State.AWAITING)


def _paper(
    case: CaseOnDesk,
    document: CaseDocument,
    given: CorrectedPaper,
    by: Actor,
    at: datetime,
) -> tuple[CaseDocument, list[Correction]]:
    before, after = paper_fields(document.paper), paper_fields(given.paper)
    changes = _changes(document.ordinal, before, after, by, at)
    if not changes:
        return document, []
    if not paper_open(document):
        raise NotAllowed("error.correct-approved", n=document.ordinal)
    if given.stamp != paper_stamp(document.paper):
        changed_by, changed_at = document.changed_by, document.changed_at
        raise _first(case, document.ordinal, changed_by, changed_at)
    if document.state is State.AWAITING and given.paper.pages != document.paper.pages:
        raise NotAllowed("error.correct-pages", n=document.ordinal)
    typed = {name: getattr(given.paper, name) for name in PAPER.values()}
    corrected = replace(document, paper=replace(document.paper, **typed))
    # Whoever words a paper is a receiving hand, and does not certify it.
    return desk.touched(desk.brought(corrected, by), by, at), changes


def _with_fee(document: CaseDocument, rule: FeeRule) -> CaseDocument:
    if not paper_open(document):
        return document
    paper = document.paper
    return replace(document, fee=rule.total(paper.pages, paper.copies))


def _first(
    case: CaseOnDesk, document: int | None, who: str, when: datetime
) -> Conflict:
    """Whoever corrected this part last; *who* changed it where nobody did."""
    last = [c for c in case.case.corrections if c.document == document][-1:]
    return Conflict(last[0].by, last[0].at) if last else Conflict(who, when)


def _of_requester(requester: Requester, channel: str) -> Fields:
    return requester_words(requester) | {CHANNEL: channel}


def _text(value: str | int | date | None) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)


def _stamp(fields: Fields) -> str:
    written = "\0".join(f"{key}={value}" for key, value in sorted(fields.items()))
    return hashlib.sha256(written.encode()).hexdigest()[:STAMP_CHARACTERS]


def _changes(
    document: int | None, before: Fields, after: Fields, by: Actor, at: datetime
) -> list[Correction]:
    return [
        Correction(at, by.name, document, key, was, after[key])
        for key, was in before.items()
        if was != after[key]
    ]


def _differing(
    document: int | None, now: Fields, typed: Fields
) -> list[TypedOtherwise]:
    return [
        TypedOtherwise(document, key, value, typed[key])
        for key, value in now.items()
        if value != typed[key]
    ]


def _touched(case: Case, by: Actor, at: datetime) -> Case:
    return replace(case, version=case.version + 1, changed_by=by.name, changed_at=at)


def _note(case: CaseOnDesk, change: Correction, nth: int, by: Actor) -> Note:
    """The line of audit; *nth* is the change's place among the case's corrections."""
    said = change.field in SAID_IN_AUDIT
    words = {"before": change.before, "after": change.after} if said else {}
    return Note(
        at=change.at,
        actor=by.user,
        actor_name=by.name,
        agency=case.case.agency,
        action="corrected",
        case=case.case.code,
        document=change.document,
        address=by.address,
        values={"field": change.field, "nth": nth, **words},
    )
