"""How long an answer about a certificate is kept, and what outlives a silence."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chassis.clock import utc_now
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.authorities.http_client import HttpRequest, UnreachableError
from signing.adapters.authorities.security_stores import (
    Holder,
    RevokedError,
    SecurityStores,
)
from signing.adapters.cms import certificate_chains
from support.waiting import LONG_SECONDS


class World:
    """The served authority behind a line that can be cut; and a clock."""

    def __init__(self, pki) -> None:
        self._fetch = pki.web.fetch
        self.ahead = timedelta()
        self.silent: tuple[str, ...] = ()
        self.asked: list[str] = []

    def fetch(self, call: HttpRequest) -> bytes:
        self.asked.append(call.url)
        if any(part in call.url for part in self.silent):
            raise UnreachableError("cut", "connection")
        return self._fetch(call)

    def clock(self):
        return utc_now() + self.ahead

    def pass_by(self, **how: float) -> None:
        self.ahead += timedelta(**how)
        self.asked.clear()


@pytest.fixture
def world(pki):
    return World(pki)


@pytest.fixture
def revoked(pki):
    record = pki.folder / "revoked.json"
    yield lambda: record.write_text(
        json.dumps({"officer": utc_now().isoformat(timespec="seconds")})
    )
    record.unlink(missing_ok=True)


def holders(pki):
    (chain,) = certificate_chains.parsed(pki.trust.signers)
    return [Holder(pki.certificate(n), chain) for n in ("officer", "seal", "tsa")]


def of(world, **changes):
    return SecurityStores(world.fetch, world.clock, **changes)


def test_a_set_is_fetched_once_for_thousands_of_copies(pki, world):
    """Two sets that share certificates share their answers too."""
    revocation, three = of(world), holders(pki)
    first = revocation.store(three)
    fetched = len(world.asked)
    assert all(revocation.store(three) is first for _ in range(100))
    revocation.store(three[:2])
    assert len(world.asked) == fetched


def test_crl_second(pki, world):
    """No responder: lists, one fetch for all that a list is about."""
    world.silent = ("/ocsp",)
    store = of(world).store(holders(pki))
    assert b"/OCSPs[]" in b"".join(store.numbered(1))
    assert sum("/crl/issuing" in url for url in world.asked) == 1


def test_an_aged_set_is_used_while_it_is_fetched_beside(pki, world):
    with ThreadPoolExecutor(1) as beside:
        revocation, three = of(world, background=beside), holders(pki)
        first = revocation.store(three)
        world.pass_by(minutes=70)
        assert revocation.store(three) is first
        beside.submit(lambda: None).result(LONG_SECONDS)
        assert world.asked != []
        assert revocation.store(three) is not first


def test_a_set_that_aged_long_ago_is_not_used(pki, world):
    """Half an hour beside the work is enough: then the work waits for a new one."""
    with ThreadPoolExecutor(1) as beside:
        revocation, three = of(world, background=beside), holders(pki)
        first = revocation.store(three)
        world.pass_by(minutes=91)
        assert revocation.store(three) is not first


def test_a_set_is_never_used_past_its_end(pki, world):
    """Its answers have ended and nobody speaks: trouble, though a moment before it
    would have served while a new one was fetched.
    """
    with ThreadPoolExecutor(1) as beside:
        lasting = {"background": beside, "max_age": timedelta(hours=30)}
        revocation, three = of(world, **lasting), holders(pki)
        revocation.store(three)
        world.silent = ("/",)
        world.pass_by(hours=20, minutes=1)
        with pytest.raises(Trouble) as caught:
            revocation.store(three)
    assert caught.value.hindrance is Hindrance.REVOCATION


def test_revoked_beside_the_work_ends_every_set_with_it(pki, world, revoked):
    """The set was used once more while it was asked; what came back drops that set and
    the other one that has the certificate, though both were young enough to serve.
    """
    with ThreadPoolExecutor(1) as beside:
        revocation, three = of(world, background=beside), holders(pki)
        first, other = revocation.store(three), revocation.store(three[:1])
        revoked()
        world.pass_by(minutes=70)
        assert revocation.store(three) is first
        beside.submit(lambda: None).result(LONG_SECONDS)
        for who in (three, three[:1]):
            with pytest.raises(RevokedError):
                revocation.store(who)
    assert first is not other


def test_a_set_is_fetched_beside_once_however_many_ask(pki, world):
    """Ten copies meet an aged set: one of them has it renewed."""
    with ThreadPoolExecutor(1) as beside:
        revocation, three = of(world, background=beside), holders(pki)
        revocation.store(three)
        once = len(world.asked)
        world.pass_by(minutes=70)
        held = threading.Event()
        beside.submit(held.wait, LONG_SECONDS)
        for _ in range(10):
            revocation.store(three)
        held.set()
        beside.submit(lambda: None).result(LONG_SECONDS)
        assert len(world.asked) == once


def test_a_kept_answer_outlives_a_silence_but_not_its_end(pki, world):
    """Hours after the last answer it serves; a day after nothing does."""
    revocation, three = of(world), holders(pki)
    revocation.store(three)
    world.silent = ("/",)
    world.pass_by(hours=5)
    revocation.store(three)
    world.pass_by(seconds=30)
    revocation.store(three)
    assert world.asked == []
    world.pass_by(hours=16)
    with pytest.raises(Trouble) as caught:
        revocation.store(three)
    assert caught.value.hindrance is Hindrance.REVOCATION
    assert caught.value.certificate == pki.certificate("officer")


def test_revoked_drops_what_was_kept(pki, world, revoked):
    """Also when everybody is silent after it: never "good" again."""
    revocation, three = of(world), holders(pki)
    revocation.store(three)
    revoked()
    world.pass_by(hours=2)
    with pytest.raises(RevokedError):
        revocation.store(three)
    world.silent = ("/",)
    with pytest.raises(Trouble):
        revocation.store(three)


def test_lists_over_their_budget_are_trouble(pki, world):
    """One alone, or all together: each copy would carry them for ever."""
    world.silent = ("/ocsp",)
    with pytest.raises(Trouble, match="more than 100 bytes"):
        of(world, largest_crls=100).store(holders(pki))
    lists = [f"{pki.base}/crl/{name}.crl" for name in ("issuing", "root")]
    most = max(len(pki.web.fetch(HttpRequest(url))) for url in lists)
    with pytest.raises(Trouble, match=f"more than {most} in one copy"):
        of(world, largest_crls=most).store(holders(pki))


def test_age_and_next_update_can_be_read(pki, world):
    revocation = of(world)
    revocation.store(holders(pki))
    world.pass_by(minutes=10)
    measures = dict(revocation.measures())
    ages = [v for k, v in measures.items() if "_age_seconds" in k]
    assert len(ages) >= 4
    assert all(age >= 590 for age in ages)
    assert all(v > 0 for k, v in measures.items() if "_next_update_seconds" in k)
