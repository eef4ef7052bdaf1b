"""What a signer can do in signing: signatures, stamps, store, another order."""

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from storage.domain.gate.cms.der import oid
from support.forging.base import PAGES, SEAL
from support.forging.case import Forgery, flip
from support.forging.copy import SIGNED_AT, look
from support.forging.hands import (
    HOUR,
    MINUTE,
    SECOND,
    bend,
    both_at,
    keeping,
    listing,
    loosened,
    made,
    officer,
    officers_answer,
    seal,
    signed_by,
    stamped,
)
from support.forging.order import manifest, order
from support.forging.pki import (
    APPROVED,
    DAY,
    Stamping,
    answer,
    attribute,
    ours,
    revocation_list,
    strangers,
    tlv,
)


def _other_serial(encoded: bytes) -> bytes:
    """In the SignerInfo, where no signature covers it."""
    sid = ours().officer.identifier
    at = encoded.rindex(sid) + len(sid) - 1
    return encoded[:at] + bytes([encoded[at] ^ 1]) + encoded[at + 1 :]


OTHER_PROTECTION = attribute(
    oid("1.2.840.113549.1.9.52"),
    tlv(0x30, tlv(0x30, tlv(6, oid("1.3.14.3.2.26"))), b"\xa1\x00"),
)
PAGE = b"<< /Annots [35 0 R] /Type /Page >>"
SIGNING_TIME = attribute(oid("1.2.840.113549.1.9.5"), tlv(0x17, b"261123081000Z"))
NO_CRITICAL = {"usage": [ExtendedKeyUsageOID.TIME_STAMPING], "critical": False}
TWO_USES = [ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING]
FOREIGN_TSA = Stamping(strangers().tsa, SIGNED_AT)
PARTIAL = x509.IssuingDistributionPoint(
    full_name=None,
    relative_name=None,
    only_contains_user_certs=True,
    only_contains_ca_certs=False,
    only_some_reasons=None,
    indirect_crl=False,
    only_contains_attribute_certs=False,
)

