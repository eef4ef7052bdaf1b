"""Each use case bound to the ports it touches, with ``functools.partial``.

Opening and closing is done in ``wiring`` itself, what runs without a person is in
``background``, and what stands around one room of the desk is in ``inbox`` and
``uploading``. Start at ``desk``.
"""

import secrets
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import uuid4

from chassis.retention import Held
from intake.adapters.letters import NoBus
from intake.adapters.scans import StoredScans
from intake.adapters.sql import form_uses
from intake.adapters.sql.answers import SqlAnswers
from intake.adapters.sql.arrivals import SqlArrivals
from intake.adapters.sql.board_rows import SqlBoardRows
from intake.adapters.sql.board_views import SqlBoardViews
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.changes import SqlCaseEvents
from intake.adapters.sql.closings import SqlClosings
from intake.adapters.sql.dead_letters import SqlDeadLetterActs
from intake.adapters.sql.gauges import SqlGauges
from intake.adapters.sql.leases import SqlLeases
from intake.adapters.sql.looks import SqlLooks
from intake.adapters.sql.register import SqlRegister
from intake.adapters.sql.scan_objects import SqlScanClaims
from intake.adapters.sql.sessions import SqlSessions
from intake.adapters.sql.skipping import SqlSkips
from intake.adapters.sql.superseded import SqlSuperseded
from intake.adapters.sql.users import SqlUsers
from intake.app.allowance import Allowance
from intake.app.bell import Bell
from intake.app.desk import Desk, ForPrograms
from intake.ports import BusGauge, DeadLetterStore
from intake.usecases.answering import Answering
from intake.usecases.boarding import Board
from intake.usecases.differing import Differing
from intake.usecases.feed import Feed
from intake.usecases.files import Files
from intake.usecases.forms import Forms
from intake.usecases.handing import Handing
from intake.usecases.overseeing import Overseeing
from intake.usecases.reading import DeskPages
from intake.usecases.registering import Registering
from intake.usecases.releasing import Releasing
from intake.usecases.replaying import Replaying
from intake.usecases.settling import Settling
from intake.usecases.signing_in import Lifetimes, Staff
from intake.usecases.standing_still import StandingStill
from intake.web import create_renderer
from intake.wiring.adapters import Adapters
from intake.wiring.casework import (
    adjusting_of,
    arranging_of,
    casework_of,
    extending_of,
    receiving_of,
    recognising_of,
)
from intake.wiring.handouts import office
from intake.wiring.inbox import inbox_of
from intake.wiring.measuring import measuring_of
from intake.wiring.office import (
    admitting_of,
    governing_of,
    staffing_of,
    tabling_of,
)
from intake.wiring.readiness import Lost, ready, standstill
from intake.wiring.transcribing import transcribing_of
from intake.wiring.uploading import stored_uploads, uploading
from intake.wiring.wall import batching_of, certifying_of, pictures_of, wall_of

NO_BUS: Final = NoBus()
TOKEN_BYTES: Final = 32
KEY_BYTES: Final = 16


