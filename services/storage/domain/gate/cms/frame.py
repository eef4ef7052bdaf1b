"""CMS SignedData taken apart (RFC 5652 §5), nothing of it proven yet.

The proof is in ``signed_data`` and, for tokens, in ``pki.timestamps``. Start at
``read_frame``.
"""

from dataclasses import dataclass
from typing import Final

from storage.domain.gate.cms import der
from storage.domain.gate.cms.algorithms import DIGESTS, SHA256, SHA256_OID, Digest
from storage.domain.gate.cms.der import Node, oid
from storage.domain.gate.refusal import refuse, require

SIGNED_DATA: Final = oid("1.2.840.113549.1.7.2")
DATA: Final = oid("1.2.840.113549.1.7.1")
TST_INFO: Final = oid("1.2.840.113549.1.9.16.1.4")
CONTENT_TYPE: Final = oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST: Final = oid("1.2.840.113549.1.9.4")
SIGNING_TIME: Final = oid("1.2.840.113549.1.9.5")
SIGNING_CERTIFICATE: Final = oid("1.2.840.113549.1.9.16.2.12")
SIGNING_CERTIFICATE_V2: Final = oid("1.2.840.113549.1.9.16.2.47")
ALGORITHM_PROTECTION: Final = oid("1.2.840.113549.1.9.52")
TIMESTAMP_TOKEN: Final = oid("1.2.840.113549.1.9.16.2.14")


@dataclass(frozen=True, slots=True)
class SignedDataRules:
    """What one kind of SignedData is."""

    version: int
    content_type: bytes
    digests: frozenset[bytes]
    """Digests that the signature may be over, as object identifiers."""


OURS: Final = SignedDataRules(1, DATA, frozenset({SHA256_OID}))
TOKEN: Final = SignedDataRules(3, TST_INFO, frozenset(DIGESTS))
"""RFC 3161 §2.4.2: everything else in it is as its authority likes."""


@dataclass(frozen=True, slots=True)
class Frame:
    """SignedData taken apart, nothing of it proven yet."""

    data: bytes
    digest: Digest
    content: bytes
    certificates: dict[bytes, bytes]
    """SHA-256 to DER."""
    info: list[Node]
    """The fields of the one SignerInfo."""


def read_frame(data: bytes, rules: SignedDataRules) -> Frame:
    """RFC 5652 §5.1; [1] crls are not ours."""
    kind, box = der.inside(data, der.whole(data), der.OID, der.CONTEXT_0)
    require(der.content(data, kind) == SIGNED_DATA, "cms-shape", "not SignedData")
    (body,) = der.inside(data, box, der.SEQUENCE)
    version, digests, encapsulated, certificates, infos = der.inside(
        data, body, der.INTEGER, der.SET, der.SEQUENCE, der.CONTEXT_0, der.SET
    )
    require(der.number(data, version) == rules.version, "cms-shape", "version")
    (named,) = der.inside(data, digests, der.SEQUENCE)
    signers = der.inside(data, infos)
    require(len(signers) == 1, "cms-signer-count", len(signers))
    info = _signer_info(data, signers[0])
    identifier = der.algorithm(data, named)
    same = identifier == der.algorithm(data, info[2])
    require(same, "cms-algorithm", "two digests")
    require(identifier in rules.digests, "cms-algorithm", identifier.hex())
    return Frame(
        data,
        DIGESTS[identifier],
        _encapsulated(data, encapsulated, rules),
        _certificates(data, certificates),
        info,
    )


def unsigned_token(frame: Frame) -> bytes | None:
    """The one unsigned attribute: a time-stamp token (RFC 3161 appendix A)."""
    data = frame.data
    if len(frame.info) == 6:  # noqa: PLR2004 - no unsigned attributes
        return None
    (attribute,) = der.inside(
        data, frame.info[6], der.SEQUENCE, reason="unsigned-attributes"
    )
    name, values = der.inside(data, attribute, der.OID, der.SET)
    require(der.content(data, name) == TIMESTAMP_TOKEN, "unsigned-attributes")
    (token,) = der.inside(data, values, der.SEQUENCE)
    return der.source(data, token)


def _signer_info(data: bytes, node: Node) -> list[Node]:
    """RFC 5652 §5.3; the signed attributes must be there, the unsigned ones may."""
    require(node[0] == der.SEQUENCE, "cms-shape", "SignerInfo")
    fields = der.inside(data, node)
    tags = (
        der.INTEGER,
        der.SEQUENCE,
        der.SEQUENCE,
        der.CONTEXT_0,
        der.SEQUENCE,
        der.OCTETS,
    )
    found = tuple(field[0] for field in fields)
    require(found in (tags, (*tags, der.CONTEXT_1)), "cms-shape", "SignerInfo")
    require(der.number(data, fields[0]) == 1, "cms-shape", "SignerInfo version")
    return fields


def _encapsulated(data: bytes, node: Node, rules: SignedDataRules) -> bytes:
    kind, *box = der.inside(data, node) or refuse("cms-shape", "content")
    require(kind[0] == der.OID, "cms-shape", "content type")
    require(der.content(data, kind) == rules.content_type, "cms-shape", "content type")
    if not box:
        return b""
    require(len(box) == 1 and box[0][0] == der.CONTEXT_0, "cms-shape", "content")
    return der.content(data, der.inside(data, box[0], der.OCTETS)[0])


def _certificates(data: bytes, node: Node) -> dict[bytes, bytes]:
    encoded = [der.source(data, n) for n in der.inside(data, node)]
    found = {SHA256.of(c): c for c in encoded}
    require(len(found) == len(encoded), "cms-extra-certificate", "twice")
    return found
