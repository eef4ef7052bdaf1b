"""The whole service over a real nats-server and a real port: order out, facts in."""

import asyncio
import contextlib
import json
import re
import shutil
import threading

import httpx
import pytest
from pydantic import SecretStr

from chassis.bus import connect
from chassis.consumer import Subscription, consume
from chassis.database import Database
from chassis.marks import MarkStream
from chassis.migration import migrate
from chassis.outbox import Letter
from chassis.provision import ProvisionSettings, provision
from chassis.settings import (
    BindSettings,
    DatabaseSettings,
    NatsSettings,
    ObjectsSettings,
)
from chassis.signatures import Signer, Verifier
from corpus import scans
from ecopy import topology
from ecopy.events import CertificationOrdered, CopyArchived
from ecopy.marks import Marks
from intake import console, wiring
from intake.settings import DeskBindSettings, Settings
from support import build, intake, servers
from support.waiting import until

SEEDS = {
    name: bytes([n]) * 32 for n, name in enumerate(("intake", "storage", "signing"), 1)
}
SIGNERS = {name: Signer(name, seed) for name, seed in SEEDS.items()}
PUBLIC = {
    name: signer._key.public_key().public_bytes_raw().hex()
    for name, signer in SIGNERS.items()
}


@pytest.fixture
async def nats(tmp_path):
    (tmp_path / "nats").mkdir()
    with servers.nats_server(tmp_path / "nats") as server:
        provisioning = ProvisionSettings(
            nats_url=server.url, nats_monitor=server.monitor
        )
        await provision(provisioning)
        await tell_marks(server)
        yield server


async def tell_marks(server):
    """As signing and storage do when they start; a new house has no number yet."""
    verifier = Verifier({n: bytes.fromhex(key) for n, key in PUBLIC.items()})
    unused = {"signing_key_file": "unused", "public_keys_file": "unused"}
    told = NatsSettings(url=server.url, **unused)
    for name in topology.MARKERS:
        async with connect(told, SIGNERS[name], verifier) as bus:
            await MarkStream(bus.retained).publish(name, Marks(at=build.NOON))


@pytest.fixture
def settings(tmp_path, nats):
    (tmp_path / "trust.json").write_text(intake.trust().model_dump_json())
    (tmp_path / "agencies.toml").write_text(intake.AGENCIES)
    (tmp_path / "link.key").write_text(bytes(range(32)).hex())
    (tmp_path / "intake.key").write_text(SEEDS["intake"].hex())
    (tmp_path / "public.json").write_text(json.dumps(PUBLIC))
    return Settings(
        database=DatabaseSettings(url=SecretStr(f"sqlite:///{tmp_path}/intake.db")),
        nats=NatsSettings(
            url=nats.url,
            signing_key_file=tmp_path / "intake.key",
            public_keys_file=tmp_path / "public.json",
        ),
        scans=ObjectsSettings(url=f"file:{tmp_path}/scans"),
        public_host="https://hoaban.example",
        trust_file=tmp_path / "trust.json",
        agencies_file=tmp_path / "agencies.toml",
        link_key_file=tmp_path / "link.key",
        demo=True,
        bind=DeskBindSettings(port=servers.free_port()),
    )


@contextlib.asynccontextmanager
async def serving(settings):
    stop = asyncio.Event()
    async with (
        wiring.assemble(settings) as tasks,
        asyncio.TaskGroup() as group,
    ):
        for task in tasks:
            group.create_task(task(stop))
        yield f"http://127.0.0.1:{settings.bind.port}"
        stop.set()


@contextlib.asynccontextmanager
async def other_service(settings, name):
    verifier = Verifier({n: bytes.fromhex(key) for n, key in PUBLIC.items()})
    async with connect(settings.nats, SIGNERS[name], verifier) as bus:
        yield bus


