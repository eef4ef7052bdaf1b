"""Timestamp tokens bent in one field each: the authority's key is used as it should be,
and the answer is still no token that may get into a copy.
"""

from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.adapters.authorities.timestamp_tokens import (
    DocumentDigest,
    TokenRules,
    timestamp_request,
)
from signing.adapters.authorities.token_signatures import RefusedTokenError
from signing.adapters.cms.certificate_chains import CertificateChain
from storage.domain.gate.cms.der import oid
from support.forging.pki import (
    APPROVED,
    DAY,
    HASHES,
    SIGNED_DATA,
    TST_INFO,
    Entity,
    Stamping,
    algorithm,
    attribute,
    integer,
    ours,
    tlv,
)

NOW = APPROVED + timedelta(minutes=10)
ASKED = timestamp_request(b"signature value", b"12345678")
NONCE = integer(ASKED.nonce)
CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
SIGNING_CERTIFICATE = oid("1.2.840.113549.1.9.16.2.47")
RECEIPT = oid("1.2.840.113549.1.9.16.1.1")
SHA512 = HASHES["sha512"][0]
USAGE = [ExtendedKeyUsageOID.TIME_STAMPING]
EXTENSION = (tlv(6, b"\x2a\x03"), tlv(4, b"\x05\x00"))
Attributes = list[bytes]


def rules(tsa, **changes):
    root = tsa.issuer or tsa
    limits = (APPROVED - 365 * DAY, APPROVED + 365 * DAY)
    return TokenRules(
        (CertificateChain("stamps", (root.certificate,), *limits),), **changes
    )


def answered(status=0, head=b"", **facts):
    """A TimeStampResp (RFC 3161 §2.4.2)."""
    stamping = Stamping(**{"tsa": ours().tsa, "at": NOW, "tail": NONCE, **facts})
    token = stamping.token(b"signature value")
    return tlv(0x30, tlv(0x30, integer(status), head), token)


def refusal(answer, tsa=None):
    """The kind of the refusal, or none."""
    try:
        rules(tsa or ours().tsa).check(answer, ASKED, NOW)
    except RefusedTokenError as refused:
        return refused.kind
    return ""


def put(**fields):
    """These fields instead, in their old places."""
    return lambda before: before | fields


def other(kind, *parts):
    """Other attributes instead of the one of that kind."""
    named = tlv(6, kind)
    return lambda old: sorted((*(a for a in old if named not in a), *parts))


def with_list(fields):
    *before, (name, signers) = fields.items()
    return dict([*before, ("lists", tlv(0xA1)), (name, signers)])


def naming(digest):
    value = tlv(0x30, tlv(0x30, tlv(0x30, tlv(4, digest))))
    return other(SIGNING_CERTIFICATE, attribute(SIGNING_CERTIFICATE, value))


def stamper(**facts):
    return Entity("TSA", **{"issuer": ours().tsa_root, "usage": USAGE, **facts})


LAWFUL: dict[str, dict[str, object]] = {
    "as it is": {},
    "granted with changes": {"status": 1},
    "SHA-384": {"digest": "sha384"},
    "an older attribute": {"essential": "v1"},
    "with its root": {"certificates": (ours().tsa_root,)},
    "with an extension": {"tail": NONCE + tlv(0xA1, tlv(0x30, *EXTENSION))},
    "an RSA key": {"tsa": stamper(rsa_bits=2048)},
    "a key on P-384": {"tsa": stamper(curve=ec.SECP384R1())},
}


@pytest.mark.parametrize("name", LAWFUL)
def test_a_lawful_token_is_taken(name):
    """What the tests below bend is whole without the bending."""
    assert refusal(answered(**LAWFUL[name])) == ""


