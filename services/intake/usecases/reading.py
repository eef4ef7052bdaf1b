"""What each page shows, gathered; nothing here writes.

What a page says of a paper is decided in ``intake.domain.showing``. Start at
``DeskPages``, which has one method for each page; the certifier's is in ``wall``, and
the board in ``boarding``.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from chassis.clock import Clock
from intake.domain import (
    calendar,
    correcting,
    desk_ends,
    extending,
    intake_form,
    numbers,
    showing,
    showing_steps,
    states,
    supplementing,
    vneid,
)
from intake.domain import desk as desk_rules
from intake.domain.agency_tables import AgencyTables
from intake.domain.desk_views import desk_view
from intake.domain.people import Actor, Role
from intake.domain.records import Case, CaseDocument
from intake.domain.rules import Rules
from intake.domain.showing_links import pending
from intake.domain.uploading import upload_views
from intake.domain.views.case import CaseView
from intake.domain.views.case_new import CaseNewView
from intake.domain.views.desk import PageDeskView
from intake.domain.views.names import Bilingual
from intake.domain.views.page import choices
from intake.domain.vneid import OnVneid
from intake.ports import Cases, Uploads, Users
from intake.usecases.certifiers import certifiers_of
from intake.usecases.own import own_case, own_document
from intake.usecases.transcribing import Transcribing

FEE_EXAMPLES: Final = (1, 2, 3, 10)


@dataclass(frozen=True, slots=True)
class Quote:
    fees: tuple[int, ...]
    total: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DeskPages:
    """What the pages show, with the ports that this takes."""

    cases: Cases
    users: Users
    uploads: Uploads
    transcribing: Transcribing
    rules: Rules
    clock: Clock

    def new_case(self, by: Actor) -> CaseNewView:
        now = self.clock()
        rule = self.rules.fee_rule(by.agency, now, intake_form.CHANNELS[0])
        return CaseNewView(
            now=now,
            due_at=self.rules.due_at(by.agency, now),
            last_same_day=f"{calendar.LAST_SAME_DAY:%H:%M}",
            channels=choices("channel", intake_form.CHANNELS),
            id_kinds=choices("id-kind", intake_form.ID_KINDS),
            kinds=self.kinds(by),
            on_vneid=self._on_vneid(now),
            originals_back=choices("originals-back", intake_form.ORIGINALS_BACK),
            fee_table=tuple((pages, rule.fee(pages)) for pages in FEE_EXAMPLES),
        )

    def _on_vneid(self, now: datetime) -> OnVneid:
        return vneid.in_force(self.rules.on_vneid, calendar.local_day(now))

    def kinds(self, by: Actor) -> tuple[str, ...]:
        """What may be declared of a paper today."""
        return self.rules.tables(by.agency).kinds(calendar.local_day(self.clock()))

    def quote(self, pages: tuple[int, ...], channel: str, by: Actor) -> Quote:
        """Fee and due hour while somebody types. ValueError below one page."""
        now = self.clock()
        rule = self.rules.fee_rule(by.agency, now, channel)
        fees = tuple(rule.fee(count) for count in pages)
        return Quote(fees, sum(fees), self.rules.due_at(by.agency, now))

    async def case(self, code: str, by: Actor) -> CaseView:
        """Raises NotFound, also for another agency's case."""
        now = self.clock()
        known = await own_case(code, by, self.cases)
        documents = await self.cases.documents(code)
        notes = await self.cases.timeline(code)
        certifiers = await certifiers_of(by.agency, self.users, self.rules, now)
        tables = self.rules.tables(by.agency)
        view = partial(showing.document_view, certifiers=certifiers)
        return CaseView(
            code=known.code,
            short_code=numbers.short_code(known.code),
            version=known.version,
            state=showing.case_shown(documents),
            requester=known.requester.name,
            requester_kind=known.requester.kind,
            id_kind=known.requester.id_kind,
            id_number=known.requester.id_number,
            birth_date=known.requester.birth_date,
            phone=known.requester.phone,
            email=known.requester.email,
            channel=known.channel,
            received_by=known.received_by_name,
            received_at=known.received_at,
            due_at=known.due_at,
            late=showing.late(known, documents, now),
            fee=showing.fee_of(documents),
            now=now,
            documents=tuple(view(d, known, self.rules, by, now) for d in documents),
            steps=tuple(showing_steps.step(note, known, tables) for note in notes),
            moving=any(d.state in states.MOVING or pending(d) for d in documents),
            may=_may(known, documents, by, now),
            national=self.rules.national.of(documents),
            supplement=known.supplement,
            lack_words=_lack_words(known, tables),
            extension=extending.latest(known),
            agreements=showing.agreements(known, documents),
            complete_at=_completed(known),
            closed=not desk_rules.takes_papers(documents),
            address=known.requester.address,
            proxy=known.requester.proxy,
            originals_back=known.requester.originals_back,
            on_vneid=self._on_vneid(now),
        )

    async def page_desk(self, document: str, by: Actor) -> PageDeskView:
        known = await own_document(document, by, self.cases)
        of_case = await self.cases.case(known.case)
        siblings = await self.cases.documents(known.case)
        now = self.clock()
        certifiers = await certifiers_of(by.agency, self.users, self.rules, now)
        shown = showing.document_view(
            known, of_case, self.rules, by, now, certifiers=certifiers
        )
        view = desk_view(
            known, of_case, siblings, document=shown, rules=self.rules, now=now
        )
        uploads, life = await self.uploads.of_document(document), self.rules.upload_life
        unfinished = upload_views(uploads, by, life)
        reading = await self.transcribing.view(known)
        return replace(view, uploads=unfinished, reading=reading)


def _completed(case: Case) -> datetime | None:
    """When the last lacking thing came, where something was lacking."""
    return case.complete_at if case.complete_at != case.received_at else None


def _lack_words(case: Case, tables: AgencyTables) -> dict[str, Bilingual]:
    asked = case.supplement
    if asked is None:
        return {}
    day = calendar.local_day(asked.at)
    return {lack.ground: tables.lack(lack.ground, day) for lack in asked.lacks}


def _may(
    case: Case, documents: tuple[CaseDocument, ...], by: Actor, now: datetime
) -> frozenset[str]:
    """What *by* may do now to the case as a whole."""
    if Role.CLERK not in by.roles:
        return frozenset()
    acts = {
        "add-document": desk_rules.takes_papers(documents),
        "correct": correcting.any_open(documents),
        "extend": extending.may_extend(case, documents, now),
        "supplement": supplementing.may_ask(case, documents),
        "end": desk_ends.any_may_end(documents),
    }
    return frozenset(act for act, may in acts.items() if may)
