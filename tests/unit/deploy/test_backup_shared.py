"""A backup of the scanner's folder, to which strangers write."""

import os

import pytest

from chassis.clock import utc_now
from chassis.starting import CannotStart
from intake.console import MIGRATIONS as INTAKE
from onebox.backup.shared import copy_shared
from onebox.backup.taking import Stores, take
from onebox.places import BUCKETS, Places
from signing.console import MIGRATIONS as SIGNING
from storage.console import MIGRATIONS as STORAGE
from support.databases import make_ready

MIGRATIONS = {"intake": INTAKE, "signing": SIGNING, "storage": STORAGE}


def files(folder):
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir()
    )


@pytest.fixture
def shared(tmp_path):
    """One scan, one of a sender, and all that may lie there besides."""
    folder, secret = tmp_path / "scanner", tmp_path / "secret"
    (folder / "tầng 2").mkdir(parents=True)
    secret.mkdir()
    (secret / "key").write_text("a key")
    (folder / "one.pdf").write_bytes(b"%PDF")
    (folder / "tầng 2" / "two.tif").write_bytes(b"II*")
    os.utime(folder / "one.pdf", (7, 7))
    (folder / "link.pdf").symlink_to(secret / "key")
    (folder / "nowhere.pdf").symlink_to(tmp_path / "gone")
    (folder / "folder").symlink_to(secret)
    os.mkfifo(folder / "pipe.pdf")
    return folder


def test_plain_files_only_are_copied(shared, tmp_path):
    """A link would bring a file of this machine into the backup, and from there as a
    plain one back into the share; a pipe, or a link to nothing, would end the backup.
    """
    copy_shared(shared, tmp_path / "copy")
    assert files(tmp_path / "copy") == ["one.pdf", "tầng 2/two.tif"]
    assert (tmp_path / "copy" / "one.pdf").read_bytes() == b"%PDF"


def test_the_order_in_which_they_came_is_kept(shared, tmp_path):
    """Intake takes the oldest first."""
    copy_shared(shared, tmp_path / "copy")
    assert (tmp_path / "copy" / "one.pdf").stat().st_mtime == 7


@pytest.fixture
def stores(shared):
    """A house that has given no number yet, over the share."""
    places = Places(shared.parent)
    for name, migrations in MIGRATIONS.items():
        places.database_file(name).parent.mkdir(exist_ok=True)
        make_ready(places.database(name), migrations)
    return Stores(
        places,
        {name: places.database(name) for name in MIGRATIONS},
        {name: places.var / "objects" / name for name in BUCKETS},
    )


def test_a_house_with_a_pipe_in_its_share_is_backed_up(stores, tmp_path_factory):
    """All of it, with what a scanner has just brought."""
    taken = take(stores, tmp_path_factory.mktemp("backups"), utc_now())
    assert files(taken.folder / "house" / "scanner") == ["one.pdf", "tầng 2/two.tif"]
    assert files(taken.folder / "house" / "secret") == ["key"]


def test_no_backup_goes_into_the_house_itself(stores):
    """It would be copied into itself, until no name is long enough."""
    inside = stores.places.var / "backups"
    inside.mkdir()
    with pytest.raises(CannotStart, match="choose another folder"):
        take(stores, inside, utc_now())
    assert list(inside.iterdir()) == []
