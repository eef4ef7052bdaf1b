"""RFC 3161 time-stamp tokens, judged in full."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from storage.domain.gate.cms import der
from storage.domain.gate.cms.algorithms import SHA256_OID
from storage.domain.gate.cms.der import Node
from storage.domain.gate.cms.signed_data import token_signature
from storage.domain.gate.pki.certificate_chains import (
    TrustedChain,
    UsedCertificate,
    leaf_under,
)
from storage.domain.gate.refusal import refuse, require

_BOOLEAN: Final = 0x01
_REQUIRED: Final = (der.INTEGER, der.OID, der.SEQUENCE, der.INTEGER, der.TIME)
_OPTIONAL: Final = (der.SEQUENCE, _BOOLEAN, der.INTEGER, der.CONTEXT_0, der.CONTEXT_1)
"""Accuracy, ordering, nonce, tsa, extensions: each once, in this order (§2.4.2)."""
_TIME: Final = re.compile(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d{1,9})?Z")


@dataclass(frozen=True, slots=True)
class ProvenStamp:
    """A moment that a pinned authority vouches for."""

    moment: datetime
    """genTime, cut to whole seconds."""
    authority: UsedCertificate


def judge_token(
    token: bytes, digest: bytes, chains: tuple[TrustedChain, ...]
) -> ProvenStamp:
    """The time of a token over that SHA-256, under a pinned chain."""
    signed = token_signature(token)
    require(signed.token is None, "timestamp-shape", "a token on a token")
    # The time comes from under the signature that ``token_signature`` has verified;
    # whose it may be is asked at that very time.
    moment = _read(signed.content, digest)
    authority = leaf_under(chains, signed.signer, moment, "tsa")
    # No signature covers them: one that is not pinned could say anything.
    pinned = {der for chain in chains for der in chain.authorities}
    require(signed.others <= pinned, "timestamp-extra-certificate")
    return ProvenStamp(moment, authority)


def _read(info: bytes, imprint: bytes) -> datetime:
    """GenTime of a TSTInfo version 1 for that imprint (§2.4.2)."""
    fields = der.inside(info, der.whole(info))
    tags = tuple(field[0] for field in fields)
    require(tags[:5] == _REQUIRED, "timestamp-shape", "fields")
    require(_in_order(tags[5:]), "timestamp-shape", "optional fields")
    require(der.number(info, fields[0]) == 1, "timestamp-shape", "version")
    _check_extensions(info, fields[-1])
    named, hashed = der.inside(
        info, fields[2], der.SEQUENCE, der.OCTETS, reason="timestamp-shape"
    )
    digest = der.algorithm(info, named)
    require(digest == SHA256_OID, "timestamp-imprint", "not SHA-256")
    require(der.content(info, hashed) == imprint, "timestamp-imprint")
    return _moment(info, fields[4])


def _in_order(tags: tuple[int, ...]) -> bool:
    rest = iter(_OPTIONAL)
    return all(tag in rest for tag in tags)


def _check_extensions(info: bytes, last: Node) -> None:
    """A critical one would have to be understood (RFC 5280 §4.2): a third field."""
    if last[0] != der.CONTEXT_1:
        return
    for extension in der.inside(info, last):
        der.inside(info, extension, der.OID, der.OCTETS, reason="timestamp-shape")


def _moment(info: bytes, node: Node) -> datetime:
    found = _TIME.fullmatch(der.content(info, node))
    if found is None:
        refuse("timestamp-shape", "genTime")
    year, month, day, hour, minute, second = (int(part) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        refuse("timestamp-shape", "genTime")
