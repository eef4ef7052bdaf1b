"""Files of set-up are on the disk before anybody relies on them, and nobody else's."""

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from onebox import bus_server, pki, prepare, revocation
from onebox.files import close_to_others, flush_below, write_secret, write_text
from onebox.places import Places, Ports
from onebox.ward import IDENTITIES

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
BASE = "http://127.0.0.1:18427"


class Disk:
    """What would be left after a power cut: names and contents that were flushed.

    It stands beside the real calls and looks at what they do: a file's content is
    safe from its fsync on, a name from the fsync of its folder on.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.contents: dict[int, bytes] = {}
        """Inode → content at its last fsync."""
        self.names: dict[Path, int] = {}
        """Path as it was at the last fsync of its folder → inode."""
        self._fsync = os.fsync
        patch.setattr(os, "fsync", self._flush)

    def _flush(self, fd: int) -> None:
        self._fsync(fd)
        path = Path(f"/proc/self/fd/{fd}").resolve()
        if path.is_dir():
            for child in path.iterdir():
                self.names[child] = child.stat().st_ino
        else:
            self.contents[path.stat().st_ino] = path.read_bytes()

    def lost(self, folder: Path) -> Iterator[Path]:
        """Files and folders below that a cut would take away, empty, or put back."""
        for path in folder.rglob("*"):
            inode = path.stat().st_ino
            if path.is_file() and self.contents.get(inode) != path.read_bytes():
                yield path
            if self.names.get(path) != inode and not self._came_along(path):
                yield path

    def _came_along(self, path: Path) -> bool:
        """Named in a folder that was flushed under another name, then renamed whole."""
        inode = path.stat().st_ino
        return any(
            name.name == path.name and at == inode for name, at in self.names.items()
        )


@pytest.fixture
def disk(monkeypatch):
    return Disk(monkeypatch)


def everything(places):
    """All that set-up writes by itself, as a first start does it."""
    prepare.set_up(places, base=BASE, now=NOW)
    prepare.make_trust(places, {who.role: "0" * 64 for who in IDENTITIES})
    bus_server.write_config(places, Ports.starting_at(18422))
    prepare.open_from_now_on(places, NOW)


def test_nothing_of_set_up_is_lost_in_a_power_cut(disk, tmp_path):
    """Each file that set-up has written, with its name and its folders' names."""
    places = Places(tmp_path / "a" / "var")
    everything(places)
    written = [path for path in places.var.rglob("*") if path.is_file()]
    assert len(written) > 25
    assert list(disk.lost(tmp_path)) == []


def test_nor_of_a_renewal_and_a_revocation(disk, tmp_path):
    """What a person does to the development PKI later is as durable."""
    places = Places(tmp_path / "var")
    everything(places)
    revocation.revoke(places.pki, "seal", now=NOW)
    pki.renew(places.pki, "officer", start=NOW, days=30)
    assert list(disk.lost(tmp_path)) == []
    assert not list(places.var.glob("pki.*"))


def test_a_flushed_name_is_never_that_of_an_unflushed_content(monkeypatch, tmp_path):
    """At the moment of each rename or link the content is on the disk already."""
    disk, early = Disk(monkeypatch), []
    for name in ("rename", "replace", "link"):
        act = getattr(os, name)

        def noting(source, target, *rest, act=act, **more):
            for path in [Path(source), *Path(source).rglob("*")]:
                inode = path.stat().st_ino
                if path.is_file() and disk.contents.get(inode) != path.read_bytes():
                    early.append(target)
            return act(source, target, *rest, **more)

        monkeypatch.setattr(os, name, noting)
    everything(Places(tmp_path / "var"))
    assert early == []


def test_what_programs_have_made_is_flushed(disk, tmp_path):
    """Databases and the bus's folder, before the first request."""
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "intake.db").write_bytes(b"pages")
    assert len(list(disk.lost(tmp_path))) == 3
    flush_below(tmp_path)
    assert list(disk.lost(tmp_path)) == []


def test_what_an_earlier_version_left_open_is_closed(tmp_path):
    """Files and folders, whatever their mode was; a link's target stays as it is."""
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o644)
    var = tmp_path / "var"
    (var / "db").mkdir(parents=True)
    (var / "db" / "intake.db").write_text("x")
    (var / "run").write_text("x")
    (var / "run").chmod(0o755)
    (var / "link").symlink_to(outside)
    for path in (var, var / "db", var / "db" / "intake.db"):
        path.chmod(0o777)
    close_to_others(var)
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in [var, *var.rglob("*")]}
    assert modes.pop("link") == 0o644
    assert modes == {"var": 0o700, "db": 0o700, "intake.db": 0o700, "run": 0o700}


def test_writers_leave_no_draft(tmp_path):
    """Also where one of an earlier cut lies there."""
    (tmp_path / "a.new").write_text("half")
    write_text(tmp_path / "a", "whole")
    (tmp_path / "b.new").write_text("half")
    write_secret(tmp_path / "b", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