def desk(
    house: Adapters,
    lost: Lost = frozenset,
    *,
    letters: DeadLetterStore = NO_BUS,
    bus: BusGauge = NO_BUS,
    held: tuple[Held, ...] = (),
    bell: Bell | None = None,
) -> Desk:
    """Each group of use cases with the ports that it touches."""
    cases, clock, rules = SqlCases(house.store), house.clock, house.rules
    users, looks = SqlUsers(house.store), SqlLooks(house.store)
    papers = office(house.store, house.typesetter, rules, clock)
    certifying, files = certifying_of(house, cases, looks), files_of(house, cases)
    return Desk(
        rules=rules,
        render=create_renderer(),
        secure=house.secure,
        address=house.clients.of,
        ready=partial(ready, house, lost),
        forms=_forms(house),
        staff=staff_of(house),
        receiving=receiving_of(house, cases),
        files=files,
        uploading=uploading(house.store, house.objects, files),
        inbox=inbox_of(house),
        arranging=arranging_of(house),
        adjusting=adjusting_of(house, cases),
        recognising=recognising_of(house),
        casework=casework_of(house, cases),
        extending=extending_of(house, cases),
        transcribing=transcribing_of(house, cases),
        certifying=certifying,
        batching=batching_of(house, cases, certifying),
        differing=Differing(cases=cases, superseded=SqlSuperseded(house.store)),
        standing_still=StandingStill(cases=cases, rules=rules, clock=clock),
        releasing=Releasing(cases=cases, rules=rules, clock=clock),
        handing=Handing(cases=cases, rules=rules, clock=clock),
        pages=_pages(house, cases, users),
        board=_board(house, users),
        wall=wall_of(house, cases, users, looks),
        registering=_registering(house, cases),
        printing=papers.printing,
        bookkeeping=papers.bookkeeping,
        templating=papers.templating,
        measuring=measuring_of(house),
        pictures=pictures_of(house, cases, looks),
        overseeing=_overseeing(house, letters, bus, held),
        replaying=replaying(house, letters),
        staffing=staffing_of(house),
        governing=governing_of(house),
        tabling=tabling_of(house),
        programs=_for_programs(house),
        bell=bell,
    )


def _for_programs(house: Adapters) -> ForPrograms:
    return ForPrograms(
        admitting=admitting_of(house),
        answering=Answering(answers=SqlAnswers(house.store), clock=house.clock),
        feed=Feed(events=SqlCaseEvents(house.store)),
        allowance=Allowance(house.clock),
    )


def replaying(house: Adapters, letters: DeadLetterStore) -> Replaying:
    """What is done about dead letters, at the desk and from the command line."""
    acts = SqlDeadLetterActs(house.store)
    return Replaying(letters=letters, acts=acts, clock=house.clock)


def _forms(house: Adapters) -> Forms:
    return Forms(
        rules=house.rules,
        chance=partial(secrets.token_urlsafe, KEY_BYTES),
        clock=house.clock,
        uses=form_uses.SqlFormUses(house.store),
        acting=form_uses.acting,
    )


def staff_of(house: Adapters) -> Staff:
    return Staff(
        users=SqlUsers(house.store),
        sessions=SqlSessions(house.store),
        passwords=house.passwords,
        token=partial(secrets.token_urlsafe, TOKEN_BYTES),
        clock=house.clock,
        lifetimes=Lifetimes(
            idle=timedelta(seconds=house.session.idle_seconds),
            absolute=timedelta(seconds=house.session.absolute_seconds),
        ),
    )


def files_of(house: Adapters, cases: SqlCases) -> Files:
    return Files(
        cases=cases,
        scans=StoredScans(house.objects, SqlScanClaims(house.store, house.clock)),
        settling=settling_of(house),
        rules=house.rules,
        new_id=lambda: uuid4().hex,
        clock=house.clock,
    )


def settling_of(house: Adapters) -> Settling:
    return Settling(
        cases=SqlCases(house.store),
        leases=SqlLeases(house.store, house.clock),
        rebuilder=house.rebuilder,
        clock=house.clock,
    )


def _pages(house: Adapters, cases: SqlCases, users: SqlUsers) -> DeskPages:
    return DeskPages(
        cases=cases,
        users=users,
        uploads=stored_uploads(house.store, house.objects),
        transcribing=transcribing_of(house, cases),
        rules=house.rules,
        clock=house.clock,
    )


def _board(house: Adapters, users: SqlUsers) -> Board:
    return Board(
        rows=SqlBoardRows(house.store),
        views=SqlBoardViews(house.store),
        users=users,
        numbering=partial(standstill, house),
        rules=house.rules,
        clock=house.clock,
    )


def _registering(house: Adapters, cases: SqlCases) -> Registering:
    return Registering(
        cases=cases,
        book=SqlRegister(house.store),
        skips=SqlSkips(house.store),
        closings=SqlClosings(house.store),
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
