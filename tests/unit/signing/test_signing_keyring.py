"""Whose key signs: every word of the order is the pinned key's, or nobody signs."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from chassis.clock import LOCAL, utc_now
from ecopy.refusals import Reason, Refusal, cause_of
from onebox import pki as development_pki
from signing.adapters import keyring, keys
from signing.adapters.cms import certificate_chains
from signing.adapters.cms.signed_data import CmsTemplate
from signing.domain.signatories import Signatory
from support.authority import Pki, keys_file_of, trust_of
from support.orders import order_of

MISMATCH = Reason.CERTIFICATE_MISMATCH
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """A development authority's files; nothing here asks it anything."""
    folder = tmp_path_factory.mktemp("authority") / "pki"
    development_pki.make(folder, base="http://127.0.0.1:1", now=utc_now())
    return Pki(folder, "", trust_of(folder), keys_file_of(folder), None)


@pytest.fixture(scope="module")
def loaded(pki):
    return keys.load(pki.keys_file)


@pytest.fixture(scope="module")
def order(pki):
    return order_of(pki, b"original", ())


def assembled(loaded, trust):
    return keyring.assembled(loaded, trust, certificate_chains.parsed(trust.signers))


def refusal(ring, order, at=None):
    with pytest.raises(Refusal) as refused:
        ring.signatories(order, at or utc_now())
    return refused.value


def changed(order, part, **changes):
    whole = getattr(order, part).model_copy(update=changes)
    return order.model_copy(update={part: whole})


def test_an_order_is_signed_by_the_two_it_names(pki, loaded, order):
    """First the officer, then the seal; each by key and certificate."""
    ring = assembled(loaded, pki.trust)
    officer, seal = order.officer, order.agency
    assert ring.signatories(order, utc_now()).both == (
        Signatory("officer", officer.key, officer.certificate_sha256),
        Signatory("seal", seal.key, seal.certificate_sha256),
    )
    assert ring.certificates() == (
        (officer.key, pki.certificate("officer")),
        (seal.key, pki.certificate("seal")),
    )


def test_each_signs_with_its_own_certificate_key_and_authorities(pki, loaded, order):
    """The CMS names the certificate and what is above it, without the root."""
    ring = assembled(loaded, pki.trust)
    for signatory in ring.signatories(order, utc_now()).both:
        hand = ring[signatory]
        certificate = pki.certificate(signatory.role)
        signature = hand.sign(b"content")
        certificate.public_key().verify(
            signature, b"content", padding.PKCS1v15(), hashes.SHA256()
        )
        assert hand.certificate == certificate
        assert hand.template.certificate == certificate
        assert hand.chain.intermediates == (pki.certificate("issuing"),)
        assert hand.pin.role == hand.entry.role == signatory.role


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("officer", {"id": "somebody"}),
        ("officer", {"version": "2"}),
        ("officer", {"name": "Người Khác"}),
        ("officer", {"title_lines": ("CHỦ TỊCH",)}),
        ("officer", {"certificate_sha256": "0" * 64}),
        ("agency", {"code": "H99.42.05.14"}),
        ("agency", {"version": "2"}),
        ("agency", {"name_lines": ("UBND PHƯỜNG KHÁC",)}),
        ("agency", {"certificate_sha256": "0" * 64}),
    ],
)
def test_no_word_of_an_identity_may_differ(pki, loaded, order, part, change):
    """Officer and agency alike; the person reads which key it is about."""
    ring = assembled(loaded, pki.trust)
    refused = refusal(ring, changed(order, part, **change))
    assert refused.reason is MISMATCH
    assert getattr(order, part).key in refused.detail


def test_a_key_that_nobody_has_is_missing(pki, loaded, order):
    ring = assembled(loaded, pki.trust)
    refused = refusal(ring, changed(order, "agency", key="seal-of-elsewhere"))
    assert refused.reason is Reason.KEY_MISSING
    assert "seal-of-elsewhere" in refused.detail


def test_the_officers_key_does_not_seal(pki, loaded, order):
    """A key stands for one role, whatever the order says of it."""
    officer = order.officer
    taken = changed(
        order,
        "agency",
        key=officer.key,
        certificate_sha256=officer.certificate_sha256,
        code=officer.id,
        version=officer.version,
        name_lines=(officer.name,),
    )
    assert refusal(assembled(loaded, pki.trust), taken).reason is MISMATCH


@pytest.mark.parametrize("demo", [True, False])
def test_trial_and_real_never_sign_for_each_other(pki, loaded, order, demo):
    """A trial's key signs trials alone, a real one everything but trials."""
    ring = assembled(loaded, pki.trust.model_copy(update={"demo": demo}))
    ring.signatories(order.model_copy(update={"demo": demo}), utc_now())
    other = order.model_copy(update={"demo": not demo})
    assert refusal(ring, other).reason is MISMATCH


def test_a_certificate_signs_from_its_first_second_to_its_last(pki, loaded, order):
    """Both ends are within; a second outside is refused as expired."""
    ring = assembled(loaded, pki.trust)
    ends = [pki.certificate(name) for name in ("officer", "seal", "issuing", "root")]
    first = max(c.not_valid_before_utc for c in ends)
    last = min(c.not_valid_after_utc for c in ends)
    second = timedelta(seconds=1)
    ring.signatories(order, first)
    ring.signatories(order, last - second)
    for at in (first - second, last + second):
        assert refusal(ring, order, at).reason is Reason.CERTIFICATE_EXPIRED


