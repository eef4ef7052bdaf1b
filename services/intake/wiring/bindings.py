"""Each use case bound to the ports it touches, with ``functools.partial``.

Opening and closing is done in ``wiring`` itself, and what runs without a person is in
``background``. Start at ``desk``.
"""

import secrets
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from chassis.clients import ClientAddresses
from chassis.clock import Clock
from chassis.database import Database
from chassis.forgotten import forgotten
from chassis.objects import Objects
from chassis.retention import Held
from chassis.tesseract import PACKAGES
from ecopy.refusals import Hindrance, Trouble
from intake.adapters.argon import Argon2Passwords
from intake.adapters.letters import NoBus
from intake.adapters.marks import RememberedMarks
from intake.adapters.reading.process import AbsentReader
from intake.adapters.reckonings import RememberedReckonings
from intake.adapters.scans import StoredScans
from intake.adapters.sql import form_uses
from intake.adapters.sql.arranging import SqlArrangements
from intake.adapters.sql.arrivals import SqlArrivals
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.dead_letters import SqlDeadLetterActs
from intake.adapters.sql.gauges import SqlGauges
from intake.adapters.sql.leases import SqlLeases
from intake.adapters.sql.looks import SqlLooks
from intake.adapters.sql.page_texts import SqlPageTexts
from intake.adapters.sql.register import SqlRegister
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.adapters.sql.sessions import SqlSessions
from intake.adapters.sql.skipping import SqlSkips
from intake.adapters.sql.tables import cases as cases_table
from intake.adapters.sql.tables import metadata
from intake.adapters.sql.users import SqlUsers
from intake.app.desk import Desk
from intake.domain.numbering import REGISTER_OLDER, NumberingStop
from intake.domain.rules import Rules
from intake.ports import (
    BusGauge,
    DeadLetterStore,
    Drawings,
    PageReader,
    Passwords,
    Rebuilder,
)
from intake.settings import SessionSettings
from intake.usecases import numbering, signing_in
from intake.usecases.arranging import Arranging
from intake.usecases.certifying import Certifying
from intake.usecases.files import Files
from intake.usecases.forms import Forms
from intake.usecases.inbox import Inbox
from intake.usecases.looking import Pictures
from intake.usecases.overseeing import Overseeing
from intake.usecases.reading import DeskPages
from intake.usecases.receiving import Receiving
from intake.usecases.registering import Registering
from intake.usecases.replaying import Replaying
from intake.usecases.signing_in import Staff
from intake.usecases.transcribing import Transcribing
from intake.web import create_renderer
from intake.wiring.sentences import sentences
from intake.wiring.uploading import stored_uploads, uploading

NO_BUS: Final = NoBus()
TOKEN_BYTES: Final = 32
KEY_BYTES: Final = 16
Lost = Callable[[], AbstractSet[str]]
"""Consumers that the bus does not have (any more)."""


@dataclass(frozen=True, slots=True)
class Adapters:
    """What the use cases are bound to; tests bind others in their place."""

    store: Database
    objects: Objects
    rebuilder: Rebuilder
    drawings: Drawings
    rules: Rules
    session: SessionSettings
    secure: bool
    clock: Clock
    marks: RememberedMarks
    reckonings: RememberedReckonings = field(default_factory=RememberedReckonings)
    clients: ClientAddresses = field(default_factory=partial(ClientAddresses, ()))
    passwords: Passwords = field(default_factory=Argon2Passwords)
    reader: PageReader = field(default_factory=partial(AbsentReader, PACKAGES))


def desk(
    house: Adapters,
    lost: Lost = frozenset,
    *,
    letters: DeadLetterStore = NO_BUS,
    bus: BusGauge = NO_BUS,
    held: tuple[Held, ...] = (),
) -> Desk:
    """Each group of use cases with the ports that it touches."""
    cases, clock, rules = SqlCases(house.store), house.clock, house.rules
    users = SqlUsers(house.store)
    scans = StoredScans(house.objects, SqlScanClaims(house.store, clock))
    looks, files = SqlLooks(house.store), files_of(house, cases)
    return Desk(
        rules=rules,
        render=create_renderer(),
        secure=house.secure,
        address=house.clients.of,
        ready=partial(ready, house, lost),
        forms=_forms(house),
        staff=_staff(house, users),
        receiving=Receiving(
            cases=cases, rebuilder=house.rebuilder, rules=rules, clock=clock
        ),
        files=files,
        uploading=uploading(house.store, house.objects, files),
        inbox=inbox_of(house),
        arranging=Arranging(
            arrangements=SqlArrangements(house.store), rules=rules, clock=clock
        ),
        transcribing=transcribing_of(house, cases),
        certifying=_certifying(house, cases, looks),
        pages=_pages(house, cases, users),
        registering=_registering(house, cases),
        pictures=Pictures(
            cases=cases,
            scans=scans,
            looks=looks,
            drawings=house.drawings,
            clock=clock,
        ),
        overseeing=_overseeing(house, letters, bus, held),
        replaying=replaying(house, letters),
    )