async def ordered(bus):
    """The order as storage hears it, its publisher's signature checked."""
    orders: asyncio.Queue[CertificationOrdered] = asyncio.Queue()
    consumer = topology.STORAGE_ORDERED
    subscription = Subscription(consumer, CertificationOrdered, orders.put)
    fetch, stop = await bus.fetch_from(consumer), asyncio.Event()

    async def park(_message, why):
        raise AssertionError(why)

    listening = asyncio.create_task(consume(subscription, fetch, park, stop, at_once=1))
    async with asyncio.timeout(20):
        order = await orders.get()
    stop.set()
    await listening
    return order


async def test_order_goes_out_and_issued_comes_back(settings):
    """Approved over HTTP, ordered over the bus, archived by event, link shown."""
    url = settings.database.url.get_secret_value()
    migrate(url, console.MIGRATIONS)
    store = Database(url)
    await intake.hire(store, intake.Hands())
    await store.close()
    async with (
        serving(settings) as origin,
        other_service(settings, "storage") as storage,
        httpx.AsyncClient(base_url=origin, timeout=30) as http,
    ):
        await until(lambda: _up(http))
        clerk, certifier = await _session(http, "ha"), await _session(http, "vinh")
        made = await http.post("/cases", data=intake.CASE, headers=clerk)
        document = made.headers["location"].removesuffix("/desk")
        code = document.rsplit("/", 1)[-1].rsplit("-", 1)[0]
        file = {"files": ("bang.pdf", scans.small_pdf())}
        await http.post(f"{document}/files", files=file, headers=clerk)
        for act in ("compare", "submit"):
            state = (await http.get(f"/v1/cases/{code}", headers=clerk)).json()
            (paper,) = state["documents"]
            version = {"version": paper["version"], "all_present": "1"}
            version["page"] = [picture["page"] for picture in paper["pictures"]]
            await http.post(f"{document}/{act}", data=version, headers=clerk)
        state = (await http.get(f"/v1/cases/{code}", headers=clerk)).json()
        (paper,) = state["documents"]
        for picture in paper["pictures"]:
            await http.get(picture["url"], headers=certifier)
        seen = [picture["page"] for picture in paper["pictures"]]
        approval = {"version": paper["version"], "seen": seen}
        approved = await http.post(
            f"/v1{document}/approve", json=approval, headers=certifier
        )
        assert approved.status_code == 200, approved.text
        order = await ordered(storage)
        assert order.entry == approved.json()["entry"]
        fact = CopyArchived(
            at=order.at,
            entry=order.entry,
            copy_ref=build.ref(b"copy", "archive"),
            pages=2,
        )
        letter = Letter(1, fact.id, fact.subject, fact.encode("storage"))
        assert await storage.publish([letter]) == 1

        async def issued():
            answer = await http.get(f"/v1/cases/{code}", headers=clerk)
            return answer.json()["state"] == "issued"

        await until(issued)
        page = await http.get(f"/cases/{code}", headers=clerk | {"Accept": "text/html"})
        token = re.search(r"https://hoaban\.example/c/([\w-]+)", page.text)[1]
        assert build.digest(token.encode()) == order.link_token_sha256


async def test_prometheus_is_told_what_waits_and_what_is_away(settings, nats):
    """On the operations network's own port: papers, outbox, queues, disk and bus; a bus
    that goes away is said, and the rest goes on being measured.
    """
    migrate(settings.database.url.get_secret_value(), console.MIGRATIONS)
    at = BindSettings(port=servers.free_port())
    watched = settings.model_copy(update={"operations": at})
    async with (
        serving(watched) as origin,
        httpx.AsyncClient(base_url=origin, timeout=30) as http,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{at.port}", timeout=30) as asks,
    ):
        await until(lambda: _up(http))
        page = (await asks.get("/metrics")).text
        for line in (
            'ecopy_up{service="intake",part="database"} 1',
            'ecopy_up{service="intake",part="bus"} 1',
            'ecopy_outbox_waiting{service="intake"} 0',
            'ecopy_queue_waiting{consumer="intake-archived"} 0',
            "ecopy_dead_letters_new 0",
            'ecopy_reconcile{service="intake",counter="gap"} 0',
        ):
            assert line in page.splitlines()
        assert 'ecopy_disk_free_bytes{service="intake",place="scans"}' in page
        assert (await asks.get("/sign-in")).status_code == 404
        nats.kill()

        async def told():
            return 'part="bus"} 0' in (await asks.get("/metrics")).text

        await until(told)
        assert 'part="database"} 1' in (await asks.get("/metrics")).text


