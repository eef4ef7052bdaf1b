"""Signatures and tokens that a library would still read, each field bent alone: the
keys are used as they should be, over bytes that are not of the dialect.
"""

from collections.abc import Callable
from functools import partial

from cryptography.x509.oid import ExtendedKeyUsageOID

from storage.domain.gate.cms.der import oid
from support.forging.case import Case, Forgery
from support.forging.copy import SIGNED_AT
from support.forging.hands import bend, made, members, officer, stamped
from support.forging.pki import (
    HASHES,
    SIGNED_DATA,
    TST_INFO,
    Entity,
    Fields,
    Stamping,
    algorithm,
    attribute,
    integer,
    ours,
    tlv,
)

SHA256, SHA384, SHA512 = (HASHES[f"sha{bits}"][0] for bits in (256, 384, 512))
CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
SIGNING_CERTIFICATE = oid("1.2.840.113549.1.9.16.2.47")
TOKEN = oid("1.2.840.113549.1.9.16.2.14")
RSA_ENCRYPTION = algorithm(oid("1.2.840.113549.1.1.1"), null=True)
ECDSA_SHA1 = algorithm(oid("1.2.840.10045.4.1"))
ECDSA_SHA256 = algorithm(oid("1.2.840.10045.4.3.2"))
ECDSA_SHA384 = algorithm(oid("1.2.840.10045.4.3.3"))
STAMPING = [ExtendedKeyUsageOID.TIME_STAMPING]
INTEGER = b"\x02\x01\x01"
Attributes = list[bytes]
Change = Callable[[Fields], Fields]


def _with(**fields: bytes) -> Change:
    """These fields instead, in their old places."""

    def change(before: Fields) -> Fields:
        assert fields.keys() <= before.keys()
        return before | fields

    return change


def _without(name: str) -> Change:
    return lambda fields: {k: v for k, v in fields.items() if k != name}


def _again(name: str) -> Change:
    """The last element of that field once more."""

    def change(fields: Fields) -> Fields:
        header = 2 + max(0, fields[name][1] - 0x80) * (fields[name][1] >= 0x80)
        inside = fields[name][header:]
        return fields | {name: tlv(fields[name][0], inside, inside)}

    return change


def _other(kind: bytes, *parts: bytes) -> Callable[[Attributes], Attributes]:
    """Another attribute instead of the one of that kind."""
    named = tlv(6, kind)

    def change(attributes: Attributes) -> Attributes:
        others = [one for one in attributes if named not in one]
        assert len(others) == len(attributes) - 1
        return sorted((*others, *parts))

    return change


def _naming(value: bytes) -> Callable[[Attributes], Attributes]:
    """A signing-certificate-v2 with this value."""
    return _other(SIGNING_CERTIFICATE, attribute(SIGNING_CERTIFICATE, value))


def _values(kind: bytes, *values: bytes) -> bytes:
    return tlv(0x30, tlv(6, kind), tlv(0x31, *values))


def _twice(attributes: Attributes) -> Attributes:
    return sorted((*attributes, attributes[0]))


def _token_on_a_token() -> Case:
    inner = Stamping(ours().tsa, SIGNED_AT).token(b"x")
    return stamped(unsigned=tlv(0xA1, attribute(TOKEN, inner)))()


def _elliptic(**changes: object) -> Callable[[], Case]:
    """By an officer whose key is of a curve."""

    def make() -> Case:
        pki = members(officer=Entity("Officer", ours().issuing))
        return made(lambda copy: bend(copy.officer, changes), pki)()

    return make


def _imprint(*parts: bytes) -> Change:
    return _with(imprint=tlv(0x30, *parts))


def _only(text: bytes, _content: bytes) -> bytes:
    return text


def _time(text: bytes, tag: int = 0x18) -> Callable[[], Case]:
    return stamped(fields=_with(time=tlv(tag, text)))


