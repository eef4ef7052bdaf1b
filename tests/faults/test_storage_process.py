"""Storage as a process over a real bus: killed at every durable step, started again,
the copy comes out once."""

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from chassis.bus import connect
from chassis.outbox import Letter
from chassis.provision import ProvisionSettings as Provision
from chassis.provision import consumer_config, provision
from chassis.settings import NatsSettings
from chassis.signatures import Signer, Verifier
from ecopy import topology
from ecopy.events import CertificationVoided
from nats import connect as connect_nats
from storage.domain.copies import archive_key
from support import servers
from support.forging.copy import PINS, good
from support.forging.pki import trust_document
from support.storage import TOKEN, sealed
from support.waiting import until

SEEDS = {
    name: bytes([n]) * 32 for n, name in enumerate(("intake", "signing", "storage"))
}
ROOT = Path(__file__).parents[2]
ROOTS = ("libs", "services")
SOON = tuple(
    replace(consumer, ack_wait_seconds=2.0)
    for consumer in (
        topology.STORAGE_ORDERED,
        topology.STORAGE_SEALED,
        topology.STORAGE_VOIDED,
    )
)
"""A killed process's messages come again after two seconds, not sixty."""
CLOSED = "ecopy.certification.closed.v1"
UNPUBLISHED = "SELECT 1 FROM outbox WHERE published_at IS NULL"
POINTS = (
    "storage-order-recorded",
    "storage-received",
    "storage-gated",
    "storage-archived-object",
    "storage-catalogued",
    "relay-published",
)
UNFINISHED = "storage-unfinished-aside"
"""Reached where half an object lies in the copy's place."""


@pytest.fixture(scope="module")
def made():
    return good(link_token_sha256=sha256(TOKEN.encode()).hexdigest())