async def test_not_ready_without_its_consumers(settings, nats):
    """One taken from the bus: not ready, but alive; made again: ready again."""
    migrate(settings.database.url.get_secret_value(), console.MIGRATIONS)
    async with (
        serving(settings) as origin,
        other_service(settings, "storage") as storage,
        httpx.AsyncClient(base_url=origin, timeout=30) as http,
    ):
        await until(lambda: _up(http))
        durable = topology.INTAKE_ARCHIVED.durable
        await storage._js.delete_consumer(topology.STREAM, durable)

        async def down():
            return (await http.get("/readyz")).status_code == 503

        await until(down)
        assert (await http.get("/healthz")).status_code == 200
        await provision(ProvisionSettings(nats_url=nats.url, nats_monitor=nats.monitor))
        await until(lambda: _up(http))


async def test_not_ready_until_the_highest_numbers_were_heard(settings, nats):
    """The bus has the stream and nobody's mark: alive and not ready; told: ready, and
    it stays so when the bus goes away.
    """
    nats.kill()
    shutil.rmtree(nats.directory / "js")
    nats.start()
    await provision(ProvisionSettings(nats_url=nats.url, nats_monitor=nats.monitor))
    migrate(settings.database.url.get_secret_value(), console.MIGRATIONS)
    async with (
        serving(settings) as origin,
        httpx.AsyncClient(base_url=origin, timeout=30) as http,
    ):

        async def alive():
            with contextlib.suppress(httpx.TransportError):
                return (await http.get("/healthz")).status_code == 200

        await until(alive)
        assert not await _up(http)
        await tell_marks(nats)
        await until(lambda: _up(http))
        nats.kill()
        assert await _up(http)
        nats.start()


OPENED = ("writer", "reader", "argon2")
"""Threads of what the service opens: the database's and the password hasher's."""


async def test_a_task_that_fails_leaves_nothing_open(settings, nats):
    """Whoever opens closes: threads, bus and door are gone whatever ended the tasks."""
    migrate(settings.database.url.get_secret_value(), console.MIGRATIONS)
    before = set(threading.enumerate())

    def threads():
        names = [each.name for each in threading.enumerate() if each not in before]
        return [name for name in names if name.startswith(OPENED)]

    async def use_and_fail(http):
        await until(lambda: _up(http))
        typed = {"user": "ha", "password": "wrong"}
        assert (await http.post("/v1/sign-in", json=typed)).status_code == 401
        assert {name.split("_")[0] for name in threads()} == set(OPENED)
        assert await _connected(http, nats) == 1
        raise RuntimeError("the fault of one task")

    async def run(http):
        async with wiring.assemble(settings) as tasks, asyncio.TaskGroup() as group:
            for task in tasks:
                group.create_task(task(asyncio.Event()))
            group.create_task(use_and_fail(http))

    origin = f"http://127.0.0.1:{settings.bind.port}"
    async with httpx.AsyncClient(base_url=origin, timeout=30) as http:
        with pytest.raises(ExceptionGroup) as ended:
            await run(http)
        assert ended.group_contains(RuntimeError, match="the fault of one task")
        assert not await _up(http)
        assert await _connected(http, nats) == 0

    async def gone():
        return not threads()

    await until(gone)


async def _connected(http, nats):
    """How many clients the bus has."""
    answer = await http.get(f"{nats.monitor}/connz")
    return answer.json()["num_connections"]


async def _up(http):
    try:
        return (await http.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


async def _session(http, user):
    credentials = {"user": user, "password": intake.PASSWORD}
    answer = await http.post("/v1/sign-in", json=credentials)
    return {"Authorization": f"Bearer {answer.json()['session']}"}