SIGNATURES = [
    # the signatures
    Forgery("not certified", "docmdp", officer(docmdp=0)),
    Forgery("no changes permitted", "signature-dictionary", officer(docmdp=1)),
    Forgery("annotations permitted", "signature-dictionary", officer(docmdp=3)),
    Forgery("a reason given", "signature-dictionary", officer(entries=b"/Reason(x)")),
    Forgery(
        "other format",
        "signature-dictionary",
        officer(subfilter=b"adbe.pkcs7.detached"),
    ),
    Forgery(
        "range left short", "byte-range", seal(range=lambda a, b, c: (a, b, c - 1))
    ),
    Forgery("hole widened", "byte-range", seal(range=lambda a, b, c: (a - 9, b, c))),
    Forgery(
        "page in a signature", "changed-object", seal(bodies=lambda b: [*b, (18, PAGE)])
    ),
    Forgery(
        "field moved in signing",
        "changed-object",
        seal(
            bodies=lambda b: [
                *b[:-1],
                (SEAL, b[-1][1].replace(b"318 324", b"8 324")),
            ]
        ),
    ),
    Forgery("no field", "changed-object", seal(bodies=lambda b: b[:-1])),
    Forgery(
        "catalog in signing",
        "changed-object",
        officer(bodies=lambda b: [*b[:-1], (1, b[-1][1].replace(b"(vi)", b"(en)"))]),
    ),
    Forgery("other drawing", "appearance-pin", officer(group=look("other"))),
    Forgery("seal's drawing", "appearance-pin", officer(group=look("seal"))),
    Forgery(
        "one object more", "appearance-pin", officer(group=[*look("officer"), b"<<>>"])
    ),
    Forgery(
        "drawing borrows",
        "borrowed-object",
        officer(
            group=[look("officer")[0].replace(b"{1}", b"21 0 R"), *look("officer")[1:]]
        ),
    ),
    Forgery("no drawing", "appearance-pin", officer(group=[])),
    Forgery(
        "another time shown", "appearance", officer(shown="2026-11-23T15:10:01+07:00")
    ),
    Forgery("words for a time", "appearance", officer(shown="a notary")),
    Forgery(
        "signed by the seal",
        "signer-not-as-ordered",
        made(lambda b: bend(b.officer, {"signer": b.pki.seal})),
    ),
    Forgery(
        "sealed by the officer",
        "signer-not-as-ordered",
        made(lambda b: bend(b.seal, {"signer": b.pki.officer})),
    ),
    Forgery(
        "sealed by a stranger", "signer-not-as-ordered", seal(signer=strangers().seal)
    ),
    Forgery("SHA-512", "cms-algorithm", officer(digest="sha512")),
    Forgery("signing time", "cms-attributes", officer(more_attributes=(SIGNING_TIME,))),
    Forgery(
        "no certificate named",
        "cms-attributes",
        officer(drop=frozenset({"signing-certificate"})),
    ),
    Forgery("no digest", "cms-attributes", officer(drop=frozenset({"message-digest"}))),
    Forgery("no protection", "cms-attributes", officer(drop=frozenset({"protection"}))),
    Forgery(
        "another certificate named",
        "signing-certificate",
        officer(essential=strangers().officer),
    ),
    Forgery("CMS version 3", "cms-shape", officer(version=3)),
    Forgery("two signers", "cms-signer-count", officer(twice=True)),
    Forgery("loose length", "cms-der", officer(der=lambda d: b"\x30\x83\x00" + d[2:])),
    Forgery("another tag", "cms-der", officer(der=lambda d: b"\x10" + d[1:])),
    Forgery("another tag on the seal", "cms-der", seal(der=lambda d: b"\x31" + d[1:])),
    Forgery("bytes in a CMS", "contents-padding", officer(der=lambda d: d + b"\x01")),
    Forgery("signature flipped", "signature", officer(signature=lambda v: flip(v, 40))),
    Forgery(
        "root embedded",
        "cms-extra-certificate",
        made(lambda b: bend(b.officer, {"chain": b.pki.chain})),
    ),
    Forgery("chain left out", "cms-certificates", officer(chain=[])),
    Forgery(
        "stranger embedded",
        "cms-extra-certificate",
        made(lambda b: bend(b.officer, {"chain": [b.pki.issuing, strangers().seal]})),
    ),
    Forgery(
        "more unsigned",
        "unsigned-attributes",
        officer(
            unsigned=lambda t: tlv(0xA1, t[4:] if t[1] == 0x82 else t[3:], SIGNING_TIME)
        ),
    ),
    Forgery(
        "other unsigned",
        "unsigned-attributes",
        officer(unsigned=lambda _: tlv(0xA1, SIGNING_TIME)),
    ),
    Forgery("weak key", "cms-algorithm", signed_by("officer", rsa_bits=1024)),
    Forgery(
        "officer expired",
        "certificate-expired",
        signed_by("officer", end=APPROVED - DAY),
    ),
    Forgery(
        "officer not yet",
        "certificate-expired",
        signed_by("officer", start=APPROVED + DAY),
    ),
    Forgery("officer may not sign", "key-usage", signed_by("officer", signs=False)),
    Forgery(
        "officer under another",
        "chain",
        signed_by("officer", issuer=strangers().issuing),
    ),
    Forgery("officer is an authority", "key-usage", signed_by("officer", ca=True)),
    Forgery(
        "weaker protection",
        "algorithm-protection",
        officer(drop=frozenset({"protection"}), more_attributes=(OTHER_PROTECTION,)),
    ),
    Forgery(
        "content inside", "cms-not-detached", officer(content=tlv(0xA0, tlv(4, b"x")))
    ),
    Forgery("another serial", "signer-identifier", officer(der=_other_serial)),
    Forgery("no signature", "signature-missing", officer(bodies=lambda b: b[1:])),
    Forgery(
        "tree of another kind",
        "not-a-dictionary",
        made(lambda b: b.objects.update({PAGES: b"[ 1 ]"})),
    ),
    Forgery(
        "image without a stream",
        "not-a-stream",
        made(lambda b: b.objects.update({21: b.objects[21].partition(b"\nst")[0]})),
    ),
    # the timestamps
    Forgery("no timestamp", "timestamp-missing", officer(stamping=None)),
    Forgery("seal not stamped", "timestamp-missing", seal(stamping=None)),
    Forgery("stranger's stamp", "chain", officer(stamping=FOREIGN_TSA)),
    Forgery("usage not critical", "key-usage", signed_by("tsa", **NO_CRITICAL)),
    Forgery("usage not alone", "key-usage", signed_by("tsa", usage=TWO_USES)),
    Forgery("officer stamps", "chain", stamped(tsa=ours().officer)),
    Forgery("stamp on other bytes", "timestamp-imprint", stamped(imprint=b"\x01" * 32)),
    Forgery("stamp with junk", "timestamp-shape", stamped(tail=b"\x04\x00")),
    Forgery(
        "stamp fields twice",
        "timestamp-shape",
        stamped(tail=b"\x02\x01\x01\x02\x01\x01"),
    ),
    Forgery(
        "critical extension",
        "timestamp-shape",
        stamped(tail=tlv(0xA1, tlv(0x30, tlv(6, b"\x2a"), b"\x01\x01\xff", tlv(4)))),
    ),
    Forgery(
        "stamp with unsigned",
        "unsigned-attributes",
        stamped(unsigned=tlv(0xA1, SIGNING_TIME)),
    ),
    Forgery(
        "stamp far from the time", "timestamp-time", stamped(at=SIGNED_AT + 6 * MINUTE)
    ),
    Forgery(
        "stamp before the time", "timestamp-time", stamped(at=SIGNED_AT - 6 * MINUTE)
    ),
    Forgery("before the approval", "timestamp-time", both_at(-6 * MINUTE)),
    Forgery("too late", "timestamp-time", both_at(72 * HOUR + SECOND)),
    Forgery(
        "sealed before signed",
        "timestamp-time",
        made(
            lambda b: bend(
                b.seal,
                {
                    "at": SIGNED_AT - 6 * MINUTE,
                    "stamping": Stamping(b.pki.tsa, SIGNED_AT - 6 * MINUTE),
                },
            )
        ),
    ),
    Forgery(
        "stamper expired",
        "certificate-expired",
        signed_by("tsa", usage=[ExtendedKeyUsageOID.TIME_STAMPING], end=APPROVED),
    ),
    # the security store
    Forgery("officer revoked", "revoked", officers_answer(status="REVOKED")),
    Forgery("officer unknown", "revoked", officers_answer(status="UNKNOWN")),
    Forgery(
        "no answer for the seal",
        "revocation-missing",
        keeping(lambda s, _: s.answers.pop()),
    ),
    Forgery(
        "no answer for the stamp",
        "revocation-missing",
        keeping(lambda s, _: s.answers.pop(1)),
    ),
    Forgery("answer ended", "revocation-missing", officers_answer(until=APPROVED)),
    Forgery(
        "answer old", "revocation-missing", officers_answer(this=APPROVED - 2 * DAY)
    ),
    Forgery(
        "answer of tomorrow",
        "revocation-missing",
        officers_answer(this=APPROVED + 2 * DAY),
    ),
    Forgery(
        "stranger answers",
        "revocation-signature",
        officers_answer(responder=strangers().responder),
    ),
    Forgery("signer answers", "key-usage", officers_answer(responder=ours().seal)),
    Forgery(
        "answer for another issuer",
        "revocation-issuer",
        keeping(
            lambda s, _: s.answers.append(
                answer(strangers().officer, responder=strangers().responder)
            )
        ),
    ),
    Forgery(
        "answer for a stranger",
        "revocation-foreign",
        keeping(
            lambda s, p: s.answers.append(answer(p.responder, responder=p.responder))
        ),
    ),
    Forgery(
        "no answer at all",
        "revocation-shape",
        keeping(lambda s, _: s.answers.append(b"\x30\x03\x0a\x01\x06")),
    ),
    Forgery(
        "answer with a loose bit",
        "revocation-shape",
        keeping(
            lambda s, p: s.answers.__setitem__(
                0, loosened(lambda: answer(p.officer, responder=p.responder))
            )
        ),
    ),
    Forgery(
        "list with a loose bit",
        "revocation-shape",
        keeping(
            lambda s, p: s.lists.__setitem__(
                0, loosened(lambda: revocation_list(p.root))
            )
        ),
    ),
    Forgery("no list", "revocation-missing", keeping(lambda s, _: s.lists.clear())),
    Forgery(
        "empty store",
        "revocation-missing",
        keeping(
            lambda s, _: (s.answers.clear(), s.lists.clear(), s.certificates.clear())
        ),
    ),
    Forgery("list forged", "revocation-signature", listing(key=strangers().root)),
    Forgery("list names the authority", "revoked", listing(listed=[ours().issuing])),
    Forgery("list ended", "revocation-missing", listing(until=APPROVED)),
    Forgery("list for others", "revocation-missing", listing(extra=PARTIAL)),
    Forgery("delta list", "revocation-shape", listing(extra=x509.DeltaCRLIndicator(3))),
    Forgery(
        "stranger's list",
        "revocation-signature",
        keeping(lambda s, _: s.lists.append(revocation_list(strangers().root))),
    ),
    Forgery(
        "answers over and over",
        "store-items",
        keeping(lambda s, _: s.answers.extend(s.answers * 99)),
    ),
    Forgery(
        "an answer twice",
        "store-items",
        keeping(lambda s, _: s.answers.append(s.answers[0])),
    ),
    Forgery(
        "lists over and over",
        "store-items",
        keeping(lambda s, _: s.lists.extend(s.lists * 99)),
    ),
    Forgery(
        "an answer without measure",
        "store-items",
        keeping(lambda s, _: s.answers.append(bytes(1 << 17))),
    ),
    Forgery(
        "responder left out",
        "store-certificates",
        keeping(lambda s, p: s.certificates.remove(p.responder.der)),
    ),
    Forgery(
        "stranger in the store",
        "store-certificates",
        keeping(lambda s, _: s.certificates.append(strangers().officer.der)),
    ),
    Forgery(
        "certificate twice",
        "store-certificates",
        keeping(lambda s, _: s.certificates.append(s.certificates[0])),
    ),
    Forgery(
        "store incomplete",
        "store-certificates",
        keeping(lambda s, _: s.certificates.pop(0)),
    ),
    # the order says otherwise
    Forgery(
        "another officer ordered",
        "identity-not-pinned",
        made(lambda _: 0, officer=order(strangers()).officer),
    ),
    Forgery(
        "another version ordered",
        "identity-not-pinned",
        made(
            lambda _: 0,
            agency=order(ours()).agency.model_copy(update={"version": "2"}),
        ),
    ),
    Forgery(
        "another page ordered",
        "page-count",
        made(lambda _: 0, manifest=manifest()[:3]),
    ),
    Forgery(
        "approved later",
        "timestamp-time",
        made(lambda _: 0, approved_at=APPROVED + HOUR),
    ),
]