def test_an_authoritys_certificate_signs_no_copy(pki, loaded, order):
    """It is valid and pinned, and not made for this: the key is named."""
    officer, seal = assembled(loaded, pki.trust).values()
    authority = replace(officer, template=CmsTemplate(pki.certificate("issuing")))
    refused = refusal(keyring.Keyring([authority, seal], [], demo=True), order)
    assert refused.reason is Reason.CERTIFICATE_USAGE
    assert order.officer.key in refused.detail


@pytest.mark.parametrize("days", [-400, 400])
def test_a_chain_is_trusted_only_in_its_own_time(pki, loaded, order, days):
    """The certificates are valid, the trust document's chain no longer or not yet."""
    (chain,) = pki.trust.signers
    now = utc_now()
    begins, ends = sorted((now + days * DAY, now + days * DAY / 2))
    limited = chain.model_copy(update={"valid_from": begins, "valid_until": ends})
    ring = assembled(loaded, pki.trust.model_copy(update={"signers": (limited,)}))
    refused = refusal(ring, order)
    assert refused.reason is Reason.CERTIFICATE_EXPIRED
    assert chain.name in refused.detail


@pytest.mark.parametrize(
    "change",
    [{"role": "seal"}, {"id": "somebody"}, {"version": "2"}, {"key": "another"}],
)
def test_a_key_that_is_pinned_as_another_is_closed(pki, loaded, order, change):
    """The keys file and the trust document must say the same of a certificate."""
    officer, seal = pki.trust.identities
    pins = (officer.model_copy(update=change), seal)
    ring = assembled(loaded, pki.trust.model_copy(update={"identities": pins}))
    assert [hand.pin.role for hand in ring.values()] == ["seal"]
    refused = refusal(ring, order)
    assert refused.reason is MISMATCH
    pinned = {"role": "officer", "owner": officer.id} | change
    owner = change.get("id", pinned["owner"])
    assert cause_of(refused.detail) == (
        "pinned-for-another",
        {"key": order.officer.key, "role": pinned["role"], "owner": owner},
    )


def test_a_key_that_is_pinned_nowhere_is_closed(pki, loaded, order):
    """The other one stays open."""
    _, seal = pki.trust.identities
    ring = assembled(loaded, pki.trust.model_copy(update={"identities": (seal,)}))
    assert [hand.pin.role for hand in ring.values()] == ["seal"]
    refused = refusal(ring, order)
    assert refused.reason is MISMATCH
    assert order.officer.key in refused.detail
    assert cause_of(refused.detail)[0] == "not-pinned"


def test_a_key_whose_drawing_is_not_the_pinned_one_is_closed(pki, loaded, order):
    """The operator reads the beginning of the digest of what would be drawn."""
    officer, seal = pki.trust.identities
    pins = (officer.model_copy(update={"appearance_sha256": "0" * 64}), seal)
    ring = assembled(loaded, pki.trust.model_copy(update={"identities": pins}))
    assert [hand.pin.role for hand in ring.values()] == ["seal"]
    refused = refusal(ring, order)
    assert refused.reason is Reason.APPEARANCE_UNUSABLE
    drawn = officer.appearance_sha256[:8]
    assert cause_of(refused.detail) == (
        "drawing-not-pinned",
        {"key": order.officer.key, "digest": drawn},
    )


def test_a_key_under_no_pinned_authority_is_closed(pki, loaded, order):
    """It is pinned itself, and still nobody vouches for it."""
    ring = assembled(loaded, pki.trust.model_copy(update={"signers": ()}))
    assert not ring.values()
    assert refusal(ring, order).reason is MISMATCH


def test_of_two_certificates_the_order_chooses(pki, loaded, order):
    """A rotation: one key id under two certificates, each order pins one."""
    hands = assembled(loaded, pki.trust).values()
    officer, seal = hands
    pin = officer.pin.model_copy(update={"certificate_sha256": "1" * 64})
    ring = keyring.Keyring([replace(officer, pin=pin), officer, seal], [], demo=True)
    for digest in ("1" * 64, order.officer.certificate_sha256):
        wanted = changed(order, "officer", certificate_sha256=digest)
        signatory = ring.signatories(wanted, utc_now()).officer
        assert ring[signatory].pin.certificate_sha256 == digest
    assert len(ring.certificates()) == 3


@pytest.mark.parametrize("role", ["officer", "seal"])
def test_a_version_that_was_not_in_force_signs_nothing(pki, loaded, order, role):
    """The day of the approval counts, not the day on which it is signed."""
    day = order.approved_at.astimezone(LOCAL).date()
    for until, signs in ((day, False), (day + DAY, True)):
        pins = [
            pin.model_copy(update={"valid_until": until}) if pin.role == role else pin
            for pin in pki.trust.identities
        ]
        trust = pki.trust.model_copy(update={"identities": tuple(pins)})
        ring = assembled(loaded, trust)
        if signs:
            ring.signatories(order, utc_now())
            continue
        refused = refusal(ring, order)
        assert refused.reason is MISMATCH
        assert cause_of(refused.detail)[0] == "version-not-in-force"
