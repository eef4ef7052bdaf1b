"""Certificates and proofs that will not do: of keys, authorities, responders, lists."""

from collections.abc import Callable
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from support.forging.case import Case, Forgery, case
from support.forging.copy import SIGNED_AT, Copy, Storing, good
from support.forging.hands import (
    bend,
    keeping,
    listing,
    made,
    members,
    officers_answer,
    signed_by,
)
from support.forging.pki import (
    APPROVED,
    DAY,
    Entity,
    Fields,
    Pki,
    integer,
    ours,
    revocation_list,
    tlv,
)

STAMPING = [ExtendedKeyUsageOID.TIME_STAMPING]
ANSWERING = [ExtendedKeyUsageOID.OCSP_SIGNING]
INTEGER = b"\x02\x01\x01"
LONG_AGO = APPROVED - 299 * DAY
"""A day after everything began: before any day on which a test runs."""
Bending = Callable[[Fields], Fields]


class Bent(Entity):
    """Whose certificate is taken apart, bent and signed again."""

    def __init__(self, bent: Bending, **facts: object) -> None:
        super().__init__("Bent", **{"issuer": ours().issuing, **facts})
        self._bent = bent

    @cached_property
    def der(self) -> bytes:
        above = self.issuer
        assert above is not None
        certificate = self.certificate
        inner = certificate.tbs_certificate_bytes
        parts = self._bent(_children(inner))
        body = tlv(0x30, *parts.values())
        return tlv(0x30, body, above.algorithm(), tlv(3, b"\x00", above.sign(body)))


NAMES = (
    *("version", "serial", "algorithm", "issuer", "validity", "subject"),
    *("key", "extensions"),
)


def _children(encoded: bytes) -> Fields:
    """The fields of a TBSCertificate (RFC 5280 §4.1)."""
    at, found = _header(encoded, 0), []
    while at < len(encoded):
        start = at
        at = _header(encoded, at) + _length(encoded, at)
        found.append(encoded[start:at])
    return dict(zip(NAMES, found, strict=True))


def _header(encoded: bytes, at: int) -> int:
    long = encoded[at + 1] - 0x80 if encoded[at + 1] >= 0x80 else 0
    return at + 2 + long


def _length(encoded: bytes, at: int) -> int:
    first = encoded[at + 1]
    if first < 0x80:
        return first
    return int.from_bytes(encoded[at + 2 : at + 2 + first - 0x80], "big")


def _short(_fields: Fields) -> Fields:
    return {"version": tlv(0xA0, integer(2))}


def _certified(bent: Bending, **facts: object) -> Callable[[], Case]:
    """The officer signs with a certificate that is bent."""
    return made(lambda copy: bend(copy.officer, {"signer": Bent(bent, **facts)}))


def _curve(curve: ec.EllipticCurve) -> Callable[[], Case]:
    return signed_by("officer", curve=curve)


def _fields(**fields: bytes) -> Bending:
    return lambda before: before | fields


def scope_of(**facts: object) -> x509.IssuingDistributionPoint:
    """What a list says that it is about (RFC 5280 §5.2.5)."""
    return x509.IssuingDistributionPoint(
        **{
            "full_name": None,
            "relative_name": None,
            "only_contains_user_certs": False,
            "only_contains_ca_certs": False,
            "only_some_reasons": None,
            "indirect_crl": False,
            "only_contains_attribute_certs": False,
            **facts,
        }
    )


def point(url: str) -> list[x509.GeneralName]:
    return [x509.UniformResourceIdentifier(url)]


