"""``python -m signing`` at work: intake is played, everything else is real."""

import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.orders import Material, large, numbered, small
from bench.processes import cpu_seconds, memory_mb, reset_peak
from chassis import bus
from chassis.clock import utc_now
from chassis.consumer import Fetch
from chassis.objects.directory import DirectoryObjects
from chassis.outbox import Letter
from chassis.provision import ProvisionSettings, provision
from chassis.settings import NatsSettings
from chassis.signatures import Signer, Verifier
from ecopy import topology
from ecopy.events import CertificationOrdered, CopySealed, ManifestPage
from onebox.settings import for_child
from support import servers
from support.orders import order_of

TIMED = 200
WARM = 50
WINDOW = 64
"""Orders on the bus at once: the service is never idle and never swamped."""
WAIT_SECONDS = 120.0


@dataclass(frozen=True)
class ServiceFigures:
    cpu_ms: float
    growth_mb: float
    copies: int
    warm: int
    peak_mb: float
    large_mb: float
    large_pages: int


@dataclass
class Desk:
    """Intake's part: originals put in its bucket, orders said, answers heard."""

    folder: Path
    connection: bus.Bus
    fetch: Fetch
    pid: int
    ordinal: int = 1000

    async def put(self, content: bytes, key: str) -> None:
        await DirectoryObjects(self.folder / "scans").put(key, content)

    async def certify(self, orders: Iterable[CertificationOrdered]) -> None:
        """Order all, and wait until each is sealed; copies are thrown away."""
        waiting = list(orders)
        flying = 0
        while waiting or flying:
            batch, waiting = waiting[: WINDOW - flying], waiting[WINDOW - flying :]
            letters = [_letter(order) for order in batch]
            assert await self.connection.publish(letters) == len(letters)
            flying += len(batch)
            async with asyncio.timeout(WAIT_SECONDS):
                flying -= await self._hear()

    async def _hear(self) -> int:
        messages = await self.fetch(WINDOW)
        for message in messages:
            sealed = CopySealed.decode(message.body)
            (self.folder / "copies" / sealed.copy_ref.key).unlink()
            await message.ack()
        return len(messages)

    def orders(self, first: CertificationOrdered, many: int):
        """*many* orders, each of an entry of its own."""
        start = self.ordinal = self.ordinal + 1
        self.ordinal += many
        for order, at in zip(
            numbered(first, start), range(start, start + many), strict=False
        ):
            now = utc_now()
            changes = {"id": uuid4(), "at": now, "approved_at": now}
            entry = first.entry.rpartition("/")[0] + f"/{at}"
            yield order.model_copy(update={**changes, "entry": entry})


def _letter(order: CertificationOrdered) -> Letter:
    return Letter(1, order.id, order.subject, order.encode("intake"))


async def through_the_event(material: Material, copies: int) -> ServiceFigures:
    folder = material.folder / "service"
    folder.mkdir()
    intake, own = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    _lay_out(folder, material, intake, own)
    with servers.nats_server(folder) as nats:
        await provision(ProvisionSettings(nats_url=nats.url, nats_monitor=nats.monitor))
        environment = for_child(_environment(folder, material, nats.url))
        await _migrate(environment)
        command = [sys.executable, "-m", "signing"]
        log = folder / "signing.log"
        with servers.running(command, log, env=environment) as process:
            settings = NatsSettings(
                url=nats.url, signing_key_file="-", public_keys_file="-"
            )
            signer = Signer("intake", intake.private_bytes_raw())
            verifier = Verifier({"signing": own.public_key().public_bytes_raw()})
            async with bus.connect(settings, signer, verifier) as connection:
                fetch = await connection.fetch_from(topology.INTAKE_SEALED)
                desk = Desk(folder, connection, fetch, process.pid)
                return await _figures(desk, material, copies)


async def _figures(desk: Desk, material: Material, copies: int) -> ServiceFigures:
    """The large one last: what it leaves behind is not the growth of small ones."""
    cpu_ms = await _w3(desk, material)
    first = await _ordered(desk, material, *small())
    await desk.certify(desk.orders(first, WARM))
    before = memory_mb(desk.pid)
    await desk.certify(desk.orders(first, copies))
    growth = memory_mb(desk.pid) - before
    content, manifest = large()
    big = await _ordered(desk, material, content, manifest)
    size, pages = len(content) / 1e6, len(manifest)
    del content
    reset_peak(desk.pid)
    await desk.certify(desk.orders(big, 1))
    peak = memory_mb(desk.pid, "VmHWM")
    return ServiceFigures(cpu_ms, growth, copies, WARM, peak, size, pages)


async def _w3(desk: Desk, material: Material) -> float:
    """CPU ms a copy: of this process, its threads and the kernel's work for it."""
    text = (material.folder / "order.json").read_text()
    first = CertificationOrdered.model_validate_json(text)
    original = (material.folder / "original.pdf").read_bytes()
    await desk.put(original, first.original.key)
    await desk.certify(desk.orders(first, WARM))
    before = cpu_seconds(desk.pid)
    await desk.certify(desk.orders(first, TIMED))
    return (cpu_seconds(desk.pid) - before) * 1000 / TIMED


async def _ordered(
    desk: Desk, material: Material, content: bytes, manifest: tuple[ManifestPage, ...]
) -> CertificationOrdered:
    order = order_of(material.pki, content, manifest)
    await desk.put(content, order.original.key)
    return order


def _lay_out(
    folder: Path, material: Material, intake: Ed25519PrivateKey, own: Ed25519PrivateKey
) -> None:
    (folder / "signing.key").write_text(own.private_bytes_raw().hex())
    public = {"intake": intake.public_key().public_bytes_raw().hex()}
    (folder / "public.json").write_text(json.dumps(public))
    (folder / "trust.json").write_text(material.pki.trust.model_dump_json())


def _environment(folder: Path, material: Material, nats: str) -> dict[str, str]:
    own = {
        "DATABASE__URL": f"sqlite:///{folder}/signing.db",
        "NATS__URL": nats,
        "NATS__SIGNING_KEY_FILE": f"{folder}/signing.key",
        "NATS__PUBLIC_KEYS_FILE": f"{folder}/public.json",
        "SCANS__URL": f"file:{folder}/scans",
        "COPIES__URL": f"file:{folder}/copies",
        "TRUST_FILE": f"{folder}/trust.json",
        "KEYS_FILE": str(material.pki.keys_file),
        "TSA__URLS": json.dumps([material.pki.tsa_url]),
        "BIND__PORT": str(servers.free_port()),
        "DEMO": "true",
    }
    return {f"SIGNING__{key}": value for key, value in own.items()}


async def _migrate(environment: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "signing", "migrate", env=environment
    )
    assert await process.wait() == 0
