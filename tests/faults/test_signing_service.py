"""The signing service as a process: a real bus, SQLite, directories, a development
authority; killed at each of its named steps.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis import bus
from chassis.database import Database
from chassis.objects.directory import DirectoryObjects
from chassis.outbox import Letter
from chassis.provision import ProvisionSettings, provision
from chassis.settings import NatsSettings
from chassis.signatures import Signer, Verifier
from ecopy import topology
from ecopy.events import CertificationHalted, CertificationOrdered, CopySealed
from ecopy.refusals import Reason
from signing.adapters.journal.journal import SqlSealJournal
from support import servers
from support.authority import Pki, authority
from support.orders import order_of
from support.originals import full_page, jpeg, original_of
from support.waiting import until

ROOT = Path(__file__).parents[2]
POINTS = (
    "signing-received",
    "signing-intent-written",
    "signing-officer-signed",
    "signing-sealed",
    "signing-stored",
    "signing-outcome-committed",
)
SECONDS = 120.0


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("authority")) as served:
        yield served


@dataclass
class Service:
    """``python -m signing`` and everything around it."""

    folder: Path
    pki: Pki
    nats: servers.Nats
    intake: Ed25519PrivateKey
    own: Ed25519PrivateKey
    port: int

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder}/signing.db"

    @property
    def copies(self) -> list[Path]:
        return sorted((self.folder / "copies").glob("**/*.pdf"))

    def environment(self, **changes: str) -> dict[str, str]:
        own = {
            "DATABASE__URL": self.database_url,
            "NATS__URL": self.nats.url,
            "NATS__SIGNING_KEY_FILE": f"{self.folder}/signing.key",
            "NATS__PUBLIC_KEYS_FILE": f"{self.folder}/public.json",
            "SCANS__URL": f"file:{self.folder}/scans",
            "COPIES__URL": f"file:{self.folder}/copies",
            "TRUST_FILE": f"{self.folder}/trust.json",
            "KEYS_FILE": str(self.pki.keys_file),
            "TSA__URLS": json.dumps([self.pki.tsa_url]),
            "BIND__PORT": str(self.port),
            "DEMO": "true",
            **changes,
        }
        roots = os.pathsep.join(str(ROOT / r) for r in ("libs", "services"))
        named = {f"SIGNING__{key}": value for key, value in own.items()}
        return {"PATH": "/usr/bin:/bin", "PYTHONPATH": roots, **named}

    def migrate(self) -> None:
        subprocess.run(
            [sys.executable, "-m", "signing", "migrate"],
            env=self.environment(),
            check=True,
        )

    def read_journal(self, *words: str) -> subprocess.CompletedProcess[str]:
        """``python -m signing journal-verify``."""
        return subprocess.run(
            [sys.executable, "-m", "signing", "journal-verify", *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def running(self, **changes: str):
        return servers.running(
            [sys.executable, "-m", "signing"],
            self.folder / "signing.log",
            env=self.environment(**changes),
        )

    async def order(self) -> CertificationOrdered:
        """Put an original in intake's bucket and publish its order as intake."""
        original, manifest = original_of([full_page(jpeg())])
        order = order_of(self.pki, original, manifest)
        scans = DirectoryObjects(self.folder / "scans")
        await scans.put(order.original.key, original)
        await self.publish(order)
        return order

    async def publish(self, order: CertificationOrdered) -> None:
        letter = Letter(1, order.id, order.subject, order.encode("intake"))
        async with self.connected() as connection:
            assert await connection.publish([letter]) == 1

    async def next(self, consumer: topology.Consumer):
        """The next event for intake, acknowledged."""
        async with self.connected() as connection:
            fetch = await connection.fetch_from(consumer)
            async with asyncio.timeout(SECONDS):
                while not (messages := await fetch(1)):
                    pass
            messages[0].verify()
            await messages[0].ack()
            return consumer.event.decode(messages[0].body)

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[bus.Bus]:
        settings = NatsSettings(
            url=self.nats.url, signing_key_file="-", public_keys_file="-"
        )
        signer = Signer("intake", self.intake.private_bytes_raw())
        verifier = Verifier({"signing": self.own.public_key().public_bytes_raw()})
        async with bus.connect(settings, signer, verifier) as connection:
            yield connection

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=5
            ) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except urllib.error.URLError:
            return 0, ""


@pytest.fixture
async def service(tmp_path, pki):
    intake, own = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    (tmp_path / "signing.key").write_text(own.private_bytes_raw().hex())
    public = {"intake": intake.public_key().public_bytes_raw().hex()}
    (tmp_path / "public.json").write_text(json.dumps(public))
    (tmp_path / "trust.json").write_text(pki.trust.model_dump_json())
    with servers.nats_server(tmp_path) as nats:
        await provision(ProvisionSettings(nats_url=nats.url, nats_monitor=nats.monitor))
        made_ready = Service(tmp_path, pki, nats, intake, own, servers.free_port())
        made_ready.migrate()
        yield made_ready


