"""The law and the house as of now: what every use case may look up, never change."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ecopy.trust import Merger, TrustDocument
from intake.domain import (
    calendar,
    delegating,
    extending,
    fee,
    number_formats,
    numbers,
    own_fees,
    switches,
)
from intake.domain.agencies import Agencies, AgencyEntry, Identities, identities
from intake.domain.agency_tables import AgencyTables
from intake.domain.calendar import Calendar
from intake.domain.expecting import USUAL, Patience
from intake.domain.extending import ExtensionRule
from intake.domain.fee import FeeRule
from intake.domain.national import Statuses
from intake.domain.own_tables import Own, unchanged
from intake.domain.people import Actor
from intake.domain.records import Case, NotFound
from intake.domain.states import NotAllowed
from intake.domain.switches import Switch
from intake.domain.table_rows import TableRow
from intake.domain.vneid import OnVneid


@dataclass(frozen=True, slots=True)
class Rules:
    agencies: Agencies
    calendar: Calendar
    fees: tuple[FeeRule, ...]
    rows: tuple[TableRow, ...]
    """What the program's own tables say, each row from its day on."""
    extensions: tuple[ExtensionRule, ...]
    """How far a due hour may be put off, newest first."""
    on_vneid: OnVneid
    """Kinds of paper that a citizen may have on VNeID, with the day from which."""
    national: Statuses
    """State → the status by which the national portal knows it."""
    trust: TrustDocument
    public_host: str
    link_key: bytes
    file_bytes: int
    document_pages: int
    demo: bool
    document_files: int = 400
    """The most files of one document, with those that were refused or removed."""
    request_files: int = 200
    """The most files of one request: as many as a document usually may have pages."""
    upload_seconds: float = 60.0
    """Seconds after which a request's further files are not taken: each costs a
    worker."""
    upload_life: timedelta = timedelta(hours=24)
    """How long an upload waits for the rest after its last byte."""
    spare_bytes: int = 0
    """What must stay free in the store after a file: nothing is taken beyond it."""
    patience: Patience = USUAL
    own: Own = unchanged
    """What an agency has laid over the tables, as its administrator changes it."""

    def agency(self, code: str) -> AgencyEntry:
        agency = self.agencies.get(code)
        if agency is None:
            raise NotFound(code)
        return agency

    def agency_on(self, code: str, at: datetime) -> AgencyEntry:
        """The agency as its administrator has it at that moment. Raises NotFound."""
        agency, rows = self.agency(code), self.own(code).switches
        day = calendar.local_day(at)
        same = agency.same_person_may_certify
        manual = switches.is_on(rows, Switch.MANUAL_SEAL, day, usual=False)
        return replace(
            agency,
            same_person_may_certify=switches.is_on(
                rows, Switch.SAME_PERSON, day, usual=same
            ),
            book=self.tables(code).book_on(day),
            release="manual" if manual else "automatic",
        )

    def merged(self, code: str, at: datetime) -> Merger | None:
        """Which agency this one is part of by that moment; None while it is its own."""
        merger = self.trust.merger(code)
        if merger is None or calendar.local_day(at) < merger.on:
            return None
        return merger

    def check_takes_cases(self, code: str, at: datetime) -> None:
        """Raises NotAllowed where the agency was merged: nothing new is received or
        approved there, and its register is read and closed.
        """
        merger = self.merged(code, at)
        if merger is not None:
            day = f"{merger.on:%d/%m/%Y}"
            raise NotAllowed("error.agency-merged", into=merger.into_name, day=day)

    def due_at(self, agency: str, complete_at: datetime) -> datetime:
        own, usual = self.own(agency), self.agency(agency).close_of_business
        due = calendar.due_at(complete_at, own.over(self.calendar), close=usual)
        day = calendar.local_day(due)
        return datetime.combine(day, own.closes(day, usual), calendar.ZONE)

    def tables(self, agency: str) -> AgencyTables:
        """What the agency's tables say: the program's rows and its own over them."""
        book = number_formats.program_row(self.agency(agency))
        return AgencyTables((*self.rows, book, *self.own(agency).rows))

    def fee_rule(self, agency: str, at: datetime, channel: str) -> FeeRule:
        """What a copy costs there for a case that comes then, on that channel."""
        day = calendar.local_day(at)
        rule = fee.in_force(self.fees_of(agency), day)
        return fee.supported(rule, self.tables(agency).support(channel, day))

    def fee_rule_of(self, case: Case, channel: str = "") -> FeeRule:
        """The rule of the case's own day; *channel* where it is being corrected."""
        rule = fee.rule_set(self.fees_of(case.agency), case.rule_set)
        day = calendar.local_day(case.received_at)
        share = self.tables(case.agency).support(channel or case.channel, day)
        return fee.supported(rule, share)

    def put_off(self, agency: str, due: datetime, days: int) -> datetime:
        """The close of so many working days after the day of *due*."""
        own, usual = self.own(agency), self.agency(agency).close_of_business
        known = own.over(self.calendar)
        day = known.working_days_after(calendar.local_day(due), days)
        return datetime.combine(day, own.closes(day, usual), calendar.ZONE)

    def extension_rule(self, received_at: datetime) -> ExtensionRule:
        """What may be put off of a case that came then. Raises NotAllowed."""
        day = calendar.local_day(received_at)
        return extending.in_force(self.extensions, day)

    def fees_of(self, agency: str) -> tuple[FeeRule, ...]:
        """Every rule that has ever counted there, newest first: a case keeps the one
        of its day.
        """
        return own_fees.over(self.own(agency).fees, self.fees)

    def identities(
        self, by: Actor, at: datetime, kind: str | None = None
    ) -> Identities:
        """Officer and agency for what *by* signs now, on a paper of that kind.
        NotAllowed without an office or the delegation that it needs, NoOffice outside
        its days.
        """
        if by.officer is None:
            raise NotAllowed("error.no-office")
        self.check_takes_cases(by.agency, at)
        day = calendar.local_day(at)
        agency = self.agency(by.agency)
        found = identities(agency, by.officer, day, self.trust)
        if not agency.officer(by.officer, day).by_delegation:
            return found
        known = self.own(by.agency).delegations
        under = delegating.in_force(known, by.officer, day, kind)
        return delegating.acting_under(found, under)

    def link(self, entry: str, generation: int) -> str:
        """The citizen's address of a copy."""
        token = numbers.link_token(self.link_key, entry, generation)
        return f"{self.public_host}/c/{token}"
