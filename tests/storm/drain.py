"""How fast a backlog drains after the bus or PostgreSQL came back, beside the usual
rate.

Each time the same number of orders waits, approved already; the first time because
signing stood still, then because the bus was killed while it stood still, or because
PostgreSQL was killed in the moment in which signing went on. Start at
``measure_drain``.
"""

import asyncio
import os
import signal
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable

from storm.client import Counter
from storm.history import Paper
from storm.weather import Weather, counter_of

ORDERS = 48
COUNTERS = 4
LOOK_SECONDS = 0.05
DATABASE = "postgresql"


async def measure_drain(weather: Weather, rounds: int = 1) -> dict[str, float]:
    """Figure → rate after the return, as a share of the rate without a fault: of
    nats-server, and of PostgreSQL where the house has it. Each rate is the median of
    so many, taken in turn: one alone is off by twice as much as it is about.
    """
    counters = [
        counter_of(weather.house, weather.history, f"drain-{n}")
        for n in range(COUNTERS)
    ]
    go_on = _sent(weather, "signing", signal.SIGCONT)
    rates: dict[str, list[float]] = defaultdict(list)
    try:
        await _rate(weather, counters, "signing", go_on)  # programs warm up
        for _ in range(rounds):
            rates["usual"].append(await _rate(weather, counters, "signing", go_on))
            killed = _sent(weather, "nats", signal.SIGKILL)
            rate = await _rate(weather, counters, "nats", killed)
            rates["drain_of_normal"].append(rate)
            if DATABASE in weather.striker.others:
                killed = _database_killed(weather)
                rate = await _rate(weather, counters, "signing", killed)
                rates["drain_of_normal_postgresql"].append(rate)
    finally:
        for counter in counters:
            await counter.close()
    print(f"orders/s: {dict(rates)}", flush=True)
    usual = statistics.median(rates.pop("usual"))
    after = {name: statistics.median(each) for name, each in rates.items()}
    return {name: round(rate / usual, 2) for name, rate in after.items()}


def _sent(
    weather: Weather, name: str, number: signal.Signals
) -> Callable[[], Awaitable[None]]:
    async def send() -> None:
        weather.house.send(name, number)

    return send


def _database_killed(weather: Weather) -> Callable[[], Awaitable[None]]:
    async def kill() -> None:
        weather.striker.others[DATABASE].end()
        weather.house.send("signing", signal.SIGCONT)
        await weather.striker.others[DATABASE].back()

    return kill


async def _rate(
    weather: Weather,
    counters: list[Counter],
    name: str,
    release: Callable[[], Awaitable[None]],
) -> float:
    """Orders a second, from the first issued one to the last, after *release*; *name*
    stands still while the orders are approved.

    What passes before the first is not a rate: it is how long the bus is away, and how
    long the relay waits for an answer that went with it (5 s).
    """
    papers = [weather.new_paper() for _ in range(ORDERS)]
    await _each(counters, papers, "submitted")
    pid = weather.house.pid(name)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await _each(counters, papers, "approved")
    began = time.monotonic()
    await release()
    while not all("issued" in paper.acknowledged for paper in papers):
        for paper in papers:
            if "issued" not in paper.acknowledged:
                await counters[0].read_case(paper)
        await asyncio.sleep(LOOK_SECONDS)
    times = sorted(paper.acknowledged["issued"] for paper in papers)
    print(f"{name} back: first copy after {times[0] - began:.2f} s", flush=True)
    return (ORDERS - 1) / max(LOOK_SECONDS, times[-1] - times[0])


async def _each(counters: list[Counter], papers: list[Paper], to: str) -> None:
    """Shared out among the counters, each paper in turn."""

    async def share(n: int) -> None:
        for paper in papers[n :: len(counters)]:
            await counters[n].carry(paper, to=to)

    await asyncio.gather(*(share(n) for n in range(len(counters))))
