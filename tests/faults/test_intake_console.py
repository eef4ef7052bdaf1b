"""``python -m intake`` in a process of its own: the schema, the accounts, the audit."""

import asyncio
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from chassis.settings import DatabaseSettings, MigrateSettings
from intake import console
from intake.domain.people import Role, User
from support import intake
from support.waiting import LONG_SECONDS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(tmp_path):
    def command(*words, typed=""):
        paths = os.pathsep.join(str(ROOT / name) for name in ("libs", "services"))
        return subprocess.run(
            [sys.executable, "-m", "intake", *words],
            input=typed,
            env={
                "PYTHONPATH": paths,
                "INTAKE__DATABASE__URL": f"sqlite:///{tmp_path}/intake.db",
                "LC_ALL": "C.UTF-8",
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=LONG_SECONDS,
        )

    return command


def here(folder):
    """The same database, without a process."""
    url = SecretStr(f"sqlite:///{folder}/intake.db")
    return MigrateSettings(database=DatabaseSettings(url=url))


ADD = ("user-add", "ha", "--name", "Lò Thị Minh Hạ", "--roles", "clerk")
WHERE = ("--agency", intake.AGENCY)
CLERK = User("ha", "Lò Thị Minh Hạ", intake.AGENCY, frozenset({Role.CLERK}), None, "")


def test_first_account_from_the_console(run, tmp_path):
    """Migrate twice, add once: the second time says so, the password stays hidden."""
    assert run("migrate").returncode == 0
    console.migrate(here(tmp_path))
    added = run(*ADD, *WHERE, typed=f"{intake.PASSWORD}\n")
    assert added.returncode == 0, added.stderr
    again = run(*ADD, *WHERE, typed=f"{intake.PASSWORD}\n")
    assert (again.returncode, "already" in again.stderr) == (2, True)
    with sqlite3.connect(tmp_path / "intake.db") as database:
        (stored,) = database.execute("SELECT password FROM users").fetchone()
    database.close()
    assert stored.startswith("$argon2id$")
    assert intake.PASSWORD not in added.stdout + added.stderr


def test_password_from_a_file_and_too_short_a_one(run, tmp_path):
    """A file for scripts; a short password is refused in a sentence."""
    console.migrate(here(tmp_path))
    secret = tmp_path / "secret"
    secret.write_text("short\n")
    short = run(*ADD, *WHERE, "--password-file", str(secret))
    assert (short.returncode, "too short" in short.stderr) == (3, True)
    secret.write_text(intake.PASSWORD)
    assert run(*ADD, *WHERE, "--password-file", str(secret)).returncode == 0


def test_several_accounts_at_once_and_again(run, tmp_path):
    """Each with its own password and part; repeated, whoever exists stays as they were;
    a password that no account may have is refused in a sentence.
    """
    console.migrate(here(tmp_path))
    clerk = {"user": "ha", "name": "Lò Thị Minh Hạ", "roles": "clerk"}
    vinh = {"user": "vinh", "name": "Phạm Quốc Vĩnh", "roles": "certifier"}
    more = {"agency": intake.AGENCY, "officer": "", "password": intake.PASSWORD}
    both = [{**more, **clerk}, {**more, **vinh, "officer": "pham-quoc-vinh"}]
    first = run("users-add", typed=json.dumps(both))
    assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
    kept = stored_accounts(tmp_path)
    assert [row[:3] for row in kept] == [
        ("ha", '["clerk"]', None),
        ("vinh", '["certifier"]', "pham-quoc-vinh"),
    ]
    assert all(row[3].startswith("$argon2id$") for row in kept)
    both[0]["name"] = "Ai đó"
    assert run("users-add", typed=json.dumps(both)).returncode == 0
    assert stored_accounts(tmp_path) == kept
    short = run("users-add", typed=json.dumps([{**both[0], "password": "short"}]))
    assert (short.returncode, "too short" in short.stderr) == (3, True)


def stored_accounts(folder):
    with contextlib.closing(sqlite3.connect(folder / "intake.db")) as database:
        return database.execute(
            "SELECT id, roles, officer, password, name FROM users ORDER BY id"
        ).fetchall()


SKIP = ("register-skip", "--book", f"{intake.AGENCY}/E/2026", "--by", "Lê Văn Tám")
REASON = ("--reason", "phục hồi bản sao lưu hôm qua")


def test_lines_are_declared_lost_from_the_console(run, tmp_path):
    """In two languages with the numbers; a slip changes nothing and says what to do."""
    console.migrate(here(tmp_path))
    done = run(*SKIP, *REASON, "--through", "3")
    assert (done.returncode, done.stderr) == (0, "")
    assert "số 1–3. Số kế tiếp là 4." in done.stdout
    assert "numbers 1 to 3. The next number is 4." in done.stdout
    again = run(*SKIP, *REASON, "--through", "3")
    assert again.returncode == 3
    assert "sổ đã có đến số 3" in again.stderr
    assert "the register already goes to number 3" in again.stderr
    other = run("register-skip", "--book", "2026", *REASON, *SKIP[3:], "--through", "9")
    assert (other.returncode, "2026 is no book" in other.stderr) == (3, True)


def test_the_audit_is_read_from_the_console(run, tmp_path):
    """Unbroken, with a head to note; then a line altered behind the trigger's back."""
    assert run("audit-verify").returncode == 3
    console.migrate(here(tmp_path))
    assert asyncio.run(console.add_user(here(tmp_path), CLERK, intake.PASSWORD))
    whole = run("audit-verify")
    assert (whole.returncode, whole.stderr) == (0, "")
    rows, head, sentence = whole.stdout.splitlines()
    assert int(rows.removeprefix("rows: ")) > 0
    assert sentence.startswith("Nhật ký thao tác nguyên vẹn. / The staff's audit is")
    noted = console.verify_audit(here(tmp_path), head.removeprefix("head: "))
    assert asyncio.run(noted).status == 0
    with contextlib.closing(sqlite3.connect(tmp_path / "intake.db")) as database:
        database.execute("DROP TRIGGER audit_no_update")
        database.execute("UPDATE audit SET actor_name = 'X' WHERE seq = 1")
        database.commit()
    broken = run("audit-verify")
    assert broken.returncode == 1
    assert broken.stdout.startswith("broken: 1\n")
