"""A database of a backup comes to a place where no other one was."""

import sqlite3
from contextlib import closing

import pytest

from chassis.starting import CannotStart
from onebox.backup.databases import load


@pytest.fixture
def backed_up(tmp_path):
    file = tmp_path / "backup.db"
    with closing(sqlite3.connect(file)) as made:
        made.execute("CREATE TABLE register (number INT)")
        made.commit()
    return file


def test_a_database_is_loaded_into_an_empty_place(backed_up, tmp_path):
    load(backed_up, f"sqlite:///{tmp_path}/intake.db")
    assert (tmp_path / "intake.db").read_bytes() == backed_up.read_bytes()


@pytest.mark.parametrize("left", ["intake.db", "intake.db-wal", "intake.db-journal"])
def test_nothing_of_another_database_may_be_there(backed_up, tmp_path, left):
    """SQLite would play the journal of one that was deleted into the new one."""
    (tmp_path / left).write_bytes(b"of an earlier house")
    with pytest.raises(CannotStart, match=left):
        load(backed_up, f"sqlite:///{tmp_path}/intake.db")
    assert [path.name for path in tmp_path.glob("intake*")] == [left]
