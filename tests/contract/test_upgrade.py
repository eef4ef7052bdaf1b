"""What a release left is brought up to date, and two releases work side by side.

The data are those of real earlier releases, never changed since.
"""

import json
import shutil
import subprocess
import sys
import uuid
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import JSON, Boolean, Date, DateTime, MetaData, Uuid, insert, select

from chassis.engines import create
from chassis.migration import migrate
from ecopy.events import EVENTS, CertificationHalted, CertificationOrdered
from ecopy.refusals import Hindrance, Reason
from support.releases import RELEASES, SERVICES, rows, unpacked, version

ROOT = Path(__file__).parents[2]
DECODER = """
import json, sys
from ecopy.events import EVENTS
classes = {event.subject: event for event in EVENTS}
for line in sys.stdin:
    subject, body = json.loads(line)
    print(classes[subject].decode(body.encode()).model_dump_json())
"""


@pytest.fixture(scope="module", params=RELEASES, ids=lambda path: path.name[:10])
def release(request, tmp_path_factory):
    return unpacked(request.param, tmp_path_factory.mktemp("release"))


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    """Makes URLs of new, empty databases."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path / uuid.uuid4().hex}.db"
    server = request.getfixturevalue("postgres")
    return server.database


def test_there_is_a_release():
    assert RELEASES


@pytest.mark.parametrize("service", SERVICES)
def test_every_row_is_what_it_was(release, service, fresh, tmp_path):
    """The release's schema and rows, then today's migrations."""
    old = release / "var/db" / f"{service}.db"
    url = fresh()
    migrate(url, migrations_until(version(old), service, tmp_path / "migrations"))
    before = filled(url, rows(old))
    migrate(url, ROOT / "services" / service / "migrations")
    assert stored(url, before) == before


@pytest.mark.parametrize("service", SERVICES)
def test_the_old_release_still_writes(release, service, fresh):
    """While an upgrade rolls, the old service inserts its own columns only."""
    url = fresh()
    migrate(url, ROOT / "services" / service / "migrations")
    before = filled(url, rows(release / "var/db" / f"{service}.db"))
    assert stored(url, before) == before


def test_the_release_had_rows_that_matter(release):
    found = {s: rows(release / "var/db" / f"{s}.db") for s in SERVICES}
    assert len(found["intake"]["register"]) == 3
    assert len(found["storage"]["copies"]) == 2
    assert {row["kind"] for row in found["signing"]["seal_journal"]} >= {"issue"}


def test_an_old_event_is_read_by_today(release):
    """Every event that the release wrote down, byte for byte."""
    classes = {event.subject: event for event in EVENTS}
    found = list(outgoing(release))
    assert {subject for subject, _ in found} >= {
        "ecopy.certification.ordered.v1",
        "ecopy.copy.sealed.v1",
        "ecopy.copy.archived.v1",
    }
    for subject, body in found:
        event = classes[subject].decode(body)
        data = json.loads(body)["data"]
        assert json.loads(event.model_dump_json()).items() >= data.items()


def test_an_event_of_today_is_read_by_the_old_release(release):
    """With every optional field that came since; the old reader ignores it."""
    classes = {event.subject: event for event in EVENTS}
    sent = []
    for subject, body in outgoing(release):
        event = classes[subject].decode(body)
        if isinstance(event, CertificationOrdered):
            event = event.model_copy(update={"replaces": "ab" * 32, "revision": 2})
        sent.append((subject, event.encode("intake").decode(), event))
    halt = halted(sent[0][2], Reason.COPY_REFUSED)
    sent.append((halt.subject, halt.encode("storage").decode(), halt))
    lines = "".join(json.dumps(pair[:2]) + "\n" for pair in sent)
    done = subprocess.run(
        [sys.executable, "-c", DECODER],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(release)},
    )
    assert done.returncode == 0, done.stderr
    for line, (_, _, event) in zip(done.stdout.splitlines(), sent, strict=True):
        assert json.loads(event.model_dump_json()).items() >= json.loads(line).items()


def test_a_reason_of_a_later_release_is_no_dead_letter(release):
    """The desk shows it as it is, and intake's words say what that means."""
    order = CertificationOrdered.decode(next(outgoing(release))[1])
    body = halted(order, "eclipse-of-the-sun").encode("signing")
    assert CertificationHalted.decode(body).reason == "eclipse-of-the-sun"


def test_no_reason_is_new_to_a_release_that_cannot_bear_it(release):
    """The release of 28/11/2026 parks what it has no name for. Whoever adds a reason
    says in docs/operations.md that intake is upgraded first, and names it here.
    """
    known = (release / "ecopy/refusals.py").read_text("utf-8")
    added = {str(each) for each in (*Reason, *Hindrance) if f'"{each}"' not in known}
    assert added <= UPGRADE_INTAKE_FIRST


UPGRADE_INTAKE_FIRST: set[str] = set()


def halted(order, reason):
    return CertificationHalted(
        at=order.at,
        entry=order.entry,
        stage="storage",
        revision=1,
        reason=reason,
        copy_sha256="cd" * 32,
    )


def outgoing(release):
    """Subject and body of each event in the release's outboxes; orders first."""
    for service in SERVICES:
        for row in rows(release / "var/db" / f"{service}.db")["outbox"]:
            yield row["subject"], row["body"]


def migrations_until(revision, service, folder):
    """A copy of the service's migrations up to *revision*."""
    folder.mkdir()
    for path in sorted((ROOT / "services" / service / "migrations").glob("0*.py")):
        if path.name[:4] <= revision:
            shutil.copy(path, folder)
    return folder


def filled(url, tables):
    """Insert the rows as the release would, and return them as they are read back."""
    with opened(url) as connection:
        schema = reflected(connection)
        for table in schema.sorted_tables:
            for row in tables.get(table.name, ()):
                connection.execute(insert(table).values(typed(table, row)))
        connection.commit()
    return stored(url, tables)


def stored(url, tables):
    """The columns of *tables* as the database has them now."""
    with opened(url) as connection:
        schema = reflected(connection)
        found = {}
        for name, sample in tables.items():
            if sample:
                table = schema.tables[name]
                columns = [table.c[column] for column in sample[0]]
                query = select(*columns).order_by(*table.primary_key)
                found[name] = [dict(r) for r in connection.execute(query).mappings()]
        return found


@contextmanager
def opened(url):
    engine = create(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def reflected(connection):
    schema = MetaData()
    schema.reflect(connection)
    return schema


def typed(table, row):
    """What SQLite keeps as a text or a number, as the column's own type."""
    return {name: value_of(table.c[name].type, value) for name, value in row.items()}


def value_of(kind, value):
    if value is None:
        return None
    if isinstance(kind, JSON):
        return json.loads(value)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    if isinstance(kind, Boolean):
        return bool(value)
    return UUID(value) if isinstance(kind, Uuid) else value
