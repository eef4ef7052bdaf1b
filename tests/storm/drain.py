"""How fast a backlog drains after the bus came back, beside the usual rate.

Both times the same number of orders waits, approved already; the first time because
signing stood still, the second because the bus was killed while it stood still. Start
at ``measure_drain``.
"""

import asyncio
import os
import signal
import time

from storm.client import Counter
from storm.history import Paper
from storm.weather import Weather, counter_of

ORDERS = 24
COUNTERS = 4
LOOK_SECONDS = 0.05


async def measure_drain(weather: Weather) -> float:
    """Rate after nats-server's return, as a share of the rate without a fault."""
    counters = [
        counter_of(weather.house, weather.history, f"drain-{n}")
        for n in range(COUNTERS)
    ]
    try:
        await _rate(weather, counters, "signing", signal.SIGCONT)  # programs warm up
        usual = await _rate(weather, counters, "signing", signal.SIGCONT)
        after = await _rate(weather, counters, "nats", signal.SIGKILL)
    finally:
        for counter in counters:
            await counter.close()
    print(f"a backlog drains at {after:.1f} orders/s, usually at {usual:.1f}")
    return round(after / usual, 2)


async def _rate(
    weather: Weather, counters: list[Counter], name: str, release: signal.Signals
) -> float:
    """Orders a second, from the first issued one to the last, after *name* is released.

    What passes before the first is not a rate: it is how long the bus is away, and how
    long the relay waits for an answer that went with it (5 s).
    """
    papers = [weather.new_paper() for _ in range(ORDERS)]
    await _each(counters, papers, "submitted")
    pid = weather.house.pid(name)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await _each(counters, papers, "approved")
    os.kill(pid, release)
    began = time.monotonic()
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
