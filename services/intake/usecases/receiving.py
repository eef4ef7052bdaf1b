"""The clerk receives: a case, its papers, their scans, and sends them to approval."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from chassis.clock import Clock
from ecopy.refusals import Trouble
from intake.domain import calendar, desk, numbers, text
from intake.domain import fee as fees
from intake.domain.intake_form import MOST_PAPERS, CaseForm
from intake.domain.records import (
    Actor,
    Case,
    Document,
    Note,
    NotFound,
    Outcome,
    Paper,
    StoredFile,
)
from intake.domain.rules import Rules
from intake.domain.scan import ScanFault, ScanRefused
from intake.domain.states import Move, NotAllowed, State, moved
from intake.ports import Cases, Leases, Opening, Rebuilder, Scans

UNKNOWN_TYPE: Final = "application/octet-stream"
"""The browser's word does not count; the rebuild looks at the bytes."""
NewId = Callable[[], str]


async def open_case(
    form: CaseForm, by: Actor, *, cases: Cases, rules: Rules, clock: Clock
) -> Opening:
    """Received: code, due hour and fee are settled by the rules of this moment."""
    now = clock()
    day = calendar.local_day(now)

    def decide(ordinal: int) -> Opening:
        code = numbers.case_code(by.agency, day, ordinal)
        case = _case(code, form, by, rules, now)
        documents = tuple(
            _document(case, number, paper, rules=rules, by=by, now=now)
            for number, paper in enumerate(form.papers, start=1)
        )
        received = _note(case, "received", by, now, channel=form.channel)
        return Opening(case, documents, (received,))

    return await cases.open(by.agency, day, decide)


async def add_document(
    code: str,
    paper: Paper,
    version: int,
    by: Actor,
    *,
    cases: Cases,
    rules: Rules,
    clock: Clock,
) -> Document:
    """One more paper of a case that is still open.

    Raises Conflict, NotAllowed, NotFound.
    """
    now = clock()

    def decide(case: Case, documents: tuple[Document, ...]) -> Opening:
        _own(case.agency, by)
        desk.current_case(case, version)
        if not desk.takes_papers(documents):
            raise NotAllowed("error.case-closed")
        if len(documents) >= MOST_PAPERS:
            raise NotAllowed("error.papers")
        document = _document(
            case, len(documents) + 1, paper, rules=rules, by=by, now=now
        )
        changed = replace(
            case, version=case.version + 1, changed_by=by.name, changed_at=now
        )
        added = desk.note(document, "document-added", by, now)
        return Opening(changed, (document,), (added,))

    opening = await cases.add(code, decide)
    return opening.documents[0]


async def receive_file(
    document: str,
    name: str,
    chunks: AsyncIterator[bytes],
    by: Actor,
    *,
    place: int = 0,
    cases: Cases,
    leases: Leases,
    scans: Scans,
    rebuilder: Rebuilder,
    rules: Rules,
    new_id: NewId,
    clock: Clock,
) -> StoredFile:
    """Stream one file to the store while it is hashed, then have it rebuilt.

    Memory does not grow with the file. The raw bytes are kept whatever comes of them;
    the answer says whether the file counts, or why it does not, or that it is still
    busy: what trouble cut short is done again by itself. Raises NotAllowed if
    the document takes no file now, NotFound. *place* was given by ``reserve_places``;
    without one the file comes after all others.
    """
    known = await cases.document(document)
    _own(known.agency, by)
    if desk.at_place(known, place) is None:
        desk.editable(known)
        desk.check_room(known, rules.document_files)
    shown = text.file_name(name)
    async with scans.arriving() as arriving:
        async for chunk in chunks:
            if arriving.size <= rules.file_bytes:
                await arriving.write(chunk)
        too_large = arriving.size > rules.file_bytes
        raw = await arriving.keep(UNKNOWN_TYPE)
    file = StoredFile(
        new_id(), document, place, shown, raw, by.name, clock(), state="busy"
    )
    stored = await cases.change(
        document,
        lambda now: desk.add_file(now, file, by, clock(), most=rules.document_files),
    )
    file = _placed(file, stored.document)
    if file.state != "busy":
        return file
    if too_large:
        fault = ScanRefused(ScanFault.TOO_LARGE, shown)
        return await _settle(_refused(file, fault), cases=cases, clock=clock)
    try:
        return await settle(
            file, leases=leases, cases=cases, rebuilder=rebuilder, clock=clock
        )
    except Trouble:
        return file


async def reserve_places(document: str, count: int, by: Actor, *, cases: Cases) -> int:
    """The first of *count* places, one after the other, that nobody else gets.

    Asked for when files are dropped, before the first of them is sent: which upload
    ends first says nothing about the order of the pages.
    """
    firsts: list[int] = []

    def decide(known: Document) -> Outcome:
        _own(known.agency, by)
        outcome, first = desk.reserve(known, count)
        firsts.append(first)
        return outcome

    await cases.change(document, decide)
    return firsts[-1]


