"""Brings the whole house up, in the order in which its parts need each other."""

import asyncio
import contextlib
import errno
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chassis.clock import Clock
from onebox import bus_server, prepare, programs
from onebox.people import Person, people
from onebox.places import LOOPBACK, SERVICES, Places, Ports, check_free, url
from onebox.plain import CannotError, Steps
from onebox.stamps import appearance_pins
from onebox.supervisor import Supervisor, run_once

LEAST_FREE_BYTES: Final = 500_000_000
STEPS: Final = 6


@dataclass(frozen=True, slots=True)
class House:
    places: Places
    ports: Ports
    people: tuple[Person, ...]

    @property
    def desk(self) -> str:
        return url(self.ports.intake)

    @property
    def public(self) -> str:
        return url(self.ports.storage)

    def person(self, role: str) -> Person:
        return next(p for p in self.people if p.role == role)


@contextlib.asynccontextmanager
async def opened(places: Places, first_port: int, clock: Clock) -> AsyncIterator[House]:
    """The demo's house, while the context lasts; nothing of it runs afterwards."""
    ports = Ports.starting_at(first_port, pki=prepare.pki_port(places))
    check_space(places.var)
    check_free(ports)
    supervisor = Supervisor(places)
    try:
        yield await _open(supervisor, places, ports, Steps(STEPS), clock)
    finally:
        await supervisor.stop()


async def _open(
    supervisor: Supervisor, places: Places, ports: Ports, steps: Steps, clock: Clock
) -> House:
    with steps.step("Chứng thư và khóa thử nghiệm", "development PKI and keys"):
        prepare.make_keys(places)
        prepare.make_agencies(places)
        prepare.make_pki(places, base=url(ports.pki), now=clock())
    with steps.step("Máy chủ sự kiện, máy chủ chứng thư", "bus and PKI servers"):
        await supervisor.start(programs.nats(places, ports))
        await supervisor.start(programs.pki(places, ports))
        pins = await appearance_pins(places)
        prepare.make_trust(places, pins)
        await supervisor.ready("nats", "pki")
    with steps.step("Luồng sự kiện, cơ sở dữ liệu", "stream and databases"):
        await provision(places, ports)
        await migrate(places, ports)
    with steps.step("Tài khoản thử", "demo accounts"):
        known = people(places.demo)
        await add_people(places, ports, known)
    with steps.step("Ba dịch vụ", "intake, signing, storage"):
        for service in SERVICES:
            await supervisor.start(programs.service(service, places, ports))
        await supervisor.ready(*SERVICES)
    return House(places, ports, known)
