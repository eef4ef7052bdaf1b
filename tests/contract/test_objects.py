"""One set of promises, two stores: a directory and an S3 server."""

import asyncio
import hashlib
import io
import os
import uuid
from contextlib import closing
from datetime import timedelta

import pytest
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.retention import Retention

from chassis.clock import utc_now
from chassis.objects import Locked, Missing, check_key
from chassis.objects.directory import DirectoryObjects
from chassis.objects.durable import opened
from chassis.objects.opening import open_objects
from chassis.settings import ObjectsSettings
from ecopy.refusals import Hindrance, Trouble
from support.waiting import until as until_true


@pytest.mark.parametrize("size", [0, 1, 4096, 1_048_577, 17_000_001])
async def test_what_is_put_comes_back(objects, size):
    """Any length comes back bit by bit, whole, in part and by comparison."""
    content = os.urandom(size)

    assert await objects.put("a/b", content)

    assert await objects.get("a/b") == content
    assert await objects.size("a/b") == size
    assert await objects.equals("a/b", content)
    start, end = size // 3, size // 2
    part = b"".join([c async for c in objects.stream("a/b", start, end)])
    assert part == content[start:end]


async def test_a_bucket_is_empty_until_it_has_an_object(objects):
    """Whatever a self-test and an upload that was given up left behind."""
    await objects.self_test()
    async with objects.incoming() as incoming:
        await incoming.write(b"given up")
        assert not await objects.any()
    await objects.put("deep/down/below", b"x")
    assert await objects.any()
    await objects.delete("deep/down/below")
    assert not await objects.any()


async def test_a_bucket_lists_each_object_once(objects):
    """With its bytes, whatever folders its key has; what a self-test and an upload that
    was given up left behind is none.
    """
    await objects.self_test()
    contents = {f"H99/E/2026/{n}/copy.pdf": b"x" * n for n in range(1, 6)}
    contents |= {"top": b"top", "a/b": b""}
    for key, content in contents.items():
        assert await objects.put(key, content)
    async with objects.incoming() as incoming:
        await incoming.write(b"given up")
        listed = [each async for each in objects.listing()]
    assert sorted(listed) == sorted((key, len(c)) for key, c in contents.items())


async def test_a_listing_is_of_the_keys_that_begin_so(objects):
    """With a folder, within a folder, and of nothing that is there."""
    for key in ("in/a-1", "in/a-2", "in/b-1", "inn/a", "other"):
        assert await objects.put(key, b"x")

    async def keys(prefix):
        return sorted([key async for key, _ in objects.listing(prefix)])

    assert await keys("in/") == ["in/a-1", "in/a-2", "in/b-1"]
    assert await keys("in/a-") == ["in/a-1", "in/a-2"]
    assert await keys("nothing/") == []


async def test_a_directory_tells_its_room_and_s3_does_not(objects):
    """Bytes that still fit, so that a full disk is noticed before an upload."""
    room = await objects.room()
    if isinstance(objects, DirectoryObjects):
        assert room > 0
    else:
        assert room is None


async def test_second_put_loses(objects):
    """A key is written once: a second put says so and changes nothing."""
    assert await objects.put("k", b"first")
    assert not await objects.put("k", b"second")
    assert await objects.get("k") == b"first"


async def test_second_large_put_loses(objects, tmp_path):
    """The same holds for objects that go up in parts, from a file."""
    path = tmp_path / "large"
    path.write_bytes(bytes(17_000_000))
    assert await objects.put("large", path)
    path.write_bytes(b"x" * 17_000_000)
    assert not await objects.put("large", path)
    assert not await objects.equals("large", path)


async def test_race_has_one_winner(objects):
    """Of 32 that write one key at once, one wins and its bytes stay."""
    contents = [bytes([i]) * 5000 for i in range(32)]

    won = await asyncio.gather(*(objects.put("race", c) for c in contents))

    assert won.count(True) == 1
    assert await objects.get("race") == contents[won.index(True)]


async def test_deleting_at_once_is_harmless(objects):
    """Sixteen that delete one key: none of them hears of the others."""
    for number in range(8):
        await objects.put(f"k/{number}", b"x")
        await asyncio.gather(*(objects.delete(f"k/{number}") for _ in range(16)))
        assert await objects.size(f"k/{number}") is None


async def test_what_is_erased_is_gone(objects):
    """It, and nothing whose key begins alike; once more is harmless."""
    await objects.put("a/b", b"gone")
    await objects.put("a/bc", b"stays")
    await objects.erase("a/b")
    await objects.erase("a/b")
    assert await objects.size("a/b") is None
    assert await objects.get("a/bc") == b"stays"


