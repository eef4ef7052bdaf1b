"""A timestamp authority fails in every way there is: the copy waits visibly, no key is
used in vain, and it comes out under the same number when the authority is back.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select

from chassis import migration, outbox
from chassis.clock import utc_now
from chassis.consumer import deliver
from chassis.database import Database
from chassis.objects.directory import DirectoryObjects
from ecopy.events import CertificationDelayed, CertificationOrdered, CopySealed
from ecopy.refusals import Hindrance
from onebox.timestamps import POLICY
from signing import console, wiring, worker
from signing.adapters.authorities.governor import RequestLimits
from signing.adapters.authorities.http_client import HttpClient
from signing.adapters.authorities.timestamp_tokens import TokenRules
from signing.adapters.authorities.timestamps import Timestamps
from signing.adapters.cms import certificate_chains
from signing.adapters.journal.journal import SqlSealJournal
from signing.adapters.journal.tables import seal_journal
from signing.adapters.key_caps import KeyCaps
from storage.domain.gate import compile_trust, gate
from support.authority import Pki, authority
from support.faulty_tsa import (
    CONTENT_FAULTS,
    HTTP_FAULTS,
    PATIENCE,
    SLOW_FAULTS,
    faulty_tsa,
)
from support.orders import order_of
from support.originals import full_page, jpeg, original_of
from support.sealed import sealer_of
from support.servers import free_port

TIMEOUT_SECONDS = 10.0
"""Long enough for an answer on a busy machine; three faults wait for it."""


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    with authority(tmp_path_factory.mktemp("authority")) as served:
        yield served


class Clock:
    """The authority's, the governor's and the signer's; moved by hand."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self):
        return utc_now() + self.ahead


@dataclass
class Message:
    """A delivery of the order; notes its answer."""

    body: bytes
    deliveries: int
    acknowledged: bool = False
    again_in: float | None = None
    parked: list[str] = field(default_factory=list)

    def verify(self) -> None: ...

    async def ack(self) -> None:
        self.acknowledged = True

    async def nak(self, delay_seconds: float) -> None:
        self.again_in = delay_seconds

    async def term(self) -> None: ...
    async def in_progress(self) -> None: ...


