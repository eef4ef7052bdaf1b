"""Brings the whole house up, in the order in which its parts need each other.

What a program is and how it is started stands in ``programs``, who keeps it up in
``supervisor``, and what the bus needs in ``tending``. Start at ``open_house``.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from chassis.clock import Clock
from chassis.starting import CannotStart
from onebox import checks, prepare, programs, rotation
from onebox.accounts import add_people
from onebox.files import flush_below, make_folder
from onebox.once import run_once
from onebox.people import Person, people
from onebox.places import SERVICES, Places, Ports, check_free, url
from onebox.plain import Steps
from onebox.settings import python
from onebox.stamps import appearance_pins
from onebox.supervisor import Supervisor
from onebox.tending import TEND_SECONDS, bus_ready, provision, tend_bus

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
async def open_house(
    places: Places, first_port: int, clock: Clock
) -> AsyncIterator[House]:
    """The demo's house, while the context lasts; nothing of it runs afterwards."""
    # Before anything is started or written: a full disk would leave half of it.
    check_space(places.var)
    checks.check_restored(places)
    checks.check(places)
    ports = Ports.starting_at(first_port, pki=prepare.pki_port(places))
    check_free(ports)

    async def start(supervisor: Supervisor) -> House:
        return await _open(supervisor, places, ports, Steps(STEPS), clock)

    async with open_supervised(places, start) as opened:
        yield opened


@contextlib.asynccontextmanager
async def open_supervised(
    places: Places, start: Callable[[Supervisor], Awaitable[House]]
) -> AsyncIterator[House]:
    """What *start* brings up, while the context lasts. CannotStart at its end where the
    supervisor has lost a task that keeps the house up.
    """
    supervisor = Supervisor(places, on_lost=_end_this_task())
    try:
        yield await start(supervisor)
    except asyncio.CancelledError:
        if supervisor.lost is None:
            raise
    finally:
        await supervisor.stop()
    if supervisor.lost is not None:
        raise supervisor.lost


async def migrate(places: Places, ports: Ports) -> None:
    """Each service's own database, side by side."""
    make_folder(places / "db")
    await asyncio.gather(*(_migrate(name, places, ports) for name in SERVICES))


async def _migrate(name: str, places: Places, ports: Ports) -> None:
    own = programs.environment(name, places, ports)
    command = (python(), "-m", name, "migrate")
    await run_once(f"{name}-migrate", command, own, places)


def check_space(var: Path) -> None:
    """Raises CannotStart where a copy would not find room."""
    free = shutil.disk_usage(var).free
    if free >= LEAST_FREE_BYTES:
        return
    megabytes = free // 1_000_000
    raise CannotStart(
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
        prepare.set_up(places, base=url(ports.pki), now=clock())
    with steps.step("Máy chủ sự kiện, cơ sở dữ liệu", "bus and databases"):
        _, _, pins = await asyncio.gather(
            _start_bus(supervisor, places, ports),
            migrate(places, ports),
            appearance_pins(),
        )
        # Signing has just said how it draws: what is pinned is what this version draws.
        prepare.make_trust(places, pins)
        # Databases and bus exist now. A power cut before this mark begins anew; after
        # it a file that is missing is a person's matter.
        _open_from_now_on(places, clock)
    with steps.step("Ba dịch vụ, tài khoản thử", "three services, demo accounts"):
        known = people(places.demo)
        await asyncio.gather(
            add_people(known, places, ports), _start_services(supervisor, places, ports)
        )
    await _say_why_no_number(supervisor, ports)
    # Only now: while they start they may be silent for longer than the watch allows.
    supervisor.watch("nats", "pki", *SERVICES)
    supervisor.tend("logs", rotation.keep_rotating(places))
    supervisor.tend("bus", tend_bus(supervisor, places, ports))
    return House(places, ports, known)


async def _say_why_no_number(supervisor: Supervisor, ports: Ports) -> None:
    """Where the register is older than the archive: the house is up, all but numbering
    works, and an operator has to act.
    """
    async with httpx.AsyncClient(timeout=TEND_SECONDS) as client:
        answer = await client.get(f"{url(ports.intake)}/readyz")
    with contextlib.suppress(ValueError, AttributeError, TypeError):
        for sentence in answer.json().get("says", ()):
            supervisor.say(f"! {sentence}")


def _open_from_now_on(places: Places, clock: Clock) -> None:
    """Before the first request: what the programs have made is on the disk too."""
    if places.opened.exists():
        return
    flush_below(places.var)
    prepare.open_from_now_on(places, clock())


def _end_this_task() -> Callable[[], object]:
    """What ends a house that lost what keeps it up; a test may have no task to end."""
    task = asyncio.current_task()
    return task.cancel if task else lambda: None


async def _start_bus(supervisor: Supervisor, places: Places, ports: Ports) -> None:
    """Start the bus and the PKI's server, which need nothing else."""
    await supervisor.start(programs.pki(places, ports))
    await supervisor.start(programs.nats(places, ports))
    await bus_ready(supervisor, places, ports)
    await provision(places, ports)
    await supervisor.ready("pki")


async def _start_services(supervisor: Supervisor, places: Places, ports: Ports) -> None:
    for name in SERVICES:
        await supervisor.start(programs.service(name, places, ports))
    await supervisor.ready(*SERVICES)
