"""An archived object that is not whole is mended on each kind of store, whatever dies.

Both stores are the real ones; a process that dies is a store that answers no more.
"""

import asyncio
import hashlib
import os

import pytest

from storage.adapters.aside import SET_ASIDE
from storage.adapters.healing import (
    Healer,
    SecondPlace,
    inspected,
    own_key,
    sealed_key,
)
from storage.domain.ranges import Span
from storage.domain.soundness import Condition
from support import build
from support.storage import archived_line

GOOD = os.urandom(1_500_000)
COPY = archived_line(GOOD)
KEY = own_key(COPY)


class DiedError(BaseException):
    """The process is gone."""


class Dying:
    """A store before which the process dies after so many changes."""

    def __init__(self, objects, changes):
        self._objects, self._left = objects, changes

    def __getattr__(self, name):
        return getattr(self._objects, name)

    async def put(self, key, content):
        return await self._change(self._objects.put(key, content))

    async def delete(self, key):
        return await self._change(self._objects.delete(key))

    async def _change(self, change):
        if self._left == 0:
            change.close()
            raise DiedError
        self._left -= 1
        return await change


def rotten():
    other = bytearray(GOOD)
    other[700_000] ^= 1
    return bytes(other)


SPOILT = {
    Condition.ROTTEN: rotten(),
    Condition.CUT: GOOD[:-1],
    Condition.MISSING: None,
}


@pytest.fixture(params=SPOILT, ids=str)
async def spoilt(request, objects):
    """The archive's object is spoilt; the second place, in the same store, is not."""
    if SPOILT[request.param] is not None:
        await objects.put(KEY, SPOILT[request.param])
    await objects.put(sealed_key(COPY), GOOD)
    return request.param


def healer(objects):
    return Healer(objects, [SecondPlace("copies", objects, sealed_key)], kept)


async def kept(_entry):
    return True


async def aside(objects):
    return [key async for key, _ in objects.listing() if key.startswith(SET_ASIDE)]


async def test_what_is_spoilt_is_healed_and_put_aside(objects, spoilt):
    """The good bytes are in place; what was there can still be looked at."""
    assert (await inspected(objects, COPY)).condition is spoilt
    assert await healer(objects).heal(COPY)
    assert await objects.get(KEY) == GOOD
    bad = SPOILT[spoilt]
    kept = [] if bad is None else [f"{SET_ASIDE}/{COPY.entry}/{build.digest(bad)}.pdf"]
    assert await aside(objects) == kept
    for key in kept:
        assert await objects.get(key) == bad


@pytest.mark.parametrize("changes", [0, 1, 2])
async def test_whatever_dies_between_two_steps_is_healed_later(
    objects, spoilt, changes
):
    """Before each change of the store: the next visit ends with the good bytes, and
    the rotten ones are nowhere lost.
    """
    if spoilt is Condition.MISSING:
        changes = min(changes, 1)  # nothing to put aside: delete, then put
    with pytest.raises(DiedError):
        await healer(Dying(objects, changes)).heal(COPY)
    assert await healer(objects).heal(COPY)
    assert await objects.get(KEY) == GOOD
    assert len(await aside(objects)) == (0 if spoilt is Condition.MISSING else 1)


@pytest.mark.usefixtures("spoilt")
async def test_many_healers_at_once_leave_the_good_bytes(objects):
    """Eight processes, none of which knows of the others."""
    healed = await asyncio.gather(*(healer(objects).heal(COPY) for _ in range(8)))
    assert any(healed)
    assert await healer(objects).heal(COPY)
    assert await objects.get(KEY) == GOOD


async def test_a_second_place_is_believed_for_its_digest_alone(objects):
    """It is rotten, too: nothing is touched, and the archive's object stays."""
    await objects.put(KEY, rotten())
    await objects.put(sealed_key(COPY), GOOD[:-1] + b"x")
    assert not await healer(objects).heal(COPY)
    assert await objects.get(KEY) == rotten()
    assert await aside(objects) == []


async def test_without_a_second_place_nothing_is_touched(objects):
    await objects.put(KEY, rotten())
    assert not await healer(objects).heal(COPY)
    assert await objects.get(KEY) == rotten()


@pytest.mark.parametrize(
    ("first", "last"), [(0, 0), (1_048_575, 1_048_576), (1_400_000, 1_499_999)]
)
async def test_the_part_that_was_asked_for_has_its_own_digest(objects, first, last):
    """Also across two chunks: what is streamed next is compared with it."""
    await objects.put(KEY, GOOD)
    seen = await inspected(objects, COPY, Span(first, last))
    assert seen.sound
    assert seen.part == hashlib.sha256(GOOD[first : last + 1]).hexdigest()