@dataclass
class Service:
    """Signing as ``wiring`` binds it, over SQLite and directories, without a bus."""

    pki: Pki
    folder: Path
    store: Database
    threads: ThreadPoolExecutor
    web: HttpClient
    clock: Clock
    deliveries: int = 0
    order: CertificationOrdered | None = None
    original: bytes = b""
    signing: object = None

    async def start(self, *urls: str, cap: int = 0, **changes) -> None:
        rules = TokenRules(
            certificate_chains.parsed(self.pki.trust.timestamps), {POLICY}
        )
        stamps = Timestamps(urls, rules, self.web.fetch, self.clock, **changes)
        sealer = sealer_of(
            self.pki,
            self.threads,
            timestamps=stamps,
            clock=self.clock,
            caps=KeyCaps(cap, self.clock),
        )
        scans = DirectoryObjects(self.folder / "scans")
        copies = DirectoryObjects(self.folder / "copies")
        journal = SqlSealJournal(self.store, utc_now)
        self.signing = wiring.bind(
            scans, copies, sealer, journal, self.threads, clock=self.clock
        )
        if self.order is None:
            await self._ordered()

    async def _ordered(self) -> None:
        original, manifest = original_of([full_page(jpeg())])
        self.original = original
        self.order = order_of(self.pki, original, manifest)
        scans = DirectoryObjects(self.folder / "scans")
        await scans.put(self.order.original.key, original)

    async def deliver(self, order: CertificationOrdered | None = None) -> Message:
        self.deliveries += 1
        message = Message((order or self.order).encode("intake"), self.deliveries)
        subscription = worker.subscription(self.signing)

        async def park(_message, why):
            message.parked.append(why)

        await deliver(subscription, message, park, self.clock)
        assert message.parked == []
        return message

    async def published(self, event):
        """Events of that class in the outbox, oldest first."""
        table = outbox.outbox
        query = (
            select(table.c.body)
            .where(table.c.subject == event.subject)
            .order_by(table.c.position)
        )
        rows = await self.store.read(lambda tx: tx.scalars(query).all())
        return [event.decode(body) for body in rows]

    async def journal(self) -> list[str]:
        query = select(seal_journal.c.kind).order_by(seal_journal.c.position)
        return await self.store.read(lambda tx: list(tx.scalars(query)))

    def copies(self) -> list[Path]:
        return sorted((self.folder / "copies").glob("**/*.pdf"))

    async def assert_waits(self, message: Message, hindrance=Hindrance.TSA) -> None:
        """Held, told to the desk with the next try, and not a byte of a copy."""
        assert not message.acknowledged
        delayed = (await self.published(CertificationDelayed))[-1]
        assert (delayed.hindrance, delayed.entry) == (hindrance, self.order.entry)
        expected = self.clock() + timedelta(seconds=message.again_in)
        assert abs(delayed.next_try_at - expected) < timedelta(seconds=20)
        assert await self.published(CopySealed) == []
        assert self.copies() == []

    async def assert_out(self, message: Message) -> CopySealed:
        """One copy, of the ordered number, and the gate passes it."""
        assert message.acknowledged
        (sealed,) = await self.published(CopySealed)
        (path,) = self.copies()
        content = path.read_bytes()
        assert sealed.entry == self.order.entry
        trust = compile_trust(self.pki.trust)
        passed = gate(content, self.order, trust, sha256(content).hexdigest())
        assert passed.size == sealed.copy_ref.size
        return sealed

    def pass_by(self, message: Message) -> None:
        self.clock.ahead += timedelta(seconds=message.again_in)


@pytest.fixture
async def service(pki, tmp_path):
    url = f"sqlite:///{tmp_path}/signing.db"
    migration.migrate(url, console.MIGRATIONS)
    store, web = Database(url), HttpClient(timeout_seconds=TIMEOUT_SECONDS)
    with ThreadPoolExecutor(4) as threads:
        yield Service(pki, tmp_path, store, threads, web, Clock())
    web.close()
    await store.close()


@pytest.fixture
def tsa(pki, service):
    with faulty_tsa(pki, service.clock) as served:
        yield served


@pytest.mark.parametrize("fault", CONTENT_FAULTS + HTTP_FAULTS + SLOW_FAULTS)
async def test_a_copy_waits_and_comes_out(service, tsa, fault):
    """Every fault: no key is used, the desk hears when, the same number comes out."""
    await service.start(tsa.url)
    tsa.fault = fault
    held = await service.deliver()
    await service.assert_waits(held)
    assert await service.journal() == []
    assert (held.again_in >= PATIENCE.total_seconds() - 5) == fault.startswith("429")
    early, asked = await service.deliver(), tsa.asked
    await service.assert_waits(early)
    assert tsa.asked == asked == 1
    tsa.fault = ""
    service.pass_by(early)
    await service.assert_out(await service.deliver())
    assert await service.journal() == ["intent", "outcome", "issue"]


async def test_nobody_listens_then_somebody_does(service, pki):
    """Connection refused, from the same address that answers later."""
    port = free_port()
    await service.start(f"http://127.0.0.1:{port}/tsa")
    held = await service.deliver()
    await service.assert_waits(held)
    service.pass_by(held)
    with faulty_tsa(pki, service.clock, port):
        await service.assert_out(await service.deliver())


