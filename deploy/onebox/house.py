"""Brings the whole house up, in the order in which its parts need each other."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from chassis.clock import Clock
from onebox import prepare, programs
from onebox.accounts import add_people
from onebox.people import Person, people
from onebox.places import SERVICES, Places, Ports, check_free, url
from onebox.plain import CannotError, Steps
from onebox.settings import python
from onebox.stamps import appearance_pins
from onebox.supervisor import Supervisor, run_once

LEAST_FREE_BYTES: Final = 500_000_000
FULL_BYTES: Final = 20_000_000
"""With less, whatever has just failed has failed for want of room."""
STEPS: Final = 3


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


async def provision(places: Places, ports: Ports) -> None:
    """Stream, consumers and buckets; harmless to repeat."""
    own = programs.provision(places, ports)
    command = (python(), "-m", "chassis.provision")
    await run_once("provision", command, own, places)


async def migrate(places: Places, ports: Ports) -> None:
    """Each service's own database, side by side."""
    (places / "db").mkdir(parents=True, exist_ok=True)
    await asyncio.gather(*(_migrate(name, places, ports) for name in SERVICES))


async def _migrate(name: str, places: Places, ports: Ports) -> None:
    own = programs.environment(name, places, ports)
    command = (python(), "-m", name, "migrate")
    await run_once(f"{name}-migrate", command, own, places)


def check_space(var: Path) -> None:
    """Raises CannotError where a copy would not find room."""
    free = shutil.disk_usage(var).free
    if free >= LEAST_FREE_BYTES:
        return
    megabytes = free // 1_000_000
    raise CannotError(
        f"Ổ đĩa của {var} chỉ còn {megabytes} MB, cần ít nhất 500 MB: dọn bớt rồi chạy"
        f" lại.",
        f"Only {megabytes} MB are free on the disk of {var}, at least 500 MB are"
        f" needed: make room and run again.",
    )


def is_full(var: Path) -> bool:
    return var.exists() and shutil.disk_usage(var).free < FULL_BYTES


async def _open(
    supervisor: Supervisor, places: Places, ports: Ports, steps: Steps, clock: Clock
) -> House:
    with steps.step("Chứng thư và khóa thử nghiệm", "development PKI and keys"):
        prepare.make_keys(places)
        prepare.make_agencies(places)
        prepare.make_pki(places, base=url(ports.pki), now=clock())
        prepare.make_signing_keys(places)
    with steps.step("Máy chủ sự kiện, cơ sở dữ liệu", "bus and databases"):
        _, _, pins = await asyncio.gather(
            _start_bus(supervisor, places, ports),
            migrate(places, ports),
            appearance_pins(),
        )
        prepare.make_trust(places, pins)
    with steps.step("Ba dịch vụ, tài khoản thử", "three services, demo accounts"):
        known = people(places.demo)
        await asyncio.gather(
            add_people(known, places, ports), _start_services(supervisor, places, ports)
        )
    supervisor.watch("nats")
    return House(places, ports, known)


async def _start_bus(supervisor: Supervisor, places: Places, ports: Ports) -> None:
    """With the PKI's server, which needs nothing either."""
    await supervisor.start(programs.pki(places, ports))
    await supervisor.start(programs.nats(places, ports))
    await supervisor.ready("nats")
    await provision(places, ports)
    await supervisor.ready("pki")


async def _start_services(supervisor: Supervisor, places: Places, ports: Ports) -> None:
    for name in SERVICES:
        await supervisor.start(programs.service(name, places, ports))
    await supervisor.ready(*SERVICES)
