"""How ``ecopy`` ends: its exit status, and one sentence for what it could not do."""

import contextlib
import dataclasses
import errno
import os
import shutil

import httpx
import pytest

from chassis.starting import CannotStart
from onebox import cli, house, sample, story
from onebox.people import people
from onebox.places import Places, Ports


@pytest.fixture(autouse=True)
def _own_umask():
    """``main`` closes its process to others; the tests' own stays as it is."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def ended(monkeypatch, tmp_path, capsys):
    """Exit status and words of a demo that ends so."""

    def end(error):
        def act(_):
            raise error

        acts = dataclasses.replace(cli.ACTS, demo=act)
        monkeypatch.setattr(cli, "ACTS", acts)
        status = cli.main(["--var", str(tmp_path), "demo", "--once"])
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
def told(monkeypatch, tmp_path):
    """Exit status of ``demo --once`` in a house without programs, its story's end."""

    @contextlib.asynccontextmanager
    async def opened(places, port, _):
        yield house.House(places, Ports.starting_at(port), people(places.demo))

    def tell(end):
        async def story_of(scan, **_):
            if isinstance(end, Exception):
                raise end
            return story.DemoResult(scan.file, "link", "verify", end)

        monkeypatch.setattr(house, "open_house", opened)
        monkeypatch.setattr(story, "tell", story_of)
        file = tmp_path / "own.pdf"
        file.write_bytes(b"%PDF")
        words = ["demo", "--once", "--file", str(file)]
        return cli.main(["--var", str(tmp_path / "var"), *words])

    return tell


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
    with pytest.raises(CannotStart, match=r"Only 499 MB .* at least 500 MB") as said:
        house.check_space(tmp_path)
    assert "chỉ còn 499 MB, cần ít nhất 500 MB" in said.value.vi


def test_sample_that_cannot_be_made(monkeypatch, tmp_path):
    """Its log is named, and holds why; no traceback of a program's exit status."""
    monkeypatch.setattr(sample, "SCRIPT", tmp_path / "missing.py")
    places = Places(tmp_path)
    with pytest.raises(CannotStart, match=r"sample scan .*sample\.log"):
        sample.made(places)
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
def test_once_ends_as_the_story_does(told, end, status):
    """Exit status 0 for a genuine copy alone."""
    assert told(end) == status


def test_a_house_that_loses_a_keeper_ends(monkeypatch, tmp_path, capsys):
    """Exit status 1 and a sentence, instead of staying up with nobody watching."""

    async def broken():
        raise RuntimeError("no more")

    async def opening(supervisor, places, ports, *_):
        supervisor.tend("bus", broken())
        return house.House(places, ports, ())

    monkeypatch.setattr(house, "_open", opening)
    monkeypatch.setattr(house, "check_free", lambda _: None)
    status = cli.main(["--var", str(tmp_path), "up", "--demo"])
    said = capsys.readouterr()
    assert status == 1
    assert "What keeps bus up has ended (RuntimeError('no more'))" in said.err
    assert "Phần trông coi bus đã ngừng" in said.err
