"""What a directory of objects says is stored is there after a power cut, and what it
says is deleted is not.
"""

import asyncio
import errno
import os

import pytest

from chassis.objects.directory import DirectoryObjects
from ecopy.refusals import Hindrance, Trouble
from support.power import Disk

PAGE = os.urandom(4096 + 7)
LARGE = os.urandom((1 << 20) + 4097)
DEEP = "H99.42.05.13/2026/11/28/copy.pdf"


@pytest.fixture
def disk(tmp_path, monkeypatch):
    return Disk(tmp_path, monkeypatch)


@pytest.fixture
def objects(disk, tmp_path):
    """Its folder and the one above are new, too."""
    assert disk.left() == {}
    return DirectoryObjects(tmp_path / "var" / "store")


@pytest.fixture(params=["direct", "not by opening", "not by writing"])
def way(request, monkeypatch):
    """How the file system answers O_DIRECT: it has it, or refuses it at either step."""
    opening, writing = os.open, os.pwrite

    def refuse_open(path, flags, *rest, **more):
        if flags & os.O_DIRECT:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return opening(path, flags, *rest, **more)

    def refuse_write(fd, *rest):
        if os.get_blocking(fd) and _is_direct(fd):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return writing(fd, *rest)

    if request.param == "not by opening":
        monkeypatch.setattr(os, "open", refuse_open)
    if request.param == "not by writing":
        monkeypatch.setattr(os, "pwrite", refuse_write)
    return request.param


def _is_direct(fd):
    with open(f"/proc/self/fdinfo/{fd}") as known:  # noqa: PTH123 - no file of ours
        (flags,) = (line.split()[1] for line in known if line.startswith("flags"))
    return bool(int(flags, 8) & os.O_DIRECT)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("content", [b"", b"x", PAGE, LARGE], ids=len)
async def test_what_was_put_is_there_after_a_power_cut(objects, disk, content):
    """Its bytes, its name, and the name of each folder above it."""
    assert await objects.put(DEEP, content)
    assert disk.left() == {f"var/store/{DEEP}": content}
    assert disk.named_too_soon == []


async def test_a_file_that_was_put_is_there_after_a_power_cut(objects, disk, tmp_path):
    """From a path, as a rebuilt scan comes."""
    path = tmp_path / "rebuilt"
    path.write_bytes(PAGE)
    assert await objects.put("part/1", path)
    assert disk.left() == {"var/store/part/1": PAGE}


async def test_what_arrived_and_was_kept_is_there_after_a_power_cut(objects, disk):
    """An upload: many writes, one flush before it has its name."""
    async with objects.incoming() as incoming:
        await incoming.write(PAGE)
        await incoming.write(LARGE)
        assert await incoming.keep("raw/x")
    assert disk.left() == {"var/store/raw/x": PAGE + LARGE}
    assert disk.named_too_soon == []


async def test_what_was_deleted_does_not_come_back_with_the_power(objects, disk):
    """And nothing beside it goes."""
    for key in ("a/1", "a/2"):
        await objects.put(key, PAGE)
    await objects.delete("a/1")
    assert disk.left() == {"var/store/a/2": PAGE}


async def test_each_of_many_at_once_is_there_when_its_put_returns(objects, disk):
    """In one new folder: whoever makes it, nobody returns before it is flushed."""

    async def put(number):
        assert await objects.put(f"new/folder/{number}", PAGE)
        return f"var/store/new/folder/{number}" in disk.left()

    assert await asyncio.gather(*map(put, range(16))) == [True] * 16


async def test_a_folder_that_a_killed_process_left_is_flushed(objects, disk, tmp_path):
    """Made and not flushed: its name may be lost with all that is put in it."""
    (tmp_path / "var/store/half/made").mkdir(parents=True)
    assert await objects.put("half/made/object", PAGE)
    assert disk.left() == {"var/store/half/made/object": PAGE}


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
async def test_a_disk_that_refuses_is_trouble_and_stores_nothing(
    objects, monkeypatch, number
):
    """Only "no direct writes here" leads to another way; any other "no" is final."""

    def refuse(*_arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "pwrite", refuse)
    with pytest.raises(Trouble) as trouble:
        await objects.put("a", PAGE)
    assert trouble.value.hindrance is Hindrance.STORE
    assert await objects.size("a") is None
    assert not await objects.any()


async def test_half_a_write_is_trouble_and_stores_nothing(objects, monkeypatch):
    """A disk that is almost full takes a part and says so by the count alone."""
    writing = os.pwrite
    monkeypatch.setattr(
        os, "pwrite", lambda fd, part, at: writing(fd, part[: len(part) // 2], at)
    )
    with pytest.raises(Trouble):
        await objects.put("a", PAGE)
    assert await objects.size("a") is None


async def test_a_flush_that_fails_is_trouble_and_stores_nothing(objects, monkeypatch):
    """The disk did not take the bytes: the key stays free for the next try."""

    def refuse(_fd):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", refuse)
        with pytest.raises(Trouble):
            await objects.put("a", PAGE)
        async with objects.incoming() as incoming:
            await incoming.write(PAGE)
            with pytest.raises(Trouble):
                await incoming.keep("b")
    assert [await objects.size(key) for key in "ab"] == [None, None]
    assert await objects.put("a", PAGE)


async def test_a_read_back_without_direct_reads_forgets_the_memory_first(
    objects, monkeypatch
):
    """Else the page cache would be compared with itself, whatever the disk holds."""
    opening, advising, forgotten = os.open, os.posix_fadvise, []

    def refuse(path, flags, *rest, **more):
        if flags & os.O_DIRECT:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return opening(path, flags, *rest, **more)

    def advise(fd, start, length, advice):
        forgotten.append((start, length, advice))
        advising(fd, start, length, advice)

    monkeypatch.setattr(os, "open", refuse)
    monkeypatch.setattr(os, "posix_fadvise", advise)
    await objects.put("a", LARGE)
    assert await objects.equals("a", LARGE)
    assert forgotten == [(0, 0, os.POSIX_FADV_DONTNEED)]
