"""How ``ecopy`` ends: its exit status, and one sentence for what it could not do."""

import contextlib
import errno
import os
import shutil
from dataclasses import replace
from functools import partial

import httpx
import pytest

from chassis.starting import CannotStart
from onebox import cli, house, running, sample, story
from onebox.people import people
from onebox.places import Places, Ports


@pytest.fixture(autouse=True)
def _own_umask():
    """``main`` closes its process to others; the tests' own stays as it is."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def ended(tmp_path, capsys):
    """Exit status and words of a demo that ends so."""

    def end(error):
        def act(_):
            raise error

        acts = replace(cli.ACTS, demo=act)
        status = cli.main(["--var", str(tmp_path), "demo", "--once"], acts=acts)
        return status, capsys.readouterr().err

    return end


@pytest.fixture
def free(monkeypatch):
    """Say how many bytes are free on every disk."""

    def say(count):
        usage = shutil._ntuple_diskusage(10**12, 10**12 - count, count)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    return say


@pytest.fixture
def status_of_demo(tmp_path):
    """Exit status of ``demo --once`` in a house without programs, its story's end."""

    @contextlib.asynccontextmanager
    async def opened(places, port, _):
        yield house.House(places, Ports.starting_at(port), people(places.demo))

    def status(end):
        async def tell(_opened, scan):
            if isinstance(end, Exception):
                raise end
            return story.DemoResult(scan.file, "link", "verify", end)

        demo = partial(running.demo, open_house=opened, tell=tell)
        file = tmp_path / "own.pdf"
        file.write_bytes(b"%PDF")
        words = ["demo", "--once", "--file", str(file)]
        acts = replace(cli.ACTS, demo=demo)
        return cli.main(["--var", str(tmp_path / "var"), *words], acts=acts)

    return status


def test_what_it_cannot_is_said(ended):
    """Vietnamese, then English, and exit status 1."""
    assert ended(CannotStart("không", "no")) == (1, "\nkhông\nno\n")


def test_no_traceback_of_the_client(ended):
    """Whatever the HTTP client says becomes a sentence that names the logs."""
    status, words = ended(httpx.ReadError("broken"))
    assert status == 1
    assert "A service could not answer (ReadError('broken'))" in words


def test_full_disk_is_named(ended, free):
    """A step or a page that fails on a full disk: the disk's sentence follows it."""
    free(house.FULL_BYTES - 1)
    for error in (CannotStart("không", "no"), httpx.ReadError("broken")):
        status, words = ended(error)
        assert status == 1
        assert words.count("is full: make room and run again") == 1
    assert "Ổ đĩa của" in words
    free(house.FULL_BYTES)
    assert "is full" not in ended(CannotStart("không", "no"))[1]


def test_no_space_left_is_said(ended, tmp_path):
    """ENOSPC is a sentence; any other trouble with a file is not hidden."""
    status, words = ended(OSError(errno.ENOSPC, "No space left on device"))
    assert status == 1
    assert f"Ổ đĩa của {tmp_path} đã đầy" in words
    assert f"The disk of {tmp_path} is full" in words
    with pytest.raises(PermissionError):
        ended(PermissionError(errno.EACCES, "Permission denied"))


def test_space_is_asked_for_first(free, tmp_path):
    """Less than a copy's room: how much there is, how much it takes."""
    free(house.LEAST_FREE_BYTES)
    house.check_space(tmp_path)
    free(house.LEAST_FREE_BYTES - 1)
    with pytest.raises(CannotStart, match=r"Only 499 MB .* at least 500 MB") as refused:
        house.check_space(tmp_path)
    assert "chỉ còn 499 MB, cần ít nhất 500 MB" in refused.value.vi


def test_sample_that_cannot_be_made(tmp_path):
    """Its log is named, and holds why; no traceback of a program's exit status."""
    places = Places(tmp_path)
    with pytest.raises(CannotStart, match=r"sample scan .*sample\.log"):
        sample.made(places, script=tmp_path / "missing.py")
    assert b"missing.py" in places.log("sample").read_bytes()


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("genuine", 0),
        ("changed", 1),
        ("not-ours", 1),
        (CannotStart("không", "no"), 1),
    ],
)
def test_once_ends_as_the_story_does(status_of_demo, end, status):
    """Exit status 0 for a genuine copy alone."""
    assert status_of_demo(end) == status


def test_a_house_that_loses_a_keeper_ends(tmp_path, capsys):
    """Exit status 1 and a sentence, instead of staying up with nobody watching."""

    async def broken():
        raise RuntimeError("no more")

    def opened(places, port, _):
        async def start(supervisor):
            supervisor.tend("bus", broken())
            return house.House(places, Ports.starting_at(port), ())

        return house.open_supervised(places, start)

    acts = replace(cli.ACTS, up=partial(running.up, open_house=opened))
    status = cli.main(["--var", str(tmp_path), "up", "--demo"], acts=acts)
    words = capsys.readouterr().err
    assert status == 1
    assert "What keeps bus up has ended (RuntimeError('no more'))" in words
    assert "Phần trông coi bus đã ngừng" in words