def replaying(house: Adapters, letters: DeadLetterStore) -> Replaying:
    """What is done about dead letters, at the desk and from the command line."""
    acts = SqlDeadLetterActs(house.store)
    return Replaying(letters=letters, acts=acts, clock=house.clock)


async def ready(house: Adapters, lost: Lost) -> NumberingStop | None:
    """Raises what hinders: the database does not answer, or the bus has lost what
    brings the answers of the others. A bus that is away only delays them. A register
    that is older than the highest number hinders numbering alone, and ends only by a
    hand: it is answered, since the desk must be reachable meanwhile.
    """
    # Consumers are made by ``provision`` and never here: without one of them the
    # answers of signing and storage would be missed without a word.
    if missing := lost():
        names = ", ".join(sorted(missing))
        raise Trouble(Hindrance.UNEXPECTED, f"the bus has no consumer {names}")
    if not await house.store.answers(metadata.sorted_tables):
        raise Trouble(Hindrance.DATABASE, "a table cannot be read")
    # A new database beside a full bucket: a restored disk that is not whole. Numbers
    # would start again at one (docs/architecture.md, readiness).
    if await forgotten(house.store, cases_table, house.objects):
        raise Trouble(Hindrance.DATABASE, "there are scans, and no case")
    why = await standstill(house, house.rules.agencies)
    if why is None or why.key == REGISTER_OLDER:
        return why
    slug, said = why.key.removeprefix("error."), sentences(why.key, why.values)
    raise Trouble(Hindrance.UNEXPECTED, f"{slug}: {' / '.join(said)}")


async def standstill(house: Adapters, agencies: Iterable[str]) -> NumberingStop | None:
    """Why one of *agencies* gets no number now (``numbering.standstill``)."""
    return await numbering.standstill(
        agencies, marks=house.marks, skips=SqlSkips(house.store), clock=house.clock
    )


def _forms(house: Adapters) -> Forms:
    return Forms(
        rules=house.rules,
        chance=partial(secrets.token_urlsafe, KEY_BYTES),
        clock=house.clock,
        uses=form_uses.SqlFormUses(house.store),
        acting=form_uses.acting,
    )


def _staff(house: Adapters, users: SqlUsers) -> Staff:
    return Staff(
        users=users,
        sessions=SqlSessions(house.store),
        passwords=house.passwords,
        token=partial(secrets.token_urlsafe, TOKEN_BYTES),
        clock=house.clock,
        lifetimes=lifetimes(house),
    )


def files_of(house: Adapters, cases: SqlCases) -> Files:
    return Files(
        cases=cases,
        leases=SqlLeases(house.store, house.clock),
        scans=StoredScans(house.objects, SqlScanClaims(house.store, house.clock)),
        rebuilder=house.rebuilder,
        rules=house.rules,
        new_id=lambda: uuid4().hex,
        clock=house.clock,
    )


def inbox_of(house: Adapters) -> Inbox:
    return Inbox(
        arrivals=SqlArrivals(house.store, house.clock),
        cases=SqlCases(house.store),
        scans=StoredScans(house.objects, SqlScanClaims(house.store, house.clock)),
        rebuilder=house.rebuilder,
        rules=house.rules,
        new_id=lambda: uuid4().hex,
        clock=house.clock,
    )


def transcribing_of(house: Adapters, cases: SqlCases) -> Transcribing:
    return Transcribing(
        cases=cases,
        texts=SqlPageTexts(house.store),
        reader=house.reader,
        clock=house.clock,
    )


def _certifying(house: Adapters, cases: SqlCases, looks: SqlLooks) -> Certifying:
    return Certifying(
        cases=cases,
        looks=looks,
        marks=house.marks,
        rules=house.rules,
        random_bits=secrets.randbits,
        clock=house.clock,
    )


def _pages(house: Adapters, cases: SqlCases, users: SqlUsers) -> DeskPages:
    return DeskPages(
        cases=cases,
        users=users,
        uploads=stored_uploads(house.store, house.objects),
        transcribing=transcribing_of(house, cases),
        numbering=partial(standstill, house),
        rules=house.rules,
        clock=house.clock,
    )


def _registering(house: Adapters, cases: SqlCases) -> Registering:
    return Registering(
        cases=cases,
        book=SqlRegister(house.store),
        skips=SqlSkips(house.store),
        rules=house.rules,
        clock=house.clock,
    )


def _overseeing(
    house: Adapters, letters: DeadLetterStore, bus: BusGauge, held: tuple[Held, ...]
) -> Overseeing:
    return Overseeing(
        letters=replaying(house, letters),
        gauges=SqlGauges(house.store, held),
        numbering=partial(standstill, house),
        bus=bus,
        reckonings=house.reckonings,
        arrivals=SqlArrivals(house.store, house.clock),
        clock=house.clock,
    )


def lifetimes(house: Adapters) -> signing_in.Lifetimes:
    return signing_in.Lifetimes(
        idle=timedelta(seconds=house.session.idle_seconds),
        absolute=timedelta(seconds=house.session.absolute_seconds),
    )
