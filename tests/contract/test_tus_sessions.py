"""A session that ends in the middle of an upload, as a program from outside sees it."""

import os

import pytest

from chassis.objects.opening import open_objects
from chassis.settings import ObjectsSettings
from support.tus import two_replicas

CONTENT = os.urandom(900_000)
HALF = 400_000
IDLE_MINUTES = 16
"""A session ends after 15 minutes without a request."""


@pytest.fixture
async def desks(tmp_path):
    store = open_objects(ObjectsSettings(url=f"file:{tmp_path}/store"))
    url = f"sqlite:///{tmp_path}/intake.db"
    async with two_replicas(url, store, tmp_path, file_bytes=4 << 20) as opened:
        yield opened
    store.close()


async def kept(desks, document):
    (file,) = (await desks.known(document)).files
    return await desks.papers.opened.objects.get(file.raw.key)


async def test_bytes_before_an_expired_session_are_kept_for_the_next_one(desks):
    """The old session's request is 401 and writes nothing; after signing in again the
    upload is where it was, at another replica too, and becomes the file that was sent.
    """
    document = await desks.papers.received()
    async with desks.sender(0) as before:
        url = (await before.begin(document, len(CONTENT))).headers["Location"]
        assert (await before.patch(url, 0, CONTENT[:HALF])).status_code == 204
        desks.papers.opened.clock.on(minutes=IDLE_MINUTES)
        refused = await before.patch(url, HALF, CONTENT[HALF:])
        assert refused.status_code == 401
        assert (await before.head(url)).status_code == 401
        assert (await before.end(url)).status_code == 401
    assert (await desks.known(document)).files == ()
    async with desks.sender(1) as after:
        assert await after.offset(url) == HALF
        assert (await after.patch(url, HALF, CONTENT[HALF:])).status_code == 204
    assert await kept(desks, document) == CONTENT
    assert await desks.pieces() == []


async def test_a_session_that_expires_while_bytes_arrive_loses_none(desks):
    """The request began in time, so what it carries is kept; the next one is refused
    until somebody has signed in again.
    """
    document = await desks.papers.received()

    async def slowly():
        yield CONTENT[: HALF // 2]
        desks.papers.opened.clock.on(minutes=IDLE_MINUTES)
        yield CONTENT[HALF // 2 : HALF]

    async with desks.sender(0) as before:
        url = (await before.begin(document, len(CONTENT))).headers["Location"]
        assert (await before.patch(url, 0, slowly())).status_code == 204
        assert (await before.patch(url, HALF, CONTENT[HALF:])).status_code == 401
    async with desks.sender(1) as after:
        assert await after.offset(url) == HALF
        assert (await after.patch(url, HALF, CONTENT[HALF:])).status_code == 204
    assert await kept(desks, document) == CONTENT
