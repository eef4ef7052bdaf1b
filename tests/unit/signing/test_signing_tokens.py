import random
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

from chassis.clock import utc_now
from onebox.certificates import issue, key_usage, name_of, self_signed
from onebox.timestamps import POLICY, Tsa
from signing.adapters.authorities.timestamp_tokens import TokenRules, timestamp_request
from signing.adapters.authorities.token_signatures import RefusedTokenError
from signing.adapters.cms.certificate_chains import CertificateChain

NOW = utc_now().replace(microsecond=0)
START = NOW - timedelta(days=1)
FLIPS = 4000


def key():
    return ec.generate_private_key(ec.SECP256R1())


def root(name="root"):
    return self_signed(name, name_of(name), key(), start=START, days=30)


def tsa(issuer, *, usages=(Usage.TIME_STAMPING,), critical=True, days=30):
    party = issue(
        "tsa",
        name_of("tsa"),
        key(),
        issuer,
        start=START,
        days=days,
        extensions=[
            (key_usage(), True),
            (x509.ExtendedKeyUsage(list(usages)), critical),
        ],
    )
    return Tsa(party.key, party.certificate, issuer.certificate)


ROOT = root()
GOOD = tsa(ROOT)


def rules(**changes):
    limits = (START - timedelta(days=1), NOW + timedelta(days=60))
    chain = CertificateChain("test", (ROOT.certificate,), *limits)
    return TokenRules(**{"chains": (chain,)} | changes)


ASKED = timestamp_request(b"signature value", b"12345678")


def test_a_good_token_is_taken_as_it_is():
    """The token is a part of the answer, byte by byte; its time is genTime."""
    answer = GOOD.answer(ASKED.query(), now=NOW)
    token = rules().check(answer, ASKED, NOW)
    assert answer.endswith(token.der)
    assert token.time == NOW
    assert token.certificate == GOOD.certificate
    assert ASKED.digest == sha256(b"signature value").digest()


@pytest.mark.parametrize(
    ("stamper", "asked", "now", "word"),
    [
        (GOOD, timestamp_request(b"signature value", b"87654321"), NOW, "nonce"),
        (GOOD, timestamp_request(b"another value", b"12345678"), NOW, "imprint"),
        (GOOD, ASKED, NOW + timedelta(minutes=3), "genTime"),
        (GOOD, ASKED, NOW - timedelta(minutes=3), "genTime"),
        (tsa(root("stranger")), ASKED, NOW, "no pinned chain"),
        (tsa(ROOT, usages=(Usage.CODE_SIGNING,)), ASKED, NOW, "key usage"),
        (
            tsa(ROOT, usages=(Usage.TIME_STAMPING, Usage.CODE_SIGNING)),
            ASKED,
            NOW,
            "key usage",
        ),
        (tsa(ROOT, critical=False), ASKED, NOW, "critical"),
        (tsa(ROOT, days=0), ASKED, NOW, "no pinned chain"),
    ],
)
def test_a_token_that_proves_nothing_is_refused(stamper, asked, now, word):
    """Nonce, imprint, time, pinned chain, usage: each is checked at every answer."""
    answer = stamper.answer(ASKED.query(), now=NOW)
    with pytest.raises(RefusedTokenError, match=word):
        rules().check(answer, asked, now)


def test_a_policy_that_was_not_asked_for_is_refused():
    answer = GOOD.answer(ASKED.query(), now=NOW)
    assert rules(policies=frozenset({POLICY})).check(answer, ASKED, NOW)
    with pytest.raises(RefusedTokenError, match="policy"):
        rules(policies=frozenset({"1.2.3"})).check(answer, ASKED, NOW)


def test_a_rejection_says_its_status():
    answer = GOOD.answer(b"no query", now=NOW)
    with pytest.raises(RefusedTokenError, match="status 2"):
        rules().check(answer, ASKED, NOW)


@pytest.mark.parametrize("answer", [b"", b"\x30\x00", b"<html>", bytes(70_000)])
def test_garbage_is_refused(answer):
    with pytest.raises(RefusedTokenError):
        rules().check(answer, ASKED, NOW)


def test_a_pinned_chain_holds_only_in_its_time():
    answer = GOOD.answer(ASKED.query(), now=NOW)
    ended = CertificateChain("ended", (ROOT.certificate,), START, NOW)
    with pytest.raises(RefusedTokenError, match="no pinned chain"):
        rules(chains=(ended,)).check(answer, ASKED, NOW)


def test_no_flipped_bit_gets_through():
    """A token with one bit flipped is refused, or is the same token: whatever else
    changed lies outside what we embed, or in a certificate that we do not need.
    """
    answer = GOOD.answer(ASKED.query(), now=NOW)
    good = rules().check(answer, ASKED, NOW)
    chance, through = random.Random(7), []
    for _ in range(FLIPS):
        at = chance.randrange(len(answer) * 8)
        flipped = bytearray(answer)
        flipped[at // 8] ^= 1 << at % 8
        try:
            token = rules().check(bytes(flipped), ASKED, NOW)
        except RefusedTokenError:
            continue
        if token.der != good.der:
            through.append(at // 8)
    # What may differ: the issuer's certificate beside the signer's, which no check
    # reads because the chain is pinned.
    beside = ROOT.certificate.public_bytes(Encoding.DER)
    start = answer.index(beside)
    assert [at for at in through if not start <= at < start + len(beside)] == []