WRONG: dict[str, tuple[str, dict[str, object]]] = {
    # what is stamped
    "another nonce": ("nonce", {"tail": integer(ASKED.nonce + 1)}),
    "no nonce": ("nonce", {"tail": b""}),
    "another digest": ("imprint", {"imprint": sha256(b"another").digest()}),
    "a digest of another kind": (
        "imprint",
        {
            "fields": lambda f: (
                f | {"imprint": tlv(0x30, algorithm(SHA512), f["imprint"][-34:])}
            )
        },
    ),
    "a critical extension": (
        "shape",
        {
            "tail": NONCE
            + tlv(0xA1, tlv(0x30, EXTENSION[0], b"\x01\x01\xff", EXTENSION[1]))
        },
    ),
    "version 2 of what is stamped": ("shape", {"fields": put(version=integer(2))}),
    "two minutes late": ("time", {"at": NOW + timedelta(seconds=121)}),
    "two minutes early": ("time", {"at": NOW - timedelta(seconds=121)}),
    # the SignedData
    "a list": ("shape", {"body": with_list}),
    "version 1": ("shape", {"body": put(version=integer(1))}),
    "another content": (
        "shape",
        {"body": lambda f: f | {"content": f["content"].replace(TST_INFO, RECEIPT)}},
    ),
    "two digests": ("shape", {"body": put(digests=tlv(0x31, algorithm(SHA512)))}),
    "nobody's signature": ("garbage", {"body": put(signers=tlv(0x31))}),
    "no certificate": ("answer", {"body": put(certificates=tlv(0xA0))}),
    "a certificate twice": ("shape", {"certificates": (ours().tsa,)}),
    "a certificate that nobody pinned": (
        "certificate",
        {"certificates": (ours().seal,)},
    ),
    # the SignerInfo
    "SignerInfo version 3": ("shape", {"info": put(version=integer(3))}),
    "an unsigned attribute": (
        "shape",
        {"unsigned": tlv(0xA1, attribute(CONTENT_TYPE, tlv(6, TST_INFO)))},
    ),
    "another serial number": (
        "answer",
        {
            "info": put(
                sid=tlv(0x30, ours().tsa_root.subject.public_bytes(), integer(1))
            )
        },
    ),
    "another issuer": (
        "answer",
        {
            "info": put(
                sid=tlv(
                    0x30,
                    ours().root.subject.public_bytes(),
                    integer(ours().tsa.serial),
                )
            )
        },
    ),
    "the algorithm of another key": (
        "shape",
        {"info": put(algorithm=ours().officer.algorithm())},
    ),
    "the algorithm of another digest": (
        "shape",
        {"info": put(algorithm=ours().tsa.algorithm("sha384"))},
    ),
    "another signature": (
        "garbage",
        {"info": put(value=tlv(4, ours().tsa.sign(b"something else")))},
    ),
    # the signed attributes
    "an attribute twice": ("shape", {"attributes": lambda a: sorted((*a, a[0]))}),
    "an attribute of two values": (
        "shape",
        {
            "attributes": other(
                CONTENT_TYPE,
                tlv(
                    0x30,
                    tlv(6, CONTENT_TYPE),
                    tlv(0x31, tlv(6, TST_INFO), tlv(6, TST_INFO + b"\1")),
                ),
            )
        },
    ),
    "attributes of another content": (
        "shape",
        {
            "attributes": other(
                CONTENT_TYPE, attribute(CONTENT_TYPE, tlv(6, SIGNED_DATA))
            )
        },
    ),
    "no kind of content": ("garbage", {"attributes": other(CONTENT_TYPE)}),
    "another message's digest": (
        "shape",
        {
            "attributes": other(
                oid("1.2.840.113549.1.9.4"),
                attribute(oid("1.2.840.113549.1.9.4"), tlv(4, bytes(32))),
            )
        },
    ),
    "another certificate named": ("shape", {"attributes": naming(bytes(32))}),
    "no certificate named": ("garbage", {"attributes": other(SIGNING_CERTIFICATE)}),
    # the authority
    "an authority that may not sign": ("certificate", {"tsa": stamper(signs=False)}),
    "an authority over others": (
        "certificate",
        {"tsa": stamper(ca=True, certifies=False)},
    ),
    "an authority without its usage": ("garbage", {"tsa": stamper(usage=[])}),
    "an authority certified weakly": (
        "certificate",
        {"tsa": stamper(digest=hashes.SHA224())},
    ),
    "a weak key": ("garbage", {"tsa": stamper(rsa_bits=1024)}),
    "a curve too large": ("garbage", {"tsa": stamper(curve=ec.SECP521R1())}),
    # the answer
    "a status that grants nothing": ("rejected", {"status": 2}),
    "a status that waits": ("rejected", {"status": 3}),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_token_that_is_bent_is_refused(name):
    """One field each; the reason is the field's own."""
    kind, facts = WRONG[name]
    assert refusal(answered(**facts)) == kind


def test_two_minutes_are_let_through():
    """Between the authority's clock and ours, to the second and in both directions."""
    for skew in (timedelta(minutes=2), -timedelta(minutes=2)):
        assert refusal(answered(at=NOW + skew)) == ""


def test_a_chain_that_has_not_begun_does_not_hold():
    tsa = ours().tsa
    chain = CertificateChain(
        "later", (ours().tsa_root.certificate,), NOW + DAY, NOW + 2 * DAY
    )
    with pytest.raises(RefusedTokenError):
        TokenRules((chain,)).check(answered(), ASKED, NOW)
    assert refusal(answered(), tsa) == ""


def test_what_is_hashed_already_is_asked_for_as_it_is():
    """Of a whole document only the digest is at hand; of a value it is made."""
    digest = sha256(b"signature value").digest()
    assert timestamp_request(DocumentDigest(digest), b"12345678") == ASKED
    assert timestamp_request(digest, b"12345678").digest == sha256(digest).digest()
    assert (
        timestamp_request(b"x", bytes(8)).nonce
        != timestamp_request(b"x", b"\0" * 7 + b"\1").nonce
    )
