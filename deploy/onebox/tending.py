"""The bus of the house: waited for, filled with what it must have, and looked after.

Start at ``tend_bus``.
"""

import asyncio
from typing import Final

import httpx

from chassis.monitor import STREAMS_PATH, missing_from
from chassis.starting import CannotStart
from onebox import bus_server, programs
from onebox.once import run_once
from onebox.places import Places, Ports, url
from onebox.settings import python
from onebox.supervisor import Supervisor

TEND_SECONDS: Final = 5.0
POLL_SECONDS: Final = 0.2


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
            gone = await _missing(client, url(ports.nats_monitor))
        if gone:
            raise bus_server.spoilt(places) from error
        raise


async def tend_bus(
    supervisor: Supervisor, places: Places, ports: Ports, every: float = TEND_SECONDS
) -> None:
    """Make again what is gone from a bus that is well: its folder was deleted, or a
    hand at the bus took a consumer away.
    """
    async with httpx.AsyncClient(timeout=TEND_SECONDS) as client:
        while True:
            await asyncio.sleep(every)
            gone = await _missing(client, url(ports.nats_monitor))
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


async def _missing(client: httpx.AsyncClient, monitor: str) -> str:
    """What is missing on the bus, by name; nothing while the bus itself is not well."""
    try:
        answer = await client.get(f"{monitor}{STREAMS_PATH}")
        healthy = await client.get(f"{monitor}/healthz")
        gone = missing_from(answer.json())
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return ""
    return ", ".join(gone) if healthy.is_success else ""


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
