"""Thumbnails that are taken while their worker is still at work."""

import asyncio
import contextlib
import hashlib
import os
from types import SimpleNamespace

import pytest

from chassis.objects.directory import DirectoryObjects
from intake.adapters.coming import MOST_BYTES, watch
from intake.adapters.scans import StoredRebuilder
from intake.domain.scan import ScanFault, ScanRefused
from support import build
from support.waiting import LONG_SECONDS

JPEG = b"\xff\xd8 picture of page "
END = b"\xff\xd9"


def leave(into, number, *, whole=True, more=b""):
    """As a worker leaves a thumbnail, to its end or in the middle of writing it."""
    picture = JPEG + str(number).encode() + more + (END if whole else b"")
    (into / f"{number:04}.thumb.jpg").write_bytes(picture)
    return picture


@contextlib.asynccontextmanager
async def watched(into, most=9):
    taken = asyncio.Queue()

    async def take(pictures):
        for picture in pictures:
            await taken.put(picture)

    task = asyncio.create_task(watch(into, take, most=most, look_seconds=0))
    try:
        yield taken
    finally:
        task.cancel()
        await asyncio.wait({task})


async def next_of(taken):
    return await asyncio.wait_for(taken.get(), LONG_SECONDS)


async def test_each_page_is_handed_over_in_order_once_it_is_whole(tmp_path):
    """A picture that is still being written waits, and those behind it with it."""
    async with watched(tmp_path) as taken:
        first = leave(tmp_path, 1)
        assert await next_of(taken) == first
        leave(tmp_path, 2, whole=False)
        third = leave(tmp_path, 3)
        for _ in range(20):
            await asyncio.sleep(0)
        assert taken.empty()
        second = leave(tmp_path, 2)
        assert [await next_of(taken), await next_of(taken)] == [second, third]


def link(path):
    secret = path.with_name("secret")
    secret.write_bytes(JPEG + END)
    path.symlink_to(secret)


def large(path):
    path.write_bytes(JPEG + bytes(MOST_BYTES) + END)


@pytest.mark.parametrize("planted", [link, os.mkfifo, os.mkdir, large])
async def test_what_is_no_small_picture_is_never_taken(tmp_path, planted):
    """A worker that was taken over may leave a link to a file of the service, a pipe
    that blocks whoever opens it, or a picture without end.
    """
    planted(tmp_path / "0001.thumb.jpg")
    leave(tmp_path, 2)
    async with watched(tmp_path) as taken:
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert taken.empty()
        # It does look, and goes on where the hindrance has gone.
        path = tmp_path / "0001.thumb.jpg"
        path.rmdir() if path.is_dir() else path.unlink()
        first = leave(tmp_path, 1)
        assert await next_of(taken) == first


async def test_no_more_pages_are_taken_than_a_file_may_have(tmp_path):
    for number in range(1, 9):
        leave(tmp_path, number)
    taken = []

    async def take(pictures):
        taken.extend(pictures)

    await asyncio.wait_for(watch(tmp_path, take, most=3, look_seconds=0), LONG_SECONDS)
    assert len(taken) == 3


class OnePageAtATime:
    """A sandbox that leaves a page, and goes on once it was seen."""

    def __init__(self) -> None:
        self.seen = asyncio.Event()

    async def rebuild(self, _source, *, into):
        leave(into, 1)
        await asyncio.wait_for(self.seen.wait(), LONG_SECONDS)
        raise ScanRefused(ScanFault.DAMAGED, "a.pdf")


async def claim(*names):
    return {name: name for name in names}


async def rebuilt(folder, coming):
    objects, sandbox = DirectoryObjects(folder), OnePageAtATime()
    raw = build.ref(b"scan", "scans")
    await objects.put(raw.key, b"scan")
    claims = SimpleNamespace(claim=claim)
    rebuilder = StoredRebuilder(objects, sandbox, None, claims)
    with pytest.raises(ScanRefused):
        await rebuilder.rebuild("a.pdf", raw, coming=coming(sandbox))
    return objects


async def test_a_page_is_in_the_store_before_its_file_is_rebuilt(tmp_path):
    """Under the key that it will have in the end, whatever becomes of the file."""
    reported = []

    def coming(sandbox):
        async def report(keys):
            reported.append(keys)
            sandbox.seen.set()

        return report

    objects = await rebuilt(tmp_path, coming)
    digest = hashlib.sha256(JPEG + b"1" + END).hexdigest()
    assert reported == [(f"thumbs/{digest}.jpg",)]
    assert await objects.get(f"thumbs/{digest}.jpg") == JPEG + b"1" + END


async def test_a_report_that_fails_does_not_hinder_the_rebuild(tmp_path):
    """The pictures are a service to whoever waits; the file's answer is what counts."""

    def coming(sandbox):
        async def report(_keys):
            sandbox.seen.set()
            raise OSError

        return report

    await rebuilt(tmp_path, coming)