@pytest.mark.parametrize(
    "fault", ["5xx", "wrong-nonce", "silence", "expired-certificate"]
)
async def test_a_fault_after_the_key_was_used_is_journaled(service, tsa, fault):
    """The probe was good, the officer's token fails: never a seal without one."""
    await service.start(tsa.url)
    tsa.after = lambda tsa: setattr(tsa, "fault", fault)
    held = await service.deliver()
    await service.assert_waits(held)
    assert await service.journal() == ["intent", "failure"]
    tsa.after = lambda _tsa: None
    tsa.fault = ""
    service.pass_by(held)
    await service.assert_out(await service.deliver())


async def test_the_seals_token_may_come_from_the_next_authority(service, tsa, pki):
    """Failover in mid-copy: the first fails after the officer's signature."""
    with faulty_tsa(pki, service.clock) as second:
        await service.start(tsa.url, second.url)

        def fail_third(tsa):
            tsa.fault = "5xx" if tsa.asked >= 2 else ""

        tsa.after = fail_third
        await service.assert_out(await service.deliver())
        assert (tsa.asked, second.asked) == (3, 1)


async def test_a_token_four_times_as_large_gets_more_room(service, tsa):
    """Larger than its room after the key was used: journaled, then it fits."""
    await service.start(tsa.url)
    tsa.after = lambda tsa: setattr(tsa, "padding", 8000)
    held = await service.deliver()
    await service.assert_waits(held)
    assert await service.journal() == ["intent", "failure"]
    service.pass_by(held)
    await service.assert_out(await service.deliver())


async def test_a_large_token_is_measured_before_the_key_is_used(service, tsa):
    """The probe tells: no failure, one attempt."""
    tsa.padding = 8000
    await service.start(tsa.url)
    await service.assert_out(await service.deliver())
    assert await service.journal() == ["intent", "outcome", "issue"]


@pytest.mark.parametrize("digest", ["sha384", "sha512"])
async def test_tokens_of_other_digests_and_ess_v1_pass_the_gate(service, tsa, digest):
    tsa.digest, tsa.ess, tsa.fraction = digest, 1, ".5"
    await service.start(tsa.url)
    await service.assert_out(await service.deliver())


async def test_a_state_authoritys_budget_is_kept(service, tsa):
    """Three requests a period make one copy; the next waits for the budget, unasked."""
    await service.start(tsa.url, limits={tsa.url: RequestLimits(requests=3)})
    await service.assert_out(await service.deliver())
    other = service.order.entry.rsplit("/", 1)[0] + "/1181"
    changed = {"entry": other, "id": service.order.id}
    second = service.order.model_copy(update=changed)
    service.deliveries = 0
    held = await service.deliver(second)
    assert 1000 < held.again_in <= 1200
    assert tsa.asked == 3
    assert (await service.published(CertificationDelayed))[-1].entry == other
    service.pass_by(held)
    assert (await service.deliver(second)).acknowledged
    assert len(await service.published(CopySealed)) == 2


async def test_a_document_timestamp_is_in_the_budget(service, tsa):
    """B-LTA takes four requests: with three left nothing is asked, no key is used."""
    await service.start(tsa.url, limits={tsa.url: RequestLimits(requests=3)})
    service.order = service.order.model_copy(update={"level": "B-LTA"})
    await service.assert_waits(await service.deliver())
    assert (await service.journal(), tsa.asked) == ([], 0)
    await service.start(tsa.url, limits={tsa.url: RequestLimits(requests=4)})
    await service.assert_out(await service.deliver())
    assert tsa.asked == 4


async def test_a_key_beyond_its_hour_waits(service, tsa):
    """The cap is its own hindrance, and nothing is asked of anybody."""
    await service.start(tsa.url, cap=1)
    await service.assert_out(await service.deliver())
    entry = service.order.entry.rsplit("/", 1)[0] + "/1181"
    second, asked = service.order.model_copy(update={"entry": entry}), tsa.asked
    held = await service.deliver(second)
    assert 3000 < held.again_in <= 3600
    assert (await service.published(CertificationDelayed))[-1].hindrance == "rate-cap"
    assert tsa.asked == asked
