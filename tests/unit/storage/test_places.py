"""Places for judging: when all are taken, whoever has the fewest comes next."""

import asyncio

import pytest

from storage.adapters.places import JudgingPlaces
from storage.ports import BusyError
from support.waiting import LONG_SECONDS


async def hold(places, sender, order, until):
    async with places.take(sender):
        order.append(sender)
        await until.wait()


async def settled():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_next_place_goes_to_the_sender_with_the_fewest():
    """Four of one sender wait before the only one of another, who is next."""
    places, order = JudgingPlaces(2, wait_seconds=LONG_SECONDS), []
    first, rest = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold(places, "greedy", order, rest))
        group.create_task(hold(places, "greedy", order, first))
        await settled()
        for _ in range(4):
            group.create_task(hold(places, "greedy", order, rest))
        group.create_task(hold(places, "honest", order, rest))
        await settled()
        assert order == ["greedy", "greedy"]
        first.set()
        await settled()
        assert order == ["greedy", "greedy", "honest"]
        rest.set()
    assert order.count("greedy") == 6


async def test_who_waits_too_long_hears_busy_and_leaves_no_place_behind():
    """Afterwards as many places are free as before."""
    places, order, until = JudgingPlaces(1, wait_seconds=0.01), [], asyncio.Event()
    holder = asyncio.create_task(hold(places, "a", order, until))
    await settled()
    with pytest.raises(BusyError):
        async with places.take("b"):
            raise AssertionError("there was no place")
    until.set()
    await holder
    async with places.take("b"):
        pass


async def test_a_place_given_to_somebody_who_just_left_is_free_again():
    """The turn and the cancellation come in the same moment."""
    places = JudgingPlaces(1, wait_seconds=LONG_SECONDS)
    order, until = [], asyncio.Event()
    async with places.take("a"):
        waiting = asyncio.create_task(hold(places, "b", order, until))
        await settled()
    waiting.cancel()  # the place is b's since this moment, and b has not run yet
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(LONG_SECONDS), places.take("c"):
        order.append("c")
    assert order[-1] == "c"