async def settle(
    file: StoredFile,
    *,
    leases: Leases,
    cases: Cases,
    rebuilder: Rebuilder,
    clock: Clock,
) -> StoredFile:
    """Rebuild a stored file, or say why not; after a crash it is simply done again.
    One that is in another's hand is left to them, and stays as it is here.
    """
    async with leases.hold(file.id) as mine:
        if not mine:
            return file
        return await _checked(file, cases=cases, rebuilder=rebuilder, clock=clock)


async def _checked(
    file: StoredFile, *, cases: Cases, rebuilder: Rebuilder, clock: Clock
) -> StoredFile:
    try:
        part = await rebuilder.rebuild(file.name, file.raw)
    except ScanRefused as refusal:
        return await _settle(_refused(file, refusal), cases=cases, clock=clock)
    good = replace(file, state="good", part=part)
    return await _settle(good, cases=cases, clock=clock)


async def settle_rest(
    *, leases: Leases, cases: Cases, rebuilder: Rebuilder, clock: Clock
) -> tuple[str, ...]:
    """What a crash or trouble cut short, oldest first; ids of those still hindered.
    Several may do this at once: each takes what no other has.
    """
    hindered: list[str] = []
    for file in await leases.free():
        try:
            await settle(
                file, leases=leases, cases=cases, rebuilder=rebuilder, clock=clock
            )
        except Exception:  # noqa: BLE001 - whatever it is, the others go on
            hindered.append(file.id)
    return tuple(hindered)


async def remove_file(
    document: str, file: str, version: int, by: Actor, *, cases: Cases, clock: Clock
) -> Document:
    def decide(known: Document) -> Outcome:
        _own(known.agency, by)
        return desk.remove_file(known, file, version, by, clock())

    return (await cases.change(document, decide)).document


async def compare(
    document: str,
    version: int,
    pages: tuple[str, ...],
    by: Actor,
    *,
    cases: Cases,
    clock: Clock,
) -> None:
    """A named person compared these pages, named by their digests, with the paper."""

    def decide(known: Document) -> Outcome:
        _own(known.agency, by)
        return desk.compare(known, version, pages, by, clock())

    await cases.change(document, decide)


async def submit(
    document: str,
    version: int,
    by: Actor,
    *,
    cases: Cases,
    rebuilder: Rebuilder,
    rules: Rules,
    clock: Clock,
) -> Document:
    """Join the parts into the original and hand it to the certifier; twice is once."""
    known = await cases.document(document)
    _own(known.agency, by)
    if known.state is State.AWAITING and known.changed_by == by.name:
        return known
    desk.submittable(known, version)
    if len(known.pages) > rules.document_pages:
        raise NotAllowed("error.too-many-pages", most=rules.document_pages)
    parts = tuple(f.part for f in known.good_files if f.part is not None)
    original = await rebuilder.join(parts)
    outcome = await cases.change(
        document, lambda now: desk.submit(now, original, version, by, clock())
    )
    return outcome.document


def _placed(file: StoredFile, document: Document) -> StoredFile:
    """As it was stored; or the file that had arrived at its place before."""
    stored = {f.id: f for f in document.files}
    if file.id in stored:
        return stored[file.id]
    return next(f for f in document.files if f.position == file.position)


def _refused(file: StoredFile, refusal: ScanRefused) -> StoredFile:
    return replace(
        file, state="refused", fault=str(refusal.fault), detail=refusal.detail
    )


async def _settle(file: StoredFile, *, cases: Cases, clock: Clock) -> StoredFile:
    await cases.change(
        file.document, lambda document: desk.settle_file(document, file, clock())
    )
    return file


def _own(agency: str, by: Actor) -> None:
    """Another agency's case does not exist here."""
    if agency != by.agency:
        raise NotFound(agency)


def _case(code: str, form: CaseForm, by: Actor, rules: Rules, now: datetime) -> Case:
    return Case(
        code=code,
        agency=by.agency,
        requester=form.requester,
        channel=form.channel,
        privacy_at=now,
        received_by=by.user,
        received_by_name=by.name,
        received_at=now,
        complete_at=now,
        due_at=rules.due_at(by.agency, now),
        rule_set=rules.fee_rule(now).rule_set,
        version=1,
        changed_by=by.name,
        changed_at=now,
    )


def _document(
    case: Case, ordinal: int, paper: Paper, *, rules: Rules, by: Actor, now: datetime
) -> Document:
    rule = fees.rule_set(rules.fees, case.rule_set)
    return Document(
        id=numbers.document_id(case.code, ordinal),
        case=case.code,
        agency=case.agency,
        ordinal=ordinal,
        paper=paper,
        fee=rule.fee(paper.pages),
        received_by=case.received_by,
        state=moved(State.DRAFT, Move.RECEIVE),
        version=1,
        changed_by=by.name,
        changed_at=now,
    )


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
