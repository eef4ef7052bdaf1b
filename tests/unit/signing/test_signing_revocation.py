"""What an OCSP responder or a CRL may say, and what is not believed."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

from chassis.clock import utc_now
from onebox.certificates import issue, key_usage, name_of, self_signed
from signing.adapters.authorities.crls import checked_list
from signing.adapters.authorities.ocsp import UnusableAnswerError, good_answer
from support.forging.hands import loosened

NOW = utc_now().replace(microsecond=0)
START = NOW - timedelta(days=1)
DAY = timedelta(days=1)
POINT = "http://127.0.0.1:1/crl"


def key():
    return ec.generate_private_key(ec.SECP256R1())


def leaf(issuer, *extensions, start=START, days=9, usage=None):
    usage = [(usage or key_usage(), True), *((e, False) for e in extensions)]
    return issue(
        "leaf",
        name_of("leaf"),
        key(),
        issuer,
        start=start,
        days=days,
        extensions=usage,
    )


def delegate(issuer=None, *, purpose=Usage.OCSP_SIGNING, **facts):
    """A responder: named for it, and never asked about."""
    named = x509.ExtendedKeyUsage([purpose]), x509.OCSPNoCheck()
    return leaf(issuer or ROOT, *named, **facts)


ROOT = self_signed("root", name_of("root"), key(), start=START, days=9)
STRANGER = self_signed("root", name_of("root"), key(), start=START, days=9)
LEAF = leaf(
    ROOT,
    x509.CRLDistributionPoints(
        [
            x509.DistributionPoint(
                [x509.UniformResourceIdentifier(POINT)], None, None, None
            )
        ]
    ),
)
OTHER = leaf(ROOT)
RESPONDER = leaf(ROOT, x509.ExtendedKeyUsage([Usage.OCSP_SIGNING]), x509.OCSPNoCheck())
NOT_NAMED = leaf(ROOT, x509.OCSPNoCheck())
OTHER_ROOT = self_signed("other", name_of("other"), key(), start=START, days=9)
UNFIT = {
    "of a stranger with the issuer's name": delegate(STRANGER),
    "of another issuer": delegate(OTHER_ROOT),
    "issued by itself": self_signed("x", name_of("x"), key(), start=START, days=9),
    "expired": delegate(days=0),
    "of tomorrow": delegate(start=NOW + DAY),
    "for another purpose": delegate(purpose=Usage.CODE_SIGNING),
    "that may not sign": delegate(
        usage=x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=True,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=False,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
    ),
    "without its key usage": issue(
        "leaf",
        name_of("leaf"),
        key(),
        ROOT,
        start=START,
        days=9,
        extensions=[
            (x509.ExtendedKeyUsage([Usage.OCSP_SIGNING]), False),
            (x509.OCSPNoCheck(), False),
        ],
    ),
}
ASKED_ABOUT = leaf(ROOT, x509.ExtendedKeyUsage([Usage.OCSP_SIGNING]))


def answer(
    *,
    about=LEAF,
    by=ROOT,
    status=ocsp.OCSPCertStatus.GOOD,
    start=NOW,
    until=NOW + DAY,
    issuer=ROOT,
    digest=None,
    brought=None,
):
    revoked = NOW if status is ocsp.OCSPCertStatus.REVOKED else None
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            cert=about.certificate,
            issuer=issuer.certificate,
            algorithm=hashes.SHA1(),
            cert_status=status,
            this_update=start,
            next_update=until,
            revocation_time=revoked,
            revocation_reason=None,
        )
        .responder_id(ocsp.OCSPResponderEncoding.HASH, by.certificate)
        .certificates(brought or [by.certificate])
    )
    signed = builder.sign(by.key, digest or hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def judged(content):
    return good_answer(content, LEAF.certificate, ROOT.certificate, NOW)


BROUGHT = {
    "a stranger": [RESPONDER.certificate, STRANGER.certificate],
    "a stranger first": [STRANGER.certificate, RESPONDER.certificate],
    "one twice": [RESPONDER.certificate] * 2,
}


@pytest.mark.parametrize("brought", BROUGHT)
def test_an_answer_that_brings_more_than_its_responder_is_not_believed(brought):
    """Nothing signs what comes along; the gate would refuse the copy."""
    with pytest.raises(UnusableAnswerError):
        judged(answer(by=RESPONDER, brought=BROUGHT[brought]))


def test_an_answer_may_bring_its_issuer_along():
    both = [RESPONDER.certificate, ROOT.certificate]
    assert judged(answer(by=RESPONDER, brought=both)).responder == both[0]


@pytest.mark.parametrize("by", [ROOT, RESPONDER])
def test_the_issuer_or_its_delegate_is_believed(by):
    good = judged(answer(by=by))
    assert good is not None
    assert good.next_update == NOW + DAY
    assert good.responder == (None if by is ROOT else RESPONDER.certificate)


def test_revoked_is_told_from_unusable():
    assert judged(answer(status=ocsp.OCSPCertStatus.REVOKED)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"junk",
        answer(about=OTHER),
        answer(by=STRANGER),
        answer(by=NOT_NAMED),
        answer(by=ASKED_ABOUT),
        answer(status=ocsp.OCSPCertStatus.UNKNOWN),
        answer(start=NOW - DAY),
        answer(start=NOW + DAY, until=NOW + 2 * DAY),
        answer(start=NOW - timedelta(hours=2), until=NOW),
        ocsp.OCSPResponseBuilder.build_unsuccessful(
            ocsp.OCSPResponseStatus.TRY_LATER
        ).public_bytes(Encoding.DER),
    ],
)
def test_an_answer_that_nobody_has_to_believe_is_unusable(content):
    """Another certificate, a stranger, no delegate, unknown, old, future, ended."""
    with pytest.raises(UnusableAnswerError):
        judged(content)


@pytest.mark.parametrize("kind", UNFIT)
def test_a_responder_that_is_unfit_is_not_believed(kind):
    """Whoever issued it, it is no delegate of this issuer, now, for this. Neither its
    "good" nor its "revoked" counts.
    """
    for status in (ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED):
        with pytest.raises(UnusableAnswerError):
            judged(answer(by=UNFIT[kind], status=status))


def test_an_answer_is_about_this_certificate_under_this_issuer():
    """A serial number is the issuer's own: another authority of the same name, or of
    another one, may have given it too.
    """
    for issuer in (STRANGER, OTHER_ROOT):
        with pytest.raises(UnusableAnswerError):
            judged(answer(issuer=issuer))


def test_an_answer_by_a_weak_digest_is_unusable():
    with pytest.raises(UnusableAnswerError):
        judged(answer(digest=hashes.SHA224()))


@pytest.mark.parametrize(
    ("early", "believed"),
    [(20 * 3600, True), (20 * 3600 + 1, False), (-300, True), (-301, False)],
)
def test_an_answer_counts_for_hours_only(early, believed):
    """Twenty hours after it was made, and five minutes before: to the second."""
    content = answer(start=NOW - timedelta(seconds=early), until=None)
    if believed:
        assert judged(content).next_update is None
        return
    with pytest.raises(UnusableAnswerError):
        judged(content)


def test_an_answer_ends_at_its_next_update():
    assert judged(answer(until=NOW + timedelta(seconds=1))) is not None
    with pytest.raises(UnusableAnswerError):
        judged(answer(start=NOW - DAY / 24, until=NOW))


def test_one_flipped_bit_makes_an_answer_unusable():
    """Anywhere in the part that is signed; nothing else is raised."""
    content = bytearray(answer())
    signed = ocsp.load_der_ocsp_response(bytes(content)).tbs_response_bytes
    start = bytes(content).index(signed)
    for at in range(start, start + len(signed)):
        flipped = content.copy()
        flipped[at] ^= 1
        with pytest.raises(UnusableAnswerError):
            judged(bytes(flipped))


def crl(*, by=ROOT, start=NOW, until=NOW + DAY, extensions=(), digest=None, name=None):
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name((name or by).certificate.subject)
        .last_update(start)
        .next_update(until)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    signed = builder.sign(by.key, digest or hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


def point(**changes):
    fields = {
        "full_name": None,
        "relative_name": None,
        "only_contains_user_certs": False,
        "only_contains_ca_certs": False,
        "only_some_reasons": None,
        "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }
    return x509.IssuingDistributionPoint(**fields | changes), True


def named(url):
    return [x509.UniformResourceIdentifier(url)]


RELATIVE = x509.RelativeDistinguishedName(
    [x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")]
)
UNKNOWN = x509.ObjectIdentifier("1.3.6.1.4.1.32473.9")


def check(content):
    return checked_list(content, LEAF.certificate, ROOT.certificate, NOW)


@pytest.mark.parametrize(
    "extensions",
    [
        (),
        ((x509.CRLNumber(1), False),),
        (point(only_contains_user_certs=True),),
        (point(full_name=named(POINT)),),
    ],
)
def test_a_whole_list_of_the_issuer_is_taken(extensions):
    assert check(crl(extensions=extensions)).next_update_utc == NOW + DAY


@pytest.mark.parametrize(
    "content",
    [
        b"junk",
        crl(by=STRANGER),
        crl(extensions=((x509.DeltaCRLIndicator(1), True),)),
        crl(extensions=(point(only_contains_ca_certs=True),)),
        crl(extensions=(point(indirect_crl=True),)),
        crl(extensions=(point(full_name=named(POINT + "/2")),)),
        crl(extensions=(point(only_contains_attribute_certs=True),)),
        crl(
            extensions=(
                point(only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),
            )
        ),
        crl(extensions=(point(relative_name=RELATIVE),)),
        crl(extensions=((x509.UnrecognizedExtension(UNKNOWN, b"\5\0"), True),)),
        crl(digest=hashes.SHA224()),
        crl(by=OTHER_ROOT),
        crl(by=ROOT, name=OTHER_ROOT),
        crl(start=NOW + timedelta(minutes=6)),
    ],
)
def test_a_list_that_may_leave_the_certificate_out_is_unusable(content):
    with pytest.raises(UnusableAnswerError):
        check(content)


def test_a_list_of_people_leaves_authorities_out():
    """And one of authorities takes them in."""
    for kind, taken in (
        ({"only_contains_user_certs": True}, False),
        ({"only_contains_ca_certs": True}, True),
    ):
        content = crl(extensions=(point(**kind),))
        if taken:
            listed = checked_list(content, ROOT.certificate, ROOT.certificate, NOW)
            assert listed.last_update_utc == NOW
            continue
        with pytest.raises(UnusableAnswerError):
            checked_list(content, ROOT.certificate, ROOT.certificate, NOW)


def test_an_extension_that_is_not_critical_may_be_unknown():
    unknown = x509.UnrecognizedExtension(UNKNOWN, b"\5\0")
    assert check(crl(extensions=((unknown, False),))).last_update_utc == NOW


def test_a_list_that_has_ended_is_unusable():
    ended = crl(until=NOW + DAY)
    with pytest.raises(UnusableAnswerError):
        checked_list(ended, LEAF.certificate, ROOT.certificate, NOW + DAY)


def test_a_signature_with_a_loose_bit_is_unusable():
    """It verifies, and the gate refuses it: so it must not get into a copy."""
    with pytest.raises(UnusableAnswerError):
        judged(loosened(answer))
    with pytest.raises(UnusableAnswerError):
        check(loosened(crl))


def test_one_flipped_bit_makes_a_list_unusable():
    """Anywhere in the part that is signed; nothing else is raised."""
    content = bytearray(crl(extensions=(point(full_name=named(POINT)),)))
    signed = check(bytes(content)).tbs_certlist_bytes
    start = bytes(content).index(signed)
    for at in range(start, start + len(signed)):
        flipped = content.copy()
        flipped[at] ^= 1
        with pytest.raises(UnusableAnswerError):
            check(bytes(flipped))
