"""What comes over the wire: deadlines, sizes, patience, digests of tokens."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import product

import pytest

from chassis.clock import utc_now
from ecopy.refusals import Hindrance, Trouble
from onebox.timestamps import POLICY
from signing.adapters.authorities.governor import RequestLimits
from signing.adapters.authorities.http_client import (
    HttpClient,
    HttpRequest,
    UnreachableError,
)
from signing.adapters.authorities.timestamp_tokens import TokenRules, timestamp_request
from signing.adapters.authorities.timestamps import QUERY, Timestamps
from signing.adapters.authorities.token_signatures import RefusedTokenError
from signing.adapters.cms import certificate_chains
from support.faulty_tsa import (
    CONTENT_FAULTS,
    PATIENCE,
    SLOW_FAULTS,
    faulty_tsa,
)
from support.servers import free_port


@pytest.fixture
def tsa(pki):
    with faulty_tsa(pki, utc_now) as served:
        yield served


@pytest.fixture
def web():
    made = HttpClient(timeout_seconds=1)
    yield made
    made.close()


def rules_of(pki):
    return TokenRules(
        certificate_chains.parsed(pki.trust.timestamps), frozenset({POLICY})
    )


def asked_of(tsa, web):
    query = timestamp_request(b"value", os.urandom(8)).query()
    return web.fetch(HttpRequest(tsa.url, query, QUERY, 1 << 16))


@pytest.mark.parametrize("fault", SLOW_FAULTS)
def test_an_answer_in_drops_is_an_answer_too_late(tsa, web, fault):
    """One deadline for the whole call, in the headers as in the body: the answer has
    no end, so whoever waits for it stays here.
    """
    tsa.fault = fault
    with pytest.raises(UnreachableError) as caught:
        asked_of(tsa, web)
    assert caught.value.kind == "timeout"


@pytest.mark.parametrize(
    ("fault", "kind", "patience"),
    [
        ("5xx", "http-5xx", None),
        ("429-seconds", "busy", PATIENCE),
        ("429-date", "busy", PATIENCE),
        ("huge", "too-large", None),
        ("cut", "connection", None),
        ("hang-up", "http", None),
    ],
)
def test_a_failure_has_its_kind_and_its_patience(tsa, web, fault, kind, patience):
    """Retry-After as seconds or as a date, by the server's own clock."""
    tsa.fault = fault
    with pytest.raises(UnreachableError) as caught:
        asked_of(tsa, web)
    assert caught.value.kind == kind
    retry_after = caught.value.retry_after
    assert (None if retry_after is None else timedelta(seconds=retry_after)) == patience


def test_nobody_listens(web):
    with pytest.raises(UnreachableError) as caught:
        web.fetch(HttpRequest(f"http://127.0.0.1:{free_port()}/"))
    assert caught.value.kind == "connection"


def test_a_connection_is_kept(tsa, web):
    """Ten requests of one thread, one connection."""
    for _ in range(10):
        asked_of(tsa, web)
    assert (tsa.asked, tsa.connections) == (10, 1)


KINDS = dict(
    zip(
        CONTENT_FAULTS,
        (
            "nonce",
            "imprint",
            "policy",
            "certificate",
            "certificate",
            "time",
            "garbage",
            "rejected",
            "certificate",
        ),
        strict=True,
    )
)


@pytest.mark.parametrize("fault", CONTENT_FAULTS)
def test_each_false_token_is_refused_for_its_own_reason(pki, tsa, web, fault):
    """Nonce, digest, policy, certificate, stranger, time, signature, status, and a
    certificate that nobody pinned."""
    tsa.fault = fault
    asked = timestamp_request(b"value", os.urandom(8))
    answer = web.fetch(HttpRequest(tsa.url, asked.query(), QUERY))
    with pytest.raises(RefusedTokenError) as caught:
        rules_of(pki).check(answer, asked, utc_now())
    assert caught.value.kind == KINDS[fault]


@pytest.mark.parametrize(
    "kind", list(product(("sha256", "sha384", "sha512"), (1, 2), ("", ".123456789")))
)
def test_every_lawful_token_is_taken(pki, tsa, web, kind):
    """SHA-256, SHA-384, SHA-512; ESS v1 and v2; a fraction of a second is cut."""
    tsa.digest, tsa.ess, tsa.fraction = kind
    asked = timestamp_request(b"value", os.urandom(8))
    answer = web.fetch(HttpRequest(tsa.url, asked.query(), QUERY))
    token = rules_of(pki).check(answer, asked, utc_now())
    assert token.time.microsecond == 0