CMS = [
    # what the key signs
    Forgery(
        "attributes in disorder",
        "cms-attributes",
        officer(attributes=lambda a: a[::-1]),
    ),
    Forgery("an attribute twice", "cms-attributes", stamped(attributes=_twice)),
    Forgery("an attribute of ours twice", "cms-attributes", officer(attributes=_twice)),
    Forgery(
        "an attribute of two values",
        "cms-attributes",
        officer(
            attributes=_other(
                CONTENT_TYPE,
                _values(
                    CONTENT_TYPE, tlv(6, oid("1.2.840.113549.1.7.1")), tlv(6, TST_INFO)
                ),
            )
        ),
    ),
    Forgery(
        "a stamp's attribute of two values",
        "cms-attributes",
        stamped(
            attributes=_other(
                CONTENT_TYPE, _values(CONTENT_TYPE, tlv(6, TST_INFO), tlv(6, TST_INFO))
            )
        ),
    ),
    Forgery(
        "an attribute without a value",
        "cms-attributes",
        officer(attributes=_other(CONTENT_TYPE, _values(CONTENT_TYPE))),
    ),
    Forgery(
        "attributes of another content",
        "cms-attributes",
        officer(
            attributes=_other(CONTENT_TYPE, _values(CONTENT_TYPE, tlv(6, TST_INFO)))
        ),
    ),
    Forgery(
        "stamp without its kind",
        "cms-attributes",
        stamped(attributes=_other(CONTENT_TYPE)),
    ),
    Forgery(
        "stamp that names nobody",
        "cms-attributes",
        stamped(attributes=_other(SIGNING_CERTIFICATE)),
    ),
    *(
        Forgery(f"stamp that names {what}", reason, stamped(attributes=_naming(value)))
        for what, reason, value in (
            ("no certificate", "signing-certificate", tlv(0x30)),
            ("a number", "signing-certificate", tlv(0x30, INTEGER)),
            ("an empty list", "signing-certificate", tlv(0x30, tlv(0x30))),
            ("a list of numbers", "signing-certificate", tlv(0x30, tlv(0x30, INTEGER))),
            ("nothing", "signing-certificate", tlv(0x30, tlv(0x30, tlv(0x30)))),
            (
                "no digest",
                "signing-certificate",
                tlv(0x30, tlv(0x30, tlv(0x30, INTEGER))),
            ),
            (
                "by SHA-1",
                "cms-algorithm",
                tlv(
                    0x30,
                    tlv(
                        0x30,
                        tlv(0x30, algorithm(oid("1.3.14.3.2.26")), tlv(4, bytes(20))),
                    ),
                ),
            ),
            (
                "another one",
                "signing-certificate",
                tlv(0x30, tlv(0x30, tlv(0x30, tlv(4, bytes(32))))),
            ),
        )
    ),
    Forgery(
        "default written out",
        "signing-certificate",
        made(
            lambda b: bend(
                b.officer,
                {
                    "attributes": _naming(
                        tlv(
                            0x30,
                            tlv(
                                0x30,
                                tlv(
                                    0x30,
                                    algorithm(SHA256),
                                    tlv(4, bytes.fromhex(b.pki.officer.sha256)),
                                ),
                            ),
                        )
                    )
                },
            )
        ),
    ),
    # the SignerInfo
    Forgery(
        "SignerInfo version 3", "cms-shape", officer(info=_with(version=integer(3)))
    ),
    Forgery(
        "SignerInfo without a digest", "cms-shape", officer(info=_without("digest"))
    ),
    Forgery(
        "SignerInfo of another tag",
        "cms-shape",
        officer(
            body=lambda f: (
                f | {"signers": f["signers"][:4] + b"\x31" + f["signers"][5:]}
            )
        ),
    ),
    Forgery(
        "by another issuer's name",
        "signer-identifier",
        officer(
            info=_with(
                sid=tlv(
                    0x30,
                    ours().root.subject.public_bytes(),
                    integer(ours().officer.serial),
                )
            )
        ),
    ),
    Forgery(
        "RSA named plainly",
        "cms-algorithm",
        officer(info=_with(algorithm=RSA_ENCRYPTION)),
    ),
    Forgery(
        "a curve named for RSA",
        "cms-algorithm",
        officer(info=_with(algorithm=ECDSA_SHA256)),
    ),
    Forgery(
        "RSA named for a curve",
        "cms-algorithm",
        stamped(info=_with(algorithm=RSA_ENCRYPTION)),
    ),
    Forgery(
        "RSA without its NULL",
        "cms-algorithm",
        officer(info=_with(algorithm=algorithm(oid("1.2.840.113549.1.1.11")))),
    ),
    Forgery(
        "an unknown algorithm",
        "cms-algorithm",
        stamped(info=_with(algorithm=ECDSA_SHA1)),
    ),
    Forgery(
        "an algorithm of another digest",
        "cms-algorithm",
        stamped(info=_with(algorithm=ECDSA_SHA384)),
    ),
    Forgery(
        "an empty algorithm", "cms-algorithm", stamped(info=_with(algorithm=tlv(0x30)))
    ),
    Forgery(
        "an algorithm without a name",
        "cms-algorithm",
        stamped(info=_with(algorithm=tlv(0x30, INTEGER))),
    ),
    Forgery(
        "an algorithm with parameters",
        "cms-algorithm",
        stamped(
            info=_with(algorithm=tlv(0x30, tlv(6, oid("1.2.840.10045.4.3.2")), INTEGER))
        ),
    ),
    Forgery(
        "two digests", "cms-algorithm", stamped(info=_with(digest=algorithm(SHA384)))
    ),
    Forgery(
        "a digest with its NULL",
        "cms-algorithm",
        _elliptic(
            info=_with(digest=algorithm(SHA256, null=True)),
            body=_with(digests=tlv(0x31, algorithm(SHA256, null=True))),
        ),
    ),
    Forgery(
        "a digest that nobody takes",
        "cms-algorithm",
        stamped(
            info=_with(digest=algorithm(oid("2.16.840.1.101.3.4.2.4"))),
            body=_with(digests=tlv(0x31, algorithm(oid("2.16.840.1.101.3.4.2.4")))),
        ),
    ),
    # the SignedData
    Forgery("two digests listed", "cms-shape", stamped(body=_again("digests"))),
    Forgery("stamp version 1", "cms-shape", stamped(body=_with(version=integer(1)))),
    Forgery(
        "a list in a stamp",
        "cms-shape",
        stamped(
            body=lambda f: {
                **{k: v for k, v in f.items() if k != "signers"},
                "lists": tlv(0xA1),
                "signers": f["signers"],
            }
        ),
    ),
    Forgery(
        "nobody signed", "cms-signer-count", stamped(body=_with(signers=tlv(0x31)))
    ),
    Forgery(
        "certificate embedded twice",
        "cms-extra-certificate",
        stamped(certificates=(ours().tsa,)),
    ),
    Forgery(
        "certificates in disorder",
        "cms-certificates",
        officer(
            body=_with(
                certificates=tlv(
                    0xA0,
                    *sorted((ours().officer.der, ours().issuing.der), reverse=True),
                )
            )
        ),
    ),
    Forgery("no content at all", "cms-shape", stamped(body=_with(content=tlv(0x30)))),
    Forgery(
        "content without a kind",
        "cms-shape",
        stamped(body=_with(content=tlv(0x30, INTEGER))),
    ),
    Forgery(
        "content of another kind",
        "cms-shape",
        stamped(body=_with(content=tlv(0x30, tlv(6, SIGNED_DATA)))),
    ),
    Forgery(
        "content in another box",
        "cms-shape",
        stamped(
            body=_with(content=tlv(0x30, tlv(6, TST_INFO), tlv(0xA1, tlv(4, b"x"))))
        ),
    ),
    Forgery(
        "nothing stamped",
        "cms-shape",
        stamped(body=_with(content=tlv(0x30, tlv(6, TST_INFO)))),
    ),
    Forgery(
        "another kind of message",
        "cms-shape",
        officer(der=lambda d: d.replace(SIGNED_DATA, oid("1.2.840.113549.1.7.3"), 1)),
    ),
    # what is stamped
    Forgery("stamp on a stamp's token", "timestamp-shape", _token_on_a_token),
    Forgery(
        "stamp without a serial", "timestamp-shape", stamped(fields=_without("serial"))
    ),
    Forgery(
        "stamp of version 2",
        "timestamp-shape",
        stamped(fields=_with(version=integer(2))),
    ),
    Forgery(
        "bytes behind a stamp", "cms-der", stamped(content=lambda c: c + b"\x05\x00")
    ),
    *(
        Forgery(f"stamp of {what}", "cms-der", stamped(content=partial(_only, text)))
        for what, text in (
            ("a half element", b"\x30"),
            ("less than it says", b"\x30\x05\x02\x01\x01"),
            ("a field longer than all", b"\x30\x03\x02\x05\x01"),
            ("a high tag", b"\x30\x03\x1f\x01\x01"),
            ("an endless length", b"\x30\x80\x02\x01\x01\0\0"),
        )
    ),
    Forgery(
        "stranger in a stamp",
        "timestamp-extra-certificate",
        stamped(certificates=(ours().seal,)),
    ),
    Forgery(
        "stamp by another digest",
        "timestamp-imprint",
        stamped(fields=_imprint(algorithm(SHA512), tlv(4, bytes(64)))),
    ),
    Forgery(
        "stamp without a digest's name",
        "timestamp-shape",
        stamped(fields=_imprint(tlv(4, bytes(32)))),
    ),
    Forgery("stamp without a zone", "timestamp-shape", _time(b"20261123081001")),
    Forgery("stamp of another zone", "timestamp-shape", _time(b"20261123151001+0700")),
    Forgery("stamp of a short year", "timestamp-shape", _time(b"261123081001Z", 0x17)),
    Forgery("stamp of no such month", "timestamp-shape", _time(b"20261323081001Z")),
    Forgery("stamp of no such second", "timestamp-shape", _time(b"20261123081061Z")),
]
