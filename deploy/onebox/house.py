"""Brings the whole house up, in the order in which its parts need each other.

What a program is and how it is started stands in ``programs``, and who keeps it up in
``supervisor``. Start at ``open_house``.
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
from chassis.monitor import STREAMS_PATH, missing_from
from chassis.starting import CannotStart
from onebox import bus_server, checks, prepare, programs, rotation
from onebox.accounts import add_people
from onebox.files import flush_below, make_folder
from onebox.once import run_once
from onebox.people import Person, people
from onebox.places import SERVICES, Places, Ports, check_free, url
from onebox.plain import Steps
from onebox.settings import python
from onebox.stamps import appearance_pins
from onebox.supervisor import Supervisor

LEAST_FREE_BYTES: Final = 500_000_000
FULL_BYTES: Final = 20_000_000
"""With less, whatever has just failed has failed for want of room."""
STEPS: Final = 3
TEND_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.2


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


async def provision(places: Places, ports: Ports) -> None:
    """Stream, consumers and buckets; harmless to repeat. CannotStart names the bus's
    folder where a bus that is well cannot make what is missing in it.
    """
    own = programs.provision(places, ports)
    command = (python(), "-m", "chassis.provision")
    try:
        await run_once("provision", command, own, places)
    except CannotStart as error:
        async with httpx.AsyncClient(timeout=TEND_SECONDS) as client:
            gone = await _gone(client, url(ports.nats_monitor))
        if gone:
            raise bus_server.spoilt(places) from error
        raise


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
    supervisor.tend("bus", _tend_bus(supervisor, places, ports))
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


async def _tend_bus(
    supervisor: Supervisor, places: Places, ports: Ports, every: float = TEND_SECONDS
) -> None:
    """Make again what is gone from a bus that is well: its folder was deleted, or a
    hand at the bus took a consumer away.
    """
    async with httpx.AsyncClient(timeout=TEND_SECONDS) as client:
        while True:
            await asyncio.sleep(every)
            gone = await _gone(client, url(ports.nats_monitor))
            if not gone:
                continue
            supervisor.say(
                f"Máy chủ sự kiện thiếu {gone}, đang tạo lại · missing on the bus,"
                f" making it again"
            )
            try:
                await provision(places, ports)
            except CannotStart as error:
                # Tried again in some seconds: the bus may just be restarting.
                supervisor.say(str(error))


async def _gone(client: httpx.AsyncClient, monitor: str) -> str:
    """What is missing on the bus, by name; nothing while the bus itself is not well."""
    try:
        answer = await client.get(f"{monitor}{STREAMS_PATH}")
        healthy = await client.get(f"{monitor}/healthz")
        gone = missing_from(answer.json())
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return ""
    return ", ".join(gone) if healthy.is_success else ""


async def _start_bus(supervisor: Supervisor, places: Places, ports: Ports) -> None:
    """Start the bus and the PKI's server, which need nothing else."""
    await supervisor.start(programs.pki(places, ports))
    await supervisor.start(programs.nats(places, ports))
    await bus_ready(supervisor, places, ports)
    await provision(places, ports)
    await supervisor.ready("pki")


async def bus_ready(
    supervisor: Supervisor, places: Places, ports: Ports, patience: float = 10.0
) -> None:
    """CannotStart once the server has said for *patience* seconds that it cannot read
    its own store: it would say so for ever. While it still reads it says the same.
    """
    loop = asyncio.get_running_loop()
    waiting, since = asyncio.create_task(supervisor.ready("nats")), loop.time()
    async with httpx.AsyncClient(timeout=TEND_SECONDS) as client:
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=POLL_SECONDS)
            if not await bus_server.is_spoilt(client, url(ports.nats_monitor)):
                since = loop.time()
            elif loop.time() - since > patience:
                waiting.cancel()
                raise bus_server.spoilt(places)
    await waiting


async def _start_services(supervisor: Supervisor, places: Places, ports: Ports) -> None:
    for name in SERVICES:
        await supervisor.start(programs.service(name, places, ports))
    await supervisor.ready(*SERVICES)
