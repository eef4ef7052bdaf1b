"""The other half of the stores' promise: what they must not say, and must not do."""

import asyncio
import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from minio import Minio

from chassis.objects import Source
from chassis.objects.directory import DirectoryObjects
from chassis.objects.opening import open_objects
from chassis.objects.s3 import S3Objects
from chassis.settings import ObjectsSettings
from ecopy.refusals import Hindrance, Trouble
from support.servers import S3

CHUNK = 1 << 20
LONGEST = 200
DESCRIPTORS = Path("/proc/self/fd")


def changed(content, at):
    other = bytearray(content)
    other[at] ^= 1
    return bytes(other)


@pytest.mark.parametrize("size", [1, 4096, CHUNK, CHUNK + 1, 2 * CHUNK + 4095])
async def test_only_the_same_bytes_are_equal(objects, size):
    """A byte more, a byte less, the first or the last one changed, and none at all."""
    content = os.urandom(size)
    await objects.put("k", content)
    others = {
        "longer": content + b"\0",
        "shorter": content[:-1],
        "much shorter": content[: size // 2],
        "empty": b"",
        "first": changed(content, 0),
        "last": changed(content, -1),
    }
    if size > CHUNK:
        others |= {
            "before the border": changed(content, CHUNK - 1),
            "behind the border": changed(content, CHUNK),
            "the first chunk alone": content[:CHUNK],
        }
    taken = [name for name, other in others.items() if await objects.equals("k", other)]
    assert taken == []
    assert await objects.equals("k", content)


async def test_an_empty_object_equals_nothing_but_nothing(objects):
    """No chunk is compared, and the length alone decides."""
    await objects.put("k", b"")
    assert await objects.equals("k", b"")
    assert not await objects.equals("k", b"x")


@pytest.mark.parametrize("size", [1, 4096, CHUNK, CHUNK + 5])
async def test_an_object_that_is_short_does_not_stream_as_if_whole(objects, size):
    """Whoever was promised more hears it: half a copy must not look like a copy."""
    content = os.urandom(size)
    await objects.put("k", content)
    with pytest.raises(Trouble) as trouble:
        _ = [chunk async for chunk in objects.stream("k", 0, size + 1)]
    assert trouble.value.hindrance is Hindrance.STORE


async def test_a_stream_that_is_given_up_leaves_no_file_open(tmp_path):
    """A reader goes away in the middle; a service has a thousand descriptors."""
    objects = DirectoryObjects(tmp_path)
    await objects.put("k", bytes(3 * CHUNK))
    before = len(list(DESCRIPTORS.iterdir()))
    for _ in range(5):
        stream = objects.stream("k", 0, 3 * CHUNK)
        await anext(stream)
        await stream.aclose()
    assert len(list(DESCRIPTORS.iterdir())) == before


async def test_nothing_temporary_is_left(tmp_path):
    """After a put that wins, one that loses, one that breaks off, and an upload."""
    objects = DirectoryObjects(tmp_path)

    def breaks(_start, _length):
        raise Trouble(Hindrance.STORE, "the source is gone")

    await asyncio.gather(*(objects.put("k", b"%d" % n) for n in range(8)))
    with pytest.raises(Trouble):
        await objects.put("broken", Source(5, breaks))
    async with objects.incoming() as incoming:
        await incoming.write(b"kept")
        await incoming.keep("raw")
    files = {p.name for p in tmp_path.rglob("*") if p.is_file()}
    assert files == {"k", "raw"}


async def test_a_second_put_does_not_read_its_source(objects):
    """The bytes of a large scan are spared where the key is taken."""
    size = 17 << 20
    await objects.put("k", bytes(size))

    def read(_start, _length):
        raise AssertionError("read")

    assert not await objects.put("k", Source(size, read))


UNFIT = ["../x", "a/../b", ".", "a/./b", "/a", "a//b", "", "đ" * 101]


@pytest.mark.parametrize("key", UNFIT)
async def test_no_method_takes_a_key_that_is_none(objects, key):
    """Each one looks for itself: nothing may lead out of the bucket."""
    acts = [
        objects.put(key, b"x"),
        objects.get(key),
        objects.size(key),
        objects.equals(key, b"x"),
        objects.delete(key),
        anext(objects.stream(key, 0, 1)),
        objects.local(key).__aenter__(),
    ]
    for act in acts:
        with pytest.raises(ValueError, match="not an object key"):
            await act
    async with objects.incoming() as incoming:
        await incoming.write(b"x")
        with pytest.raises(ValueError, match="not an object key"):
            await incoming.keep(key)
    assert not await objects.any()


async def test_the_longest_names_that_fit_are_taken(objects):
    """200 bytes a segment, which two-byte letters fill with a hundred."""
    for key in ("x" * LONGEST, f"a/{'đ' * 100}/b"):
        assert await objects.put(key, b"x")
        assert await objects.get(key) == b"x"


class Lying(DirectoryObjects):
    """A store that breaks its word in one way, once the race is over or in it."""

    def __init__(self, root: Path, lie: str) -> None:
        super().__init__(root)
        self._lie, self._at = lie, root

    async def put(self, key: str, content: bytes) -> bool:
        first = await super().put(key, content)
        late = content == b"late"
        if self._lie == "overwrites in silence" and late:
            (self._at / key).write_bytes(content)
        if self._lie == "says that the late one won":
            return first or late
        if self._lie == "says that everybody won":
            return first or not late
        if self._lie == "says that nobody won":
            return False
        if self._lie == "keeps another's bytes" and first:
            (self._at / key).write_bytes(b"nobody's")
        return first


@pytest.mark.parametrize(
    "lie",
    [
        "overwrites in silence",
        "says that the late one won",
        "says that everybody won",
        "says that nobody won",
        "keeps another's bytes",
    ],
)
async def test_the_self_test_notices_a_store_that_lies(tmp_path, lie):
    """Before the first copy is entrusted to it: no service starts on such a store."""
    with pytest.raises(Trouble, match="conditional"):
        await Lying(tmp_path, lie).self_test()


async def test_the_self_test_leaves_nothing_behind(tmp_path):
    """Run at each start, it would fill a store over the years."""
    objects = DirectoryObjects(tmp_path)
    await objects.self_test()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_of_two_large_objects_at_once_one_is_made(objects):
    """They go up in parts: the key is given with the last step, and to one of them."""
    contents = [bytes([n]) * (17 << 20) for n in (1, 2)]
    won = await asyncio.gather(*(objects.put("large", each) for each in contents))
    assert sorted(won) == [False, True]
    assert await objects.equals("large", contents[won.index(True)])


async def test_an_upload_in_parts_that_is_given_up_leaves_none(s3_server):
    """The loser of a race, and a source that breaks off in its second part: what the
    server holds of an upload that was not ended is paid for and shown to nobody.
    """
    settings = ObjectsSettings(
        url="s3://parts",
        endpoint=s3_server.endpoint,
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
    )
    objects = S3Objects(settings, "parts")
    objects.make_bucket()

    def breaks(start: int, length: int) -> bytes:
        if start:
            raise Trouble(Hindrance.STORE, "the source is gone")
        return bytes(length)

    contents = [bytes([n]) * (17 << 20) for n in (1, 2)]
    await asyncio.gather(*(objects.put("large", each) for each in contents))
    with pytest.raises(Trouble, match="the source is gone"):
        await objects.put("broken", Source(17 << 20, breaks))
    assert pending(s3_server, "parts") == []
    objects.close()


def pending(server: S3, bucket: str) -> list[str]:
    """Uploads that were begun and neither completed nor given up."""
    address = urlsplit(server.endpoint).netloc
    client = Minio(address, server.access_key, server.secret_key, secure=False)
    # The library has no public call for it, and writes none but this one.
    found = client._list_multipart_uploads(bucket)
    return [upload.object_name for upload in found.uploads]


async def test_a_bucket_that_is_not_there_is_trouble(s3_server):
    """Neither "somebody was first" nor "there is no such object": a person must act.
    (``size`` asks by HEAD, whose answer has no words to tell the two apart.)
    """
    objects = open_objects(
        ObjectsSettings(
            url="s3://nobodys",
            endpoint=s3_server.endpoint,
            access_key=s3_server.access_key,
            secret_key=s3_server.secret_key,
        )
    )
    for act in (objects.put("k", b"x"), objects.get("k")):
        with pytest.raises(Trouble) as trouble:
            await act
        assert trouble.value.hindrance is Hindrance.STORE
