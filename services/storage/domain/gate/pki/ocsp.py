"""OCSP answers under pinned authorities (RFC 6960).

Which answers a copy must hold is decided in ``revocation``. Start at ``read_answer``.
Signing's module of this name asked for the answer, and shares no code with this one.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from storage.domain.gate.cms import der
from storage.domain.gate.cms.algorithms import (
    DIGESTS,
    SHA1,
    SIGNATURE_ALGORITHMS,
    SIGNATURE_DIGESTS,
    Digest,
    verify,
)
from storage.domain.gate.cms.signed_data import certificate
from storage.domain.gate.pki.certificate_chains import hangs_from
from storage.domain.gate.pki.subjects import FRESH, Subject
from storage.domain.gate.refusal import Refused, refuse, require

_SHAPE: Final = "revocation-shape"
_BY_NAME: Final = {digest.name: digest for digest in (SHA1, *DIGESTS.values())}


@dataclass(frozen=True, slots=True)
class OcspAnswer:
    """A good and verified answer for one serial of one issuer."""

    issuer: bytes
    serial: int
    this_update: datetime
    next_update: datetime | None
    produced: datetime
    responder: bytes | None
    """DER of a delegated responder; None: the issuer answered."""

    def about(self, subject: Subject) -> bool:
        return (subject.issuer, subject.serial) == (self.issuer, self.serial)


def read_answer(item: bytes, issuers: set[bytes]) -> OcspAnswer:
    """A good answer, verified, about a certificate of one of these issuers."""
    for issuer in sorted(issuers):
        found = _answer_under(item, issuer)
        if found is not None:
            return found
    raise Refused("revocation-issuer", "answer")


def answer_covers(answer: OcspAnswer, subject: Subject) -> bool:
    """About this certificate, and fresh at the moment of its use."""
    moment, until = subject.moment, answer.next_update
    return (
        answer.about(subject)
        and moment - FRESH <= answer.this_update <= moment + FRESH
        and (until is None or moment <= until)
    )


@lru_cache(1024)
def _answer_under(item: bytes, issuer: bytes) -> OcspAnswer | None:
    """The verified answer, or None if it speaks of another issuer's certificate."""
    # Parsed by ``cryptography``: OCSP has no place where a reader could see another
    # answer than we do, as a PDF has. What its parser is lenient about is checked
    # below.
    try:
        response = ocsp.load_der_ocsp_response(item)
        status = response.response_status
        require(
            status == ocsp.OCSPResponseStatus.SUCCESSFUL, "revocation-shape", status
        )
        (single,) = list(response.responses)
        if not _about(single, certificate(issuer)):
            return None
        _check_bits(item)
        responder = _check_responder(response, issuer)
        good = single.certificate_status == ocsp.OCSPCertStatus.GOOD
        require(good, "revoked", f"{single.serial_number:x}")
        return OcspAnswer(
            issuer,
            single.serial_number,
            single.this_update_utc,
            single.next_update_utc,
            response.produced_at_utc,
            responder,
        )
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        refuse("revocation-shape", error)


def _check_bits(item: bytes) -> None:
    """The signature's bits are whole octets."""
    basic, fields = _basic(item)
    der.octets_of_bits(basic, fields[2], _SHAPE)


def check_spelling(item: bytes, issuers: set[bytes]) -> None:
    """What the signature of an answer does not cover is written in one way: its
    algorithm, and beside it no certificate but the responder's and its issuer's.
    """
    basic, fields = _basic(item)
    named = der.source(basic, fields[1])
    require(named in SIGNATURE_ALGORITHMS, "store-items", "algorithm")
    answer = read_answer(item, issuers)
    allowed = {answer.issuer, answer.responder}
    response = ocsp.load_der_ocsp_response(item)
    brought = [c.public_bytes(Encoding.DER) for c in response.certificates]
    require(allowed.issuperset(brought), "store-items", "a stranger in an answer")
    require(len(set(brought)) == len(brought), "store-items", "twice in an answer")


def _basic(item: bytes) -> tuple[bytes, list[der.Node]]:
    """RFC 6960 §4.2.1: the BasicOCSPResponse and its fields."""
    _, box = der.inside(item, der.whole(item), 0x0A, der.CONTEXT_0, reason=_SHAPE)
    (typed,) = der.inside(item, box, der.SEQUENCE, reason=_SHAPE)
    _, octets = der.inside(item, typed, der.OID, der.OCTETS, reason=_SHAPE)
    basic = der.content(item, octets)
    fields = der.inside(basic, der.whole(basic))
    require(len(fields) > 2, _SHAPE, "BasicOCSPResponse")  # noqa: PLR2004
    return basic, fields


def _about(single: ocsp.OCSPSingleResponse, issuer: x509.Certificate) -> bool:
    """RFC 6960 §4.1.1: the hashes of the issuer's name and key."""
    # SHA-1 is taken here: it names the issuer, and the signature below proves the
    # answer.
    digest = _BY_NAME.get(single.hash_algorithm.name)
    return (
        digest is not None
        and single.issuer_name_hash == digest.of(issuer.subject.public_bytes())
        and single.issuer_key_hash == digest.of(_key_bits(issuer))
    )


def _check_responder(response: ocsp.OCSPResponse, issuer: bytes) -> bytes | None:
    """The delegated responder whose signature the answer bears; None: the issuer."""
    named = [c.public_bytes(Encoding.DER) for c in response.certificates]
    delegates = [c for c in named if c != issuer and hangs_from(c, issuer)]
    responder = delegates[0] if delegates else issuer
    verify(
        certificate(responder).public_key(),
        response.signature,
        response.tbs_response_bytes,
        _digest(response.signature_hash_algorithm),
        "revocation-signature",
    )
    return delegates[0] if delegates else None


def _digest(algorithm: hashes.HashAlgorithm | None) -> Digest:
    name = algorithm.name if algorithm is not None else ""
    require(name in SIGNATURE_DIGESTS, "revocation-signature", "digest")
    return _BY_NAME[name]


@lru_cache(64)
def _key_bits(own: x509.Certificate) -> bytes:
    """The subjectPublicKey without tag, length and count of unused bits."""
    info = own.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    bits = der.inside(info, der.whole(info), der.SEQUENCE, der.BITS)[1]
    return der.octets_of_bits(info, bits, "certificate-shape")