class Service:
    """``python -m storage`` with its own files under one directory."""

    def __init__(self, directory, nats, made) -> None:
        self.directory = directory
        self.port = servers.free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        (directory / "key").write_text(SEEDS["storage"].hex())
        keys = {name: public(seed).hex() for name, seed in SEEDS.items()}
        (directory / "keys.json").write_text(json.dumps(keys))
        trust = trust_document(made.pki, PINS).model_copy(update={"demo": True})
        (directory / "trust.json").write_text(trust.model_dump_json())
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in ROOTS),
            "STORAGE__DATABASE__URL": f"sqlite:///{directory}/storage.db",
            "STORAGE__NATS__URL": nats.url,
            "STORAGE__NATS__SIGNING_KEY_FILE": str(directory / "key"),
            "STORAGE__NATS__PUBLIC_KEYS_FILE": str(directory / "keys.json"),
            "STORAGE__COPIES__URL": f"file:{directory}/copies",
            "STORAGE__ARCHIVE__URL": f"file:{directory}/archive",
            "STORAGE__TRUST_FILE": str(directory / "trust.json"),
            "STORAGE__PUBLIC_HOST": self.base,
            "STORAGE__DEMO": "true",
            "STORAGE__BIND__PORT": str(self.port),
        }

    def run(self, *arguments, **more):
        command = [sys.executable, "-m", "storage", *arguments]
        return subprocess.run(
            command,
            env=self.environment | more,
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    @contextlib.contextmanager
    def running(self, **more):
        command = [sys.executable, "-m", "storage"]
        log = self.directory / "storage.log"
        with servers.running(command, log, env=self.environment | more) as process:
            yield process

    async def answers(self, path="/readyz"):
        async with httpx.AsyncClient(base_url=self.base, timeout=5) as client:
            with contextlib.suppress(httpx.TransportError):
                return (await client.get(path)).status_code == 200
        return False

    def rows(self, sql):
        with contextlib.closing(
            sqlite3.connect(f"file:{self.directory}/storage.db?mode=ro", uri=True)
        ) as database:
            return database.execute(sql).fetchall()


def public(seed):
    return Signer("x", seed)._key.public_key().public_bytes_raw()


async def say(nats, service, event):
    """Publish as *service* does, signed with its key."""
    settings = NatsSettings(
        url=nats.url, signing_key_file="unused", public_keys_file="unused"
    )
    letter = Letter(1, event.id, event.subject, event.encode(service))
    keys = Verifier({name: public(seed) for name, seed in SEEDS.items()})
    async with connect(settings, Signer(service, SEEDS[service]), keys) as bus:
        assert await bus.publish([letter]) == 1


@pytest.fixture
async def nats(tmp_path):
    directory = tmp_path / "nats"
    directory.mkdir()
    with servers.nats_server(directory) as server:
        await provision(Provision(nats_url=server.url, nats_monitor=server.monitor))
        client = await connect_nats(server.url)
        for consumer in SOON:
            config = consumer_config(consumer)
            await client.jetstream().add_consumer(topology.STREAM, config=config)
        await client.close()
        yield server


@pytest.mark.parametrize("point", [*POINTS, UNFINISHED])
async def test_killed_at_a_durable_step_the_copy_comes_out_once(
    tmp_path, nats, made, point
):
    """kill −9 at the step, a start: one object, one line, one event, no hand needed."""
    service = Service(tmp_path, nats, made)
    assert service.run("migrate").returncode == 0
    content = made.write()
    event = sealed(content, entry=made.order.entry)
    place = tmp_path / "copies" / event.copy_ref.key
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    if point == UNFINISHED:
        half = tmp_path / "archive" / archive_key(made.order.entry)
        half.parent.mkdir(parents=True)
        half.write_bytes(content[: len(content) // 2])
    with service.running(STORAGE__CRASH_AT=point) as process:
        await say(nats, "intake", made.order)
        await until(lambda: service.rows("SELECT 1 FROM orders"))
        await say(nats, "signing", event)
        await until(lambda: process.poll() is not None)
        assert process.returncode == -9

    with service.running():
        await until(lambda: service.answers(f"/c/{TOKEN}/download"))
        await until(lambda: not service.rows(UNPUBLISHED))
        async with httpx.AsyncClient(base_url=service.base) as client:
            answer = (await client.post("/v1/verify", content=content)).json()
    assert answer["verdict"] == "genuine"
    assert service.rows("SELECT count(*) FROM copies") == [(1,)]
    archived = "ecopy.copy.archived.v1"
    subjects = service.rows("SELECT subject FROM outbox")
    assert subjects.count((archived,)) == 1


async def test_killed_behind_a_closure_the_number_is_closed_once(tmp_path, nats, made):
    """kill −9 right after it committed, a start: one closure, one event, no copy."""
    service = Service(tmp_path, nats, made)
    assert service.run("migrate").returncode == 0
    word = CertificationVoided(at=made.order.at, entry=made.order.entry, revision=2)
    with service.running(STORAGE__CRASH_AT="storage-closed") as process:
        await say(nats, "intake", word)
        await until(lambda: process.poll() is not None)
        assert process.returncode == -9
    with service.running():
        await say(nats, "intake", made.order)
        published = f"SELECT 1 FROM outbox WHERE subject = '{CLOSED}'"
        await until(lambda: service.rows(f"{published} AND published_at IS NOT NULL"))
        await until(lambda: len(service.rows(published)) == 2)
    assert service.rows("SELECT revision FROM closures") == [(2,)]
    assert service.rows("SELECT 1 FROM copies") == []


async def test_it_stops_when_told_to(tmp_path, nats, made):
    """SIGTERM: the process ends by itself within 10 seconds, with 0."""
    service = Service(tmp_path, nats, made)
    assert service.run("migrate").returncode == 0
    with service.running() as process:
        await until(service.answers)
        process.terminate()
        assert process.wait(10) == 0


async def test_production_refuses_a_development_authority(tmp_path, nats, made):
    """Without the demo's flag it does not start, and says what to do."""
    service = Service(tmp_path, nats, made)
    ended = service.run(STORAGE__DEMO="false")
    assert ended.returncode != 0
    assert "STORAGE__DEMO=true" in ended.stderr


async def test_plain_http_is_for_loopback(tmp_path, nats, made):
    """On another address a proxy that ends TLS is required."""
    service = Service(tmp_path, nats, made)
    ended = service.run(STORAGE__BIND__HOST="0.0.0.0")
    assert ended.returncode != 0
    assert "STORAGE__TLS__BEHIND_PROXY=true" in ended.stderr