RELATIVE = x509.RelativeDistinguishedName(
    [x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")]
)
HERE, ELSEWHERE = "http://a.example/1.crl", "http://a.example/2.crl"
OF_HERE = x509.CRLDistributionPoints(
    [x509.DistributionPoint(point(HERE), None, None, None)]
)


def listed_leaf(
    scope: x509.IssuingDistributionPoint | None = None, **facts: object
) -> Copy:
    """No answer for the officer: his authority's list, under one distribution point
    that his certificate names.
    """
    pki = members(officer=Entity("Officer", ours().issuing, extra=[OF_HERE]))
    copy = good(pki)
    assert copy.storing is not None
    del copy.storing.answers[0]
    copy.storing.lists.append(revocation_list(pki.issuing, extra=scope, **facts))
    return copy


def _leaf(scope: x509.IssuingDistributionPoint) -> Callable[[], Case]:
    def make() -> Case:
        copy = listed_leaf(scope)
        return case(copy.write(), copy.pki)

    return make


def _endless(storing: Storing, pki: Pki) -> None:
    """The list without its nextUpdate, signed anew."""
    listed = x509.load_der_x509_crl(storing.lists[0]).tbs_certlist_bytes
    until = tlv(0x17, f"{APPROVED + 30 * DAY:%y%m%d%H%M%S}Z".encode())
    before, found, behind = listed.partition(until)
    assert found
    body = tlv(0x30, before[2 if before[1] < 0x80 else before[1] - 0x7E :], behind)
    storing.lists[:] = [
        tlv(0x30, body, pki.root.algorithm(), tlv(3, b"\x00", pki.root.sign(body)))
    ]


def _of(pki: Callable[[], Pki]) -> Callable[[], Case]:
    """A good copy of these authorities."""

    def make() -> Case:
        those = pki()
        return case(good(those).write(), those)

    return make


def _under(issuing: Entity) -> Pki:
    """Officer, seal and responder under another issuing authority of our root."""
    return members(
        issuing=issuing,
        officer=Entity("Officer", issuing),
        seal=Entity("Seal", issuing),
        responder=_responder(issuer=issuing),
    )


def _responder(**facts: object) -> Entity:
    return Entity(
        "OCSP",
        **{
            "issuer": ours().issuing,
            "usage": ANSWERING,
            "extra": [x509.OCSPNoCheck()],
            **facts,
        },
    )


def _answered(**facts: object) -> Callable[[], Case]:
    """Everything is answered for by a delegate that will not do."""
    return _of(lambda: members(responder=_responder(**facts)))


def _root_expired() -> Pki:
    root = Entity("TSA Root", ca=True, end=APPROVED)
    responder = Entity("OCSP", root, usage=ANSWERING, extra=[x509.OCSPNoCheck()])
    stamper = Entity("TSA", root, usage=STAMPING)
    return members(tsa_root=root, tsa=stamper, tsa_responder=responder)


def _named_in_a_list() -> Case:
    """The answer is good, and his authority's list names him."""
    copy = good()
    assert copy.storing is not None
    listed = revocation_list(copy.pki.issuing, listed=[copy.pki.officer])
    copy.storing.lists.append(listed)
    return case(copy.write())


CERTIFICATES = [
    # signers
    Forgery("a curve too large", "cms-algorithm", _curve(ec.SECP521R1())),
    Forgery("a curve of another kind", "cms-algorithm", _curve(ec.SECP256K1())),
    Forgery(
        "officer's certificate of version 1",
        "certificate-shape",
        _certified(lambda f: f | {"version": b"", "extensions": b""}),
    ),
    Forgery(
        "officer's certificate of version 2",
        "certificate-shape",
        _certified(lambda f: f | {"version": tlv(0xA0, integer(1)), "extensions": b""}),
    ),
    Forgery(
        "officer numbered zero",
        "certificate-shape",
        _certified(_fields(serial=integer(0))),
    ),
    Forgery(
        "officer numbered below zero",
        "certificate-shape",
        _certified(_fields(serial=b"\x02\x01\xff")),
    ),
    Forgery(
        "officer's certificate of one field", "certificate-shape", _certified(_short)
    ),
    Forgery(
        "officer's certificate of nonsense",
        "certificate-shape",
        _certified(_fields(validity=tlv(0x30, INTEGER))),
    ),
    Forgery(
        "officer certified by a weak digest",
        "chain",
        signed_by("officer", digest=hashes.SHA224()),
    ),
    Forgery(
        "officer certifies others",
        "key-usage",
        signed_by("officer", certifies=True),
    ),
    Forgery(
        "officer is called an authority",
        "key-usage",
        signed_by("officer", ca=True, certifies=False),
    ),
    Forgery(
        "stamper is called an authority",
        "key-usage",
        signed_by("tsa", usage=STAMPING, ca=True, certifies=False),
    ),
    Forgery(
        "stamper may not sign",
        "key-usage",
        signed_by("tsa", usage=STAMPING, signs=False),
    ),
    Forgery("stamper of no use", "key-usage", signed_by("tsa")),
    Forgery(
        "stamper not yet",
        "certificate-expired",
        signed_by("tsa", usage=STAMPING, start=SIGNED_AT + DAY),
    ),
    # authorities
    Forgery(
        "pinned authority expired",
        "certificate-expired",
        _of(lambda: _under(Entity("Issuing", ours().root, ca=True, end=APPROVED))),
    ),
    Forgery(
        "pinned authority not yet",
        "certificate-expired",
        _of(
            lambda: _under(
                Entity("Issuing", ours().root, ca=True, start=APPROVED + DAY)
            )
        ),
    ),
    Forgery("stamper's root expired", "certificate-expired", _of(_root_expired)),
    # answers
    Forgery("responder without its mark", "key-usage", _answered(extra=[])),
    Forgery(
        "responder of another use",
        "key-usage",
        _answered(usage=[ExtendedKeyUsageOID.CODE_SIGNING]),
    ),
    Forgery("responder of no use", "key-usage", _answered(usage=[])),
    Forgery("responder may not sign", "key-usage", _answered(signs=False)),
    Forgery("responder is an authority", "key-usage", _answered(ca=True)),
    Forgery("responder expired", "certificate-expired", _answered(end=LONG_AGO)),
    Forgery(
        "responder of another authority",
        "revocation-signature",
        officers_answer(responder=ours().tsa_responder),
    ),
    Forgery(
        "responder left out of its answer",
        "revocation-signature",
        officers_answer(embed=False),
    ),
    Forgery(
        "answer by a weak digest",
        "revocation-signature",
        officers_answer(digest=hashes.SHA224()),
    ),
    Forgery(
        "answer about another key of the name",
        "revocation-issuer",
        officers_answer(issuer=Entity("Issuing", ours().root, ca=True)),
    ),
    Forgery(
        "not an answer",
        "revocation-shape",
        keeping(lambda s, _: s.answers.append(b"0")),
    ),
    # lists
    Forgery(
        "list of nobody pinned",
        "revocation-issuer",
        keeping(
            lambda s, _: s.lists.append(revocation_list(Entity("Nobody", ca=True)))
        ),
    ),
    Forgery(
        "list by a weak digest",
        "revocation-signature",
        listing(digest=hashes.SHA224()),
    ),
    Forgery("list without an end", "revocation-shape", keeping(_endless)),
    Forgery(
        "not a list", "revocation-shape", keeping(lambda s, _: s.lists.append(b"0"))
    ),
    Forgery(
        "list from long after",
        "revocation-missing",
        listing(this=APPROVED + 2 * DAY),
    ),
    *(
        Forgery(f"list {what}", "revocation-missing", listing(extra=scope_of(**facts)))
        for what, facts in (
            ("that is indirect", {"indirect_crl": True}),
            ("of attributes", {"only_contains_attribute_certs": True}),
            ("of people", {"only_contains_user_certs": True}),
            (
                "of some reasons",
                {"only_some_reasons": frozenset({x509.ReasonFlags.key_compromise})},
            ),
            ("of a relative point", {"relative_name": RELATIVE}),
            ("of a point that nobody names", {"full_name": point(HERE)}),
        )
    ),
    Forgery(
        "officer's list of authorities",
        "revocation-missing",
        _leaf(scope_of(only_contains_ca_certs=True)),
    ),
    Forgery(
        "officer's list of another point",
        "revocation-missing",
        _leaf(scope_of(full_name=point(ELSEWHERE))),
    ),
    Forgery(
        "officer's list names him",
        "revoked",
        _named_in_a_list,
    ),
]
