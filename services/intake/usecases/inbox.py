"""The inbox: what came through hot folders becomes scans of papers, by a clerk's hand.

How files get here is in ``watching``. Start at ``Inbox.assign``.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import partial

from chassis.clock import Clock
from ecopy.refusals import Trouble
from intake.domain import arrivals as moves
from intake.domain import calendar, desk, paper_files, states
from intake.domain.arrivals import Arrival, Moved
from intake.domain.files import StoredFile
from intake.domain.numbers import short_code
from intake.domain.people import Actor
from intake.domain.records import CaseDocument, NotFound, Outcome
from intake.domain.rules import Rules
from intake.domain.scan import ScanRefused
from intake.domain.showing_arrivals import arrival_view, folder_view
from intake.domain.states import NotAllowed
from intake.domain.views.inbox import ArrivalView, InboxView, PaperChoice
from intake.ports import BoardRows, Cases, Rebuilder, Scans
from intake.ports.inbox import Arrivals
from intake.usecases.own import check_agency


@dataclass(frozen=True, slots=True)
class Inbox:
    """The clerk's acts on arrivals, with the ports that they take."""

    arrivals: Arrivals
    cases: Cases
    rows: BoardRows
    scans: Scans
    rebuilder: Rebuilder
    rules: Rules
    new_id: Callable[[], str]
    clock: Clock

    async def page(self, by: Actor, *, document: str = "") -> InboxView:
        """What waits for the clerk's agency; *document* is the paper to begin with."""
        now = self.clock()
        midnight = datetime.combine(calendar.local_day(now), time(), calendar.ZONE)
        known = await self.arrivals.of_agency(by.agency, midnight)
        papers = await self._papers(by)
        shown = {paper.document: paper for paper in papers}
        views = tuple(arrival_view(each, shown) for each in known)
        return InboxView(
            now=now,
            waiting=tuple(v for v in views if v.state == "waiting"),
            assigned=tuple(v for v in views if v.state == "assigned"),
            put_aside=tuple(v for v in views if v.state == "set-aside"),
            folders=tuple(map(folder_view, await self.arrivals.folders(by.agency))),
            papers=papers,
            document=document if document in shown else "",
        )

    async def picked(self, ids: tuple[str, ...], by: Actor) -> tuple[ArrivalView, ...]:
        """Those that can go into a paper now, in the order of *ids*; the others have
        gone there already, or are nobody's here.
        """
        found = []
        for each in dict.fromkeys(ids[: moves.MOST_AT_ONCE]):
            with suppress(NotFound):
                arrival = await self.arrivals.find(each)
                moves.check_own(arrival, by)
                found.append(arrival_view(arrival, {}))
        return tuple(v for v in found if (v.state, v.checked) == ("waiting", "good"))

    async def assign(
        self, ids: tuple[str, ...], document: str, by: Actor
    ) -> tuple[Arrival, ...]:
        """The arrivals are scans of the paper, in the order of *ids*: all or none.
        Raises NotAllowed, NotFound.
        """
        _check_chosen(ids, document)
        decide = partial(self._assigned, ids=ids, by=by, at=self.clock())
        return (await self.arrivals.change(ids, document, decide)).arrivals

    async def give_back(self, arrival: str, by: Actor) -> Arrival:
        """It waits in the inbox again, while its paper is in the clerk's hands."""
        decide = partial(_given_back, by=by, at=self.clock())
        return (await self.arrivals.change((arrival,), "", decide)).arrivals[0]

    async def set_aside(self, arrival: str, reason: str, by: Actor) -> Arrival:
        """It is nobody's: out of the list, until retention removes it."""
        at = self.clock()

        def decide(before: tuple[Arrival, ...], _: CaseDocument | None) -> Moved:
            moves.check_own(before[0], by)
            after = moves.set_aside(before[0], reason, by, at)
            return Moved((after,), None, (moves.note(after, "arrival-aside", by, at),))

        return (await self.arrivals.change((arrival,), "", decide)).arrivals[0]

    async def badge(self, by: Actor) -> int | None:
        """How many arrivals wait for the agency; None where nothing can arrive."""
        waiting = await self.arrivals.waiting(by.agency)
        if waiting or await self.arrivals.folders(by.agency):
            return waiting
        return None

    async def picture(
        self, arrival: str, page: int, by: Actor, *, large: bool
    ) -> bytes:
        """A page of it, upright. Raises NotFound."""
        known = await self.arrivals.find(arrival)
        moves.check_own(known, by)
        keys = () if known.part is None else known.part.thumbs
        if large and known.part is not None:
            keys = known.part.previews
        if not 1 <= page <= len(keys):
            raise NotFound(arrival)
        return await self.scans.get(keys[page - 1])

    async def check_rest(self) -> tuple[str, ...]:
        """Rebuild what arrived and was not rebuilt yet; ids of those still hindered.
        Two at once come to the same, and the first of them counts.
        """
        hindered: list[str] = []
        for arrival in await self.arrivals.unchecked():
            try:
                await self.arrivals.settle(await self._checked(arrival))
            except Trouble:
                hindered.append(arrival.id)
        return tuple(hindered)

    async def _checked(self, arrival: Arrival) -> Arrival:
        if arrival.raw is None:
            return replace(arrival, checked="moved")
        try:
            part = await self.rebuilder.rebuild(arrival.name, arrival.raw)
        except ScanRefused as refusal:
            fault, detail = str(refusal.fault), refusal.detail
            return replace(arrival, checked="refused", fault=fault, detail=detail)
        # Part and pictures are durable, and no row knows them: a crash here costs a
        # second rebuild, which puts the same objects again.
        return replace(arrival, checked="good", part=part)

    def _assigned(
        self,
        before: tuple[Arrival, ...],
        known: CaseDocument | None,
        *,
        ids: tuple[str, ...],
        by: Actor,
        at: datetime,
    ) -> Moved:
        if known is None:
            raise NotAllowed("error.arrival-paper")
        check_agency(known.agency, by)
        by_id = {arrival.id: arrival for arrival in before}
        after, outcome = [], Outcome(known)
        for arrival in (by_id[each] for each in dict.fromkeys(ids)):
            moves.check_own(arrival, by)
            file = moves.as_file(arrival, self.new_id(), known.id, by)
            outcome = self._with_file(outcome, file, by, at)
            after.append(moves.assigned(arrival, file.id, known.id, by, at))
        return Moved(tuple(after), outcome)

    def _with_file(
        self, before: Outcome, file: StoredFile, by: Actor, at: datetime
    ) -> Outcome:
        most = self.rules.document_files
        added = paper_files.add_file(before.document, file, by, at, most=most)
        return replace(added, notes=(*before.notes, *added.notes))

    async def _papers(self, by: Actor) -> tuple[PaperChoice, ...]:
        """Papers that take a file now, of the cases that are due first."""
        return tuple(
            PaperChoice(
                document=paper.id,
                case=case.code,
                short_code=short_code(case.code),
                requester=case.requester.name,
                ordinal=paper.ordinal,
                title=paper.title,
                pages=paper.pages,
                declared_pages=paper.declared_pages,
            )
            for case, papers in await self.rows.taking_files(by.agency)
            for paper in papers
            if paper.state in states.EDITABLE
        )


def _check_chosen(ids: tuple[str, ...], document: str) -> None:
    if not ids:
        raise NotAllowed("error.arrival-none")
    if not document:
        raise NotAllowed("error.arrival-paper")
    if len(ids) > moves.MOST_AT_ONCE:
        raise NotAllowed("error.too-many-files", most=moves.MOST_AT_ONCE)


def _given_back(
    before: tuple[Arrival, ...],
    known: CaseDocument | None,
    *,
    by: Actor,
    at: datetime,
) -> Moved:
    arrival = before[0]
    moves.check_own(arrival, by)
    after = moves.given_back(arrival, by, at)
    if known is None:
        return Moved((after,), None, (moves.note(after, "arrival-back", by, at),))
    desk.check_editable(known)
    outcome = paper_files.remove_file(known, arrival.file, known.version, by, at)
    return Moved((after,), outcome, (moves.note(after, "arrival-back", by, at),))
