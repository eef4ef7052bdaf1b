"""How fast a backlog drains after the bus came back, beside the usual rate.

Both times the same number of orders waits, approved already; the first time because
signing stood still, the second because the bus did. Start at ``measure_drain``.
"""

import asyncio
import os
import signal
import time

from storm.history import Paper
from storm.weather import Weather, counter_of

ORDERS = 16


async def measure_drain(weather: Weather) -> float:
    """Rate after nats-server's return, as a share of the rate without a fault."""
    await _backlog(weather, "signing", signal.SIGCONT)  # warms every program up
    usual = await _backlog(weather, "signing", signal.SIGCONT)
    after = await _backlog(weather, "nats", signal.SIGKILL)
    print(f"{ORDERS} orders drain in {after:.2f} s, usually in {usual:.2f} s")
    return round(usual / after, 2)


async def _backlog(weather: Weather, name: str, release: signal.Signals) -> float:
    """Seconds from the release of *name* until the last waiting order is issued."""
    counters = [
        counter_of(weather.house, weather.history, f"drain-{n}") for n in range(4)
    ]
    papers = [weather.new_paper() for _ in range(ORDERS)]
    await _each(counters, papers, "submitted")
    pid = weather.house.pid(name)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await _each(counters, papers, "approved")
    os.kill(pid, release)
    await weather.house.ready(name)
    began = time.monotonic()
    await _each(counters, papers, "issued")
    took = time.monotonic() - began
    for counter in counters:
        await counter.close()
    return took


async def _each(counters: list, papers: list[Paper], to: str) -> None:
    """Shared out among the counters, each paper in turn."""

    async def share(n: int) -> None:
        for paper in papers[n :: len(counters)]:
            await counters[n].carry(paper, to=to)

    await asyncio.gather(*(share(n) for n in range(len(counters))))