async def test_an_order_becomes_a_sealed_copy(service):
    """From the signed order event to the signed copy.sealed event, with the bytes."""
    with service.running():
        order = await service.order()
        sealed = await service.next(topology.INTAKE_SEALED)
        await until(lambda: service.get("/healthz")[0] == 200)
        assert "ecopy_signing_orders_done_total 1" in service.get("/metrics")[1]
        metrics = service.get("/metrics")[1]
        for name in ("certificate_days_left", "tsa_room_bytes", "revocation_age"):
            assert f"ecopy_signing_{name}" in metrics
        counted = 'consumer="signing-ordered",outcome="handled"'
        assert f"ecopy_deliveries_total{{{counted}}}" in metrics
        assert 'ecopy_up{service="signing",part="bus"} 1' in metrics
        assert 'ecopy_outbox_oldest_seconds{service="signing"}' in metrics
        assert service.get("/")[0] == 404
    assert isinstance(sealed, CopySealed)
    assert sealed.entry == order.entry
    (copy,) = service.copies
    assert copy.stat().st_size == sealed.copy_ref.size
    assert copy.relative_to(service.folder / "copies").as_posix() == sealed.copy_ref.key


async def test_a_lost_journal_is_not_ready(service):
    """A new one beside the copies of before: /healthz is what others wait for."""
    await DirectoryObjects(service.folder / "copies").put("H99/x/0.pdf", b"a copy")
    with service.running():
        await until(lambda: service.get("/healthz")[0] == 503)
    assert "journal_forgotten" in (service.folder / "signing.log").read_text()


async def test_a_try_that_a_crash_ended_is_listed_as_open(service):
    """Killed between intent and outcome: the reading names the try; the file unbroken,
    a cut end is found by the head noted before, and no journal at all is no success.
    """
    with service.running(CRASH_AT="signing-intent-written") as process:
        order = await service.order()
        await asyncio.to_thread(process.wait, SECONDS)
    report = service.read_journal()
    assert report.returncode == 0, report.stdout + report.stderr
    assert f"open: 1\n  row 1 · {order.entry} · revision 1" in report.stdout
    (head,) = (
        line.removeprefix("head: ")
        for line in report.stdout.splitlines()
        if line.startswith("head: ")
    )
    assert service.read_journal("--noted", head).returncode == 0
    assert service.read_journal("--noted", f"2:{'0' * 64}").returncode == 1
    (service.folder / "signing.db").unlink()
    nothing = service.read_journal()
    assert (nothing.returncode, "SIGNING__DATABASE__URL" in nothing.stdout) == (3, True)
    assert "Traceback" not in nothing.stderr


async def test_a_missing_original_halts_and_says_so(service):
    with service.running():
        original, manifest = original_of([full_page(jpeg())])
        order = order_of(service.pki, original, manifest)
        await service.publish(order)
        halted = await service.next(topology.INTAKE_HALTED)
    assert isinstance(halted, CertificationHalted)
    assert halted.reason is Reason.ORIGINAL_MISSING
    assert service.copies == []


@pytest.mark.parametrize("point", POINTS)
async def test_killed_at_any_step_it_makes_one_copy(service, point):
    """kill −9 at a durable step, then a start: one copy, one event, whole journal."""
    with service.running(CRASH_AT=point) as process:
        order = await service.order()
        await asyncio.to_thread(process.wait, SECONDS)
        assert process.returncode == -9
    with service.running() as process:
        # The server redelivers only after ack_wait; the same order comes sooner so.
        await service.publish(order.model_copy(update={"id": uuid4()}))
        sealed = await service.next(topology.INTAKE_SEALED)
        process.kill()
    (copy,) = service.copies
    assert copy.name == f"{sealed.copy_ref.sha256}.pdf"
    store = Database(service.database_url)
    journal = SqlSealJournal(store, lambda: sealed.at)
    chain = await journal.verify()
    assert chain.head.rows >= 3
    assert chain.loose == ()
    used_and_lost = point in ("signing-intent-written", "signing-officer-signed")
    assert len(chain.open) == (used_and_lost or point == "signing-sealed")
    history = await journal.history(sealed.entry)
    assert (history.sealed, history.undecided) == (True, ())
    await store.close()


def test_production_refuses_a_development_authority(tmp_path, pki):
    """Without SIGNING__DEMO the process ends and says what to do."""
    (tmp_path / "trust.json").write_text(pki.trust.model_dump_json())
    service = Service(tmp_path, pki, servers.Nats(tmp_path, 1, 1), None, None, 1)
    ended = subprocess.run(
        [sys.executable, "-m", "signing"],
        env=service.environment(DEMO="false"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "development authority" in ended.stderr
