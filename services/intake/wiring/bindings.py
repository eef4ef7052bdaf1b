"""Each use case bound to the ports it touches, with ``functools.partial``."""

import secrets
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final
from uuid import uuid4

from chassis.clients import ClientAddresses
from chassis.clock import Clock
from chassis.database import Database
from chassis.forgotten import forgotten
from chassis.objects import Objects
from ecopy.refusals import Hindrance, Trouble
from intake import worker
from intake.adapters.argon import Argon2Passwords
from intake.adapters.scans import StoredScans
from intake.adapters.sql import form_uses
from intake.adapters.sql.cases import SqlCases
from intake.adapters.sql.leases import SqlLeases
from intake.adapters.sql.looks import SqlLooks
from intake.adapters.sql.register import SqlRegister
from intake.adapters.sql.tables import cases as cases_table
from intake.adapters.sql.tables import metadata
from intake.adapters.sql.users import SqlSessions, SqlUsers
from intake.app.desk import Desk
from intake.domain.rules import Rules
from intake.ports import Rebuilder
from intake.settings import SessionSettings
from intake.usecases import (
    certifying,
    files,
    forms,
    looking,
    reading,
    receiving,
    registering,
    signing_in,
)
from intake.web import create_renderer

TOKEN_BYTES: Final = 32
KEY_BYTES: Final = 16
Lost = Callable[[], AbstractSet[str]]
"""Consumers that the bus does not have (any more)."""


@dataclass(frozen=True, slots=True)
class House:
    """What the use cases are bound to; tests bind others in their place."""

    store: Database
    objects: Objects
    rebuilder: Rebuilder
    rules: Rules
    session: SessionSettings
    secure: bool
    clock: Clock
    clients: ClientAddresses = field(default_factory=partial(ClientAddresses, ()))


def desk(house: House, lost: Lost = frozenset) -> Desk:
    """Each use case with the ports it touches."""
    cases, clock, rules = SqlCases(house.store), house.clock, house.rules
    scans = StoredScans(house.objects)
    reading_of: dict[str, Any] = {
        "cases": cases,
        "users": SqlUsers(house.store),
        "rules": rules,
        "clock": clock,
    }
    return Desk(
        rules=rules,
        render=create_renderer(),
        secure=house.secure,
        address=house.clients.of,
        ready=partial(ready, house, lost),
        **_forms(house),
        **_staff(house),
        **_receiving(house, cases),
        **_certifying(house, cases),
        board=partial(reading.board, **reading_of),
        new_case=partial(reading.new_case, rules=rules, clock=clock),
        quote=partial(reading.quote, rules=rules, clock=clock),
        case=partial(reading.case, **reading_of),
        page_desk=partial(reading.desk, **reading_of),
        wall=partial(reading.wall, **reading_of),
        register=partial(
            registering.register,
            book=SqlRegister(house.store),
            rules=rules,
            clock=clock,
        ),
        thumb=partial(looking.thumb, cases=cases, scans=scans),
        large=partial(
            looking.large,
            cases=cases,
            scans=scans,
            looks=SqlLooks(house.store),
            clock=clock,
        ),
        link=partial(registering.link, cases=cases, rules=rules),
    )


def heard(house: House) -> worker.Heard:
    cases = SqlCases(house.store)
    return worker.Heard(
        sealed=partial(certifying.on_sealed, cases=cases),
        archived=partial(certifying.on_archived, cases=cases),
        delayed=partial(certifying.on_delayed, cases=cases),
        halted=partial(certifying.on_halted, cases=cases),
    )


async def ready(house: House, lost: Lost) -> None:
    """Raises what hinders: the database does not answer, or the bus has lost what
    brings the answers of the others. A bus that is away only delays them.
    """
    if missing := lost():
        names = ", ".join(sorted(missing))
        raise Trouble(Hindrance.UNEXPECTED, f"the bus has no consumer {names}")
    if not await house.store.answers(metadata.sorted_tables):
        raise Trouble(Hindrance.DATABASE, "a table cannot be read")
    if await forgotten(house.store, cases_table, house.objects):
        raise Trouble(Hindrance.DATABASE, "there are scans, and no case")


def _forms(house: House) -> dict[str, Callable[..., Any]]:
    clock, rules = house.clock, house.rules
    chance = partial(secrets.token_urlsafe, KEY_BYTES)
    return {
        "form_key": partial(forms.key, rules=rules, chance=chance, clock=clock),
        "owns_form": partial(forms.owns, rules=rules),
        "form_use": partial(forms.use, rules=rules, clock=clock),
        "used_before": partial(
            forms.used_before, uses=form_uses.SqlFormUses(house.store)
        ),
        "acting": form_uses.acting,
    }


def _staff(house: House) -> dict[str, Callable[..., Any]]:
    users, sessions = SqlUsers(house.store), SqlSessions(house.store)
    passwords, clock = Argon2Passwords(), house.clock
    lifetimes = _lifetimes(house)
    return {
        "sign_in": partial(
            signing_in.sign_in,
            users=users,
            sessions=sessions,
            passwords=passwords,
            token=partial(secrets.token_urlsafe, TOKEN_BYTES),
            clock=clock,
        ),
        "resume": partial(
            signing_in.resume, sessions=sessions, lifetimes=lifetimes, clock=clock
        ),
        "sign_out": partial(signing_in.sign_out, sessions=sessions, clock=clock),
        "change_password": partial(
            signing_in.change_password, users=users, passwords=passwords, clock=clock
        ),
    }


async def swept(house: House) -> None:
    """Without what sign-in leaves behind (``signing_in.sweep``)."""
    await signing_in.sweep(
        users=SqlUsers(house.store),
        sessions=SqlSessions(house.store),
        lifetimes=_lifetimes(house),
        clock=house.clock,
    )


def _lifetimes(house: House) -> signing_in.Lifetimes:
    return signing_in.Lifetimes(
        idle=timedelta(seconds=house.session.idle_seconds),
        absolute=timedelta(seconds=house.session.absolute_seconds),
    )


def _receiving(house: House, cases: SqlCases) -> dict[str, Callable[..., Any]]:
    clock, rules = house.clock, house.rules
    return {
        "open_case": partial(
            receiving.open_case, cases=cases, rules=rules, clock=clock
        ),
        "add_document": partial(
            receiving.add_document, cases=cases, rules=rules, clock=clock
        ),
        "reserve_places": partial(files.reserve_places, cases=cases),
        "receive_file": partial(
            files.receive_file,
            cases=cases,
            leases=SqlLeases(house.store, clock),
            scans=StoredScans(house.objects),
            rebuilder=house.rebuilder,
            rules=rules,
            new_id=lambda: uuid4().hex,
            clock=clock,
        ),
        "remove_file": partial(files.remove_file, cases=cases, clock=clock),
        "compare": partial(receiving.compare, cases=cases, clock=clock),
        "submit": partial(
            receiving.submit,
            cases=cases,
            rebuilder=house.rebuilder,
            rules=rules,
            clock=clock,
        ),
    }


def _certifying(house: House, cases: SqlCases) -> dict[str, Callable[..., Any]]:
    clock, rules = house.clock, house.rules
    return {
        "approve": partial(
            certifying.approve,
            cases=cases,
            looks=SqlLooks(house.store),
            rules=rules,
            random_bits=secrets.randbits,
            clock=clock,
        ),
        "refuse": partial(certifying.refuse, cases=cases, clock=clock),
        "send_back": partial(certifying.send_back, cases=cases, clock=clock),
        "order_again": partial(
            certifying.order_again, cases=cases, rules=rules, clock=clock
        ),
    }