@pytest.mark.parametrize("fraction", [".", ".x", ".1234567890", " ", "+0700"])
def test_a_time_that_the_gate_would_not_read_is_refused(pki, tsa, web, fraction):
    tsa.fraction = fraction
    asked = timestamp_request(b"value", os.urandom(8))
    answer = web.fetch(HttpRequest(tsa.url, asked.query(), QUERY))
    with pytest.raises(RefusedTokenError, match="genTime"):
        rules_of(pki).check(answer, asked, utc_now())


def stamps(pki, web, *tsas, **changes):
    urls = tuple(tsa.url for tsa in tsas)
    return Timestamps(urls, rules_of(pki), web.fetch, utc_now, **changes)


def test_the_next_one_is_asked_and_the_first_left_alone(pki, tsa, web):
    """In order; an open one is not asked again."""
    tsa.fault = "5xx"
    with faulty_tsa(pki, utc_now) as second:
        both = stamps(pki, web, tsa, second)
        for _ in range(3):
            both.stamp(b"value")
        assert (tsa.asked, second.asked) == (1, 3)


def test_copies_at_once_do_not_eat_each_others_second_stamp(pki, tsa, web):
    """A budget of five: two copies are promised two each, a third waits in time."""
    limits = {tsa.url: RequestLimits(requests=5)}
    one = stamps(pki, web, tsa, limits=limits)
    one.ready()
    with one.reserve(), one.reserve():
        with pytest.raises(Trouble) as caught, one.reserve():
            pass
        for _ in range(4):
            one.stamp(b"value")
    assert caught.value.hindrance is Hindrance.TSA
    with pytest.raises(Trouble) as caught:
        one.ready()
    assert timedelta(minutes=19) < caught.value.again_in <= timedelta(minutes=20)
    assert tsa.asked == 5


def test_a_token_of_a_spent_authority_proves_nothing(pki, tsa, web):
    """Young and good, but its authority will not be asked again: what is ready is the
    next one, and that one is probed.
    """
    with faulty_tsa(pki, utc_now) as second:
        both = stamps(
            pki, web, tsa, second, limits={tsa.url: RequestLimits(requests=1)}
        )
        first = both.ready()
        again = both.ready()
        assert (tsa.asked, second.asked) == (1, 1)
        assert again.der != first.der


@pytest.mark.parametrize(("budget", "asked"), [(5, 3), (2, 2)])
def test_a_request_sent_again_is_in_the_budget(pki, tsa, web, budget, asked):
    """A kept connection broke, perhaps after the authority had counted."""
    one = stamps(pki, web, tsa, limits={tsa.url: RequestLimits(requests=budget)})
    one.stamp(b"value")
    tsa.fault = "hang-up"
    with pytest.raises(Trouble):
        one.stamp(b"value")
    assert tsa.asked == asked
    measures = {k.partition("{")[0]: v for k, v in one.measures()}
    assert measures["ecopy_signing_tsa_requests_total"] == asked
    assert measures["ecopy_signing_tsa_budget_left"] == budget - asked


def test_one_probe_serves_all_who_wait(pki, tsa, web):
    """Eight copies at once after a night: one request, not eight."""
    one = stamps(pki, web, tsa)
    with ThreadPoolExecutor(8) as pool:
        tokens = [work.result() for work in [pool.submit(one.ready) for _ in range(8)]]
    assert tsa.asked == 1
    assert len({token.der for token in tokens}) == 1


def test_room_is_learnt_from_each_authority(pki, tsa, web):
    """A larger token makes room; a stranger beside it gets room for a chain."""
    one = stamps(pki, web, tsa)
    one.ready()
    assert one.room == 4096
    tsa.padding = 9000
    size = len(one.stamp(b"value").der)
    assert size > 9000
    assert one.room == size + 1024
    with faulty_tsa(pki, utc_now) as second:
        tsa.padding = 0
        both = stamps(pki, web, tsa, second)
        both.ready()
        assert both.room == 8192
