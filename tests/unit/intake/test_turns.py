"""Who hashes next: bounded, each address in a line of its own, the lines in turn."""

import asyncio

import pytest

from intake.adapters.argon import CROWDED, FULL, Argon2Passwords, Turns
from intake.ports import Busy
from support.waiting import LONG_SECONDS


async def settle():
    """Let every task that can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)


class Queue:
    """Tasks that wait for their turns, and the order in which they got them."""

    def __init__(self, at_once: int = 2) -> None:
        self.turns = Turns(at_once)
        self.got: list[str] = []

    def ask(self, address: str) -> asyncio.Task[None]:
        return asyncio.ensure_future(self._wait(address))

    async def _wait(self, address: str) -> None:
        await self.turns.take(address)
        self.got.append(address)


async def test_an_address_has_one_hash_in_hand():
    """Ten passwords of one address leave the other thread to somebody else."""
    queue = Queue()
    asked = [queue.ask("guesser") for _ in range(10)]
    await settle()
    assert queue.got == ["guesser"]
    asked.append(queue.ask("honest"))
    await settle()
    assert queue.got == ["guesser", "honest"]
    for task in asked:
        task.cancel()


async def test_addresses_take_turns():
    """Behind forty passwords of four addresses an honest one waits for the hash in hand
    and for one of each.
    """
    queue = Queue(at_once=1)
    asked = [queue.ask(f"guesser-{n % 4}") for n in range(40)]
    await settle()
    asked.append(queue.ask("honest"))
    await settle()
    for _ in range(5):
        queue.turns.leave(queue.got[-1])
        await settle()
    assert "honest" in queue.got
    for task in asked:
        task.cancel()


async def test_a_crowded_queue_takes_only_who_does_not_wait_yet():
    """And a full one nobody: the answer is 503, at once."""
    queue = Queue()
    asked = [queue.ask(f"guesser-{n % 4}") for n in range(CROWDED + 2)]
    await settle()
    assert queue.turns.waiting == CROWDED
    with pytest.raises(Busy):
        await queue.turns.take("guesser-0")
    asked += [queue.ask(f"honest-{n}") for n in range(FULL - CROWDED)]
    await settle()
    with pytest.raises(Busy):
        await queue.turns.take("one-more")
    for task in asked:
        task.cancel()


@pytest.mark.parametrize("settled", [True, False])
async def test_who_goes_away_leaves_the_line(settled):
    """Before the turn, and with the turn just given: nothing is lost either way."""
    queue = Queue(at_once=1)
    holder = queue.ask("holder")
    await settle()
    leaving = queue.ask("leaving")
    await settle()
    if settled:
        leaving.cancel()
        await settle()
        queue.turns.leave("holder")
    else:
        queue.turns.leave("holder")
        leaving.cancel()
    await settle()
    assert queue.turns.waiting == 0
    await asyncio.wait_for(queue.turns.take("next"), LONG_SECONDS)
    assert holder.done()


async def test_a_caller_who_hangs_up_keeps_the_thread_until_its_hash_is_made():
    """Else hanging up and asking again would put any number of hashes in hand."""
    passwords = Argon2Passwords()
    hashing = asyncio.ensure_future(passwords.digest("a password", "guesser"))
    await settle()
    hashing.cancel()
    await settle()
    again = asyncio.ensure_future(passwords.digest("a password", "guesser"))
    await settle()
    assert not again.done()
    assert (await again).startswith("$argon2id$")
