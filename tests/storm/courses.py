"""Short, exact courses: each does what one kind of mistake cannot bear.

A sound house comes through all of them; ``planted`` sends houses with one mistake each.
Start at ``COURSES``.
"""

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable

import httpx

from onebox.places import url
from storm.disk import cut_power, run
from storm.history import Paper
from storm.plan import Fault
from storm.report import Findings
from storm.sites import Site, open_site
from storm.weather import Weather, counter_of

Course = Callable[[argparse.Namespace, Findings], Awaitable[None]]
PAPERS = 4
PATIENCE_SECONDS = 120.0


async def calm(needs: argparse.Namespace, findings: Findings) -> None:
    """Nothing is struck."""
    async with open_site(needs, findings) as site:
        course = site.weather()
        await _carry(site, course, "fetched")
        await _judge(site, course)


async def points(needs: argparse.Namespace, findings: Findings) -> None:
    """kill −9 at the steps behind which an acknowledgement lies."""
    async with open_site(needs, findings) as site:
        course = site.weather()
        for service, point in (
            ("storage", "storage-received"),
            ("signing", "signing-received"),
            ("intake", "intake-approval-before-commit"),
        ):
            await _at_point(site, course, service, point)
            await _judge(site, course)
            if findings.violations:
                return


async def bus_and_relay(needs: argparse.Namespace, findings: Findings) -> None:
    """The bus stands still while papers are approved, then it and intake are killed."""
    async with open_site(needs, findings) as site:
        course = site.weather()
        papers = await _carry(site, course, "submitted")
        site.house.send("nats", signal.SIGSTOP)
        await _carry(site, course, "approved", papers)
        for name in ("nats", "intake"):
            site.house.send(name, signal.SIGKILL)
        await site.house.ready()
        await _judge(site, course)


async def power_cut(needs: argparse.Namespace, findings: Findings) -> None:
    """The power fails while people work, some time after the first cases."""
    async with open_site(needs, findings) as site:
        judge, course = site.judge(), site.weather()
        await _carry(site, course, "fetched")
        # As the kernel does by itself after half a minute: what is lost is the newest.
        run("sync", "-f", str(site.house.var))
        cut = Fault(0, "power-cut", ("house",), pause=3.0)
        await course.run([cut], judge, asyncio.get_running_loop().time() + 900)
        await judge.counter.close()


async def idle_cut(needs: argparse.Namespace, findings: Findings) -> None:
    """The power fails as soon as the citizen has the copy, with nothing behind it that
    would carry its name to the disk; the archive is the only place that still has it.
    """
    async with open_site(needs, findings, two_disks=True) as site:
        course = site.weather()
        await _carry(site, course, "fetched", [course.new_paper()])
        cut_power(site.house, site.striker.disks)
        _empty_signings_bucket(site)
        await site.house.start()
        await _judge(site, course)


async def waiting_cut(needs: argparse.Namespace, findings: Findings) -> None:
    """The power fails while the bus alone has the orders."""
    async with open_site(needs, findings) as site:
        course = site.weather()
        papers = await _carry(site, course, "submitted")
        for name in ("signing", "storage"):
            site.house.send(name, signal.SIGSTOP)
        before = await _on_the_bus(site)
        await _carry(site, course, "approved", papers)
        await _until(lambda: _more_on_the_bus(site, before + len(papers)))
        cut_power(site.house, site.striker.disks)
        await site.house.start()
        await _judge(site, course)


async def lying(needs: argparse.Namespace, findings: Findings) -> None:
    """The store says that it has stored, and has not; then it is honest again. When
    the copies are issued, the archive is the only place that still has them.
    """
    async with open_site(needs, findings) as site:
        course = site.weather()
        papers = await _carry(site, course, "submitted")
        site.striker.store("lying")
        await _carry(site, course, "approved", papers)
        await _until(lambda: _lied(site, len(papers)))
        site.striker.store("")
        await _carry(site, course, "issued", papers)
        _empty_signings_bucket(site)
        await _judge(site, course)


COURSES: dict[str, Course] = {
    "calm": calm,
    "points": points,
    "bus-and-relay": bus_and_relay,
    "power-cut": power_cut,
    "idle-cut": idle_cut,
    "waiting-cut": waiting_cut,
    "lying": lying,
}


def _empty_signings_bucket(site: Site) -> None:
    """What signing sealed is gone, as the retention of its bucket would have it some
    time later: a visit would heal the archive from there, before anybody saw the loss
    (docs/decisions/0087).
    """
    for path in (site.house.var / "objects" / "copies").rglob("*.pdf"):
        path.unlink()


async def _until(met: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what a sound house and a mistaken one both come to."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await met():
            await asyncio.sleep(0.1)


async def _lied(site: Site, copies: int) -> bool:
    door = site.store.door
    assert door is not None
    return sum(path.endswith("/copy.pdf") for path in set(door.lied_about)) >= copies


async def _more_on_the_bus(site: Site, messages: int) -> bool:
    return await _on_the_bus(site) >= messages


async def _on_the_bus(site: Site) -> int:
    """Messages that its streams have stored, as nats-server itself counts them."""
    monitor = url(site.house.ports.named()["nats-monitor"])
    async with httpx.AsyncClient(timeout=10) as client:
        answer = await client.get(f"{monitor}/jsz")
    return int(answer.json()["messages"])


async def _at_point(site: Site, course: Weather, service: str, point: str) -> None:
    site.house.arm(service, point)
    before = site.house.send(service, signal.SIGKILL)
    while site.house.pid(service) in (before, None):
        await asyncio.sleep(0.05)
    await site.house.ready()
    armed = site.house.pid(service)
    # Somebody works while the step is waited for, and presses again when it breaks off.
    papers = [course.new_paper()]
    work = asyncio.create_task(_carry(site, course, "approved", papers))
    for _ in range(600):
        if site.house.pid(service) != armed:
            break
        await asyncio.sleep(0.05)
    await work
    await site.house.ready()


async def _carry(
    site: Site, course: Weather, to: str, papers: list[Paper] | None = None
) -> list[Paper]:
    """Some papers brought to *to*, one after another."""
    papers = papers or [course.new_paper() for _ in range(PAPERS)]
    counter = counter_of(site.house, site.history, "one")
    for paper in papers:
        await counter.carry(paper, to=to)
    await counter.close()
    return papers


async def _judge(site: Site, course: Weather) -> None:
    judge = site.judge()
    await judge.settle(course.papers, course.drain_seconds)
    await judge.judge(course.papers, wholly=True)
    await judge.counter.close()