async def test_a_lock_of_the_store_outlasts_an_erasing(s3_server):
    """In a bucket with an object lock, of a real server: neither the locked version nor
    one that lies under it goes before its time, and no delete marker hides them; then
    both go.
    """
    name = f"b{uuid.uuid4().hex[:12]}"
    server = Minio(
        s3_server.endpoint.removeprefix("http://"),
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
        secure=False,
        region="us-east-1",
    )
    server.make_bucket(bucket_name=name, object_lock=True)
    for content in (b"older", b"newer"):
        server.put_object(name, "a/b", io.BytesIO(content), len(content))
    until = utc_now() + timedelta(seconds=3)
    server.set_object_retention(name, "a/b", Retention(COMPLIANCE, until))
    settings = ObjectsSettings(
        url=f"s3://{name}",
        endpoint=s3_server.endpoint,
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
    )
    with closing(open_objects(settings)) as objects:
        with pytest.raises(Locked) as locked:
            await objects.erase("a/b")
        assert locked.value.until == until.replace(
            microsecond=until.microsecond // 1000 * 1000
        )
        assert await objects.get("a/b") == b"newer"

        async def erased():
            try:
                await objects.erase("a/b")
            except Locked:
                return False
            return True

        await until_true(erased)
        assert await objects.size("a/b") is None
    assert not list(server.list_objects(name, prefix="a/b", include_version=True))


async def test_missing_is_an_answer(objects):
    """What is not there is Missing, not trouble."""
    assert await objects.size("nothing") is None
    with pytest.raises(Missing):
        await objects.get("nothing")
    with pytest.raises(Missing):
        await objects.equals("nothing", b"")
    with pytest.raises(Missing):
        async with objects.local("nothing"):
            pass
    with pytest.raises(Missing):
        _ = [c async for c in objects.stream("nothing", 0, 1)]
    await objects.delete("nothing")


async def test_read_back_sees_a_changed_byte(objects):
    """Comparison fails for one other byte, a longer and a shorter content."""
    content = bytearray(os.urandom(2_000_000))
    await objects.put("k", bytes(content))
    content[1_500_000] ^= 1
    assert not await objects.equals("k", content)
    assert not await objects.equals("k", content + b"x")
    assert not await objects.equals("k", content[:-1])


async def test_arriving_bytes_are_hashed_and_kept(objects):
    """An arriving file tells its digest and size, and is stored under a key."""
    content = os.urandom(300_000)
    async with objects.incoming() as incoming:
        for at in range(0, len(content), 65536):
            await incoming.write(content[at : at + 65536])
        assert incoming.sha256 == hashlib.sha256(content).hexdigest()
        assert incoming.size == len(content)
        assert incoming.path().read_bytes() == content
        assert await incoming.keep("raw/x")
        assert not await incoming.keep("raw/x")
    assert await objects.get("raw/x") == content
    async with objects.local("raw/x") as path:
        assert path.read_bytes() == content


async def test_a_small_arrival_is_kept_to_its_last_byte(objects):
    """What was written is in the file at once: whoever keeps it reads it by its path,
    while it is still open.
    """
    async with objects.incoming() as incoming:
        for chunk in (b"a ", b"few ", b"bytes"):
            await incoming.write(chunk)
        assert incoming.path().read_bytes() == b"a few bytes"
        assert await incoming.keep("raw/small")
    assert await objects.get("raw/small") == b"a few bytes"


async def test_self_test_passes(objects):
    """The store proves its conditional put and leaves nothing behind."""
    await objects.self_test()


async def test_an_arrival_lies_on_the_disk_of_its_store(tmp_path):
    """Kept by its name alone, without a copy; another disk could be full, or gone."""
    async with DirectoryObjects(tmp_path).incoming() as incoming:
        assert incoming.path().parent == tmp_path / ".incoming"


async def test_abandoned_arrival_leaves_nothing(tmp_path):
    """An upload that breaks off leaves no file."""
    objects = DirectoryObjects(tmp_path)
    async with objects.incoming() as incoming:
        await incoming.write(b"half")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize("key", ["", "/a", "a//b", "../a", "a/..", "a/", "x" * 201])
def test_odd_keys_are_refused(key):
    """Keys are ours: nothing that could leave the bucket gets through."""
    with pytest.raises(ValueError, match="not an object key"):
        check_key(key)


def test_a_file_that_is_cut_while_it_is_read_is_trouble(tmp_path):
    """And one that is gone; mapped, it would end the process."""
    path = tmp_path / "original"
    path.write_bytes(bytes(5000))
    with opened(path) as source:
        path.write_bytes(bytes(4000))
        with pytest.raises(Trouble) as cut:
            source.read(0, source.size)
    path.unlink()
    with pytest.raises(Trouble) as gone, opened(path):
        pass
    assert cut.value.hindrance is gone.value.hindrance is Hindrance.STORE
