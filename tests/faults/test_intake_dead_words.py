"""``ecopy dead`` on a real bus with its real rights: what the operator reads, what is
written down, and what a consumer then hears.
"""

import asyncio
import subprocess
from types import SimpleNamespace

import pytest
from pydantic import SecretStr

from chassis import bus
from chassis.consumer import Subscription
from chassis.outbox import Letter
from chassis.settings import DatabaseSettings, NatsSettings, ObjectsSettings
from chassis.signatures import Signer, Verifier
from ecopy import topology
from ecopy.events import CertificationOrdered
from ecopy.refusals import Poison
from intake import console, wiring
from intake.adapters.sql.tables import audit
from intake.arguments import parser_for
from intake.settings import Settings
from intake.wiring import dead_words
from onebox import prepare, programs, tending
from onebox.places import Places, Ports
from onebox.supervisor import Supervisor
from support import build
from support.databases import make_ready
from support.houses import ecopy, six_free_ports
from support.waiting import until


@pytest.fixture
async def home(tmp_path):
    """The onebox's bus and keys, intake's database; signing cannot read its orders."""
    places = Places(tmp_path / "var")
    prepare.make_keys(places)
    ports = Ports.starting_at(six_free_ports())
    (places / "db").mkdir()
    make_ready(places.database("intake"), console.MIGRATIONS)
    supervisor = Supervisor(places, back_off=(0.1,))
    await supervisor.start(programs.nats(places, ports))
    try:
        await supervisor.ready("nats")
        await tending.provision(places, ports)
        yield SimpleNamespace(places=places, ports=ports, supervisor=supervisor)
    finally:
        await supervisor.stop()


def nats_of(home, user):
    return NatsSettings(
        url=f"nats://127.0.0.1:{home.ports.nats}",
        user_file=home.places.bus_keys / f"{user}.seed",
        signing_key_file=home.places.event_keys / f"{user}.key",
        public_keys_file=home.places.event_keys / "public.json",
    )


def connected(home, user, key=None):
    """As that service; *key* is whose signature it writes."""
    settings = nats_of(home, user)
    signer = Signer.from_file(user, home.places.event_keys / f"{key or user}.key")
    return bus.connect(settings, signer, Verifier.from_file(settings.public_keys_file))


async def dead(home, capsys, *words):
    parser = parser_for(None)
    settings = Settings(
        database=DatabaseSettings(url=SecretStr(home.places.database("intake"))),
        nats=nats_of(home, "intake"),
        scans=ObjectsSettings(url=home.places.bucket("scans")),
        public_host="https://hoaban.example",
        trust_file=home.places.trust,
        agencies_file=home.places.agencies,
        link_key_file=home.places.link_key,
    )
    status = await dead_words.run(settings, parser.parse_args(["dead", *words]))
    said = capsys.readouterr()
    return status, said.out + said.err


async def lines_of_audit(home):
    async with wiring.open_database(home.places.database("intake")) as store:
        return await store.read(
            lambda tx: [
                (row.actor, row.action, row.values["letter"])
                for row in tx.execute(audit.select().order_by(audit.c.seq))
            ]
        )


class Reader:
    mended = False

    def __init__(self):
        self.handled = []

    async def __call__(self, event):
        if not self.mended:
            raise Poison("no such field")
        self.handled.append(event.entry)


async def test_an_operator_lists_shows_and_replays(home, capsys):
    """A good letter is heard again by the consumer that parked it; a forged one is
    shown and refused; each act but the list is in the audit, as the operator's.
    """
    event, reader, stop = build.ordered(), Reader(), asyncio.Event()
    letter = Letter(1, event.id, event.subject, event.encode("intake"))
    async with connected(home, "intake") as good:
        assert await good.publish([letter]) == 1
    async with connected(home, "intake", key="storage") as forging:
        forged = build.ordered(entry="H99/E/2026/666")
        body = forged.encode("intake")
        assert await forging.publish([Letter(2, forged.id, forged.subject, body)]) == 1
    async with connected(home, "signing") as signing:
        subscription = Subscription(
            topology.SIGNING_ORDERED, CertificationOrdered, reader
        )
        consuming = asyncio.create_task(signing.consume(subscription, stop, at_once=4))

        async def parked():
            return "2 letters, 2 new" in (await dead(home, capsys, "list"))[1]

        await until(parked)
        (_, listed) = await dead(home, capsys, "list")
        numbers = {
            part: line.split()[0]
            for line in listed.splitlines()
            for part in (event.entry, forged.entry)
            if part in line
        }
        status, shown = await dead(home, capsys, "show", numbers[event.entry])
        assert status == 0
        assert "đúng của intake" in shown
        assert str(event.id) in shown
        status, shown = await dead(home, capsys, "replay", numbers[forged.entry])
        assert status == 1
        assert "nothing was sent" in shown
        assert f"letter {numbers[forged.entry]}" in shown

        reader.mended = True
        status, _ = await dead(
            home, capsys, "replay", numbers[event.entry], "--why", "a new version"
        )
        assert status == 0
        await until(lambda: reader.handled)
        stop.set()
        await consuming
    status, _ = await dead(home, capsys, "dismiss", numbers[forged.entry])
    assert status == 0
    assert reader.handled == [event.entry]
    (_, listed) = await dead(home, capsys, "list")
    assert "đã chạy lại" in listed
    assert "2 letters, 0 new" in listed
    assert await lines_of_audit(home) == [
        ("operator", "letter-shown", int(numbers[event.entry])),
        ("operator", "letter-replayed", int(numbers[event.entry])),
        ("operator", "letter-dismissed", int(numbers[forged.entry])),
    ]
    assert (await dead(home, capsys, "show", "77"))[0] == 1
    assert (await dead(home, capsys, "replay", "1", "--why", "x" * 301))[0] == 1


async def test_without_a_bus_the_command_says_so(home, capsys):
    """At once, with its own exit status; nothing is written down."""
    await home.supervisor.stop()
    for words in (("list",), ("show", "1"), ("replay", "1")):
        status, said = await dead(home, capsys, *words)
        assert status == 3
        assert "Hàng đợi tin không trả lời" in said
    assert await lines_of_audit(home) == []


async def test_ecopy_runs_it_where_the_house_is(home):
    """The onebox's word finds bus, keys and database by itself."""
    command = ecopy(home.places.var, home.ports.intake)
    listed = await asyncio.to_thread(
        subprocess.run,
        [*command, "dead", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "there are no dead letters" in listed.stdout
