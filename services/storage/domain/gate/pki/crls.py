"""Revocation lists of pinned authorities (RFC 5280 §5)."""

from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from storage.domain.gate.cms import der
from storage.domain.gate.cms.algorithms import SIGNATURE_DIGESTS, AuthorityKey
from storage.domain.gate.cms.signed_data import certificate
from storage.domain.gate.pki.subjects import FRESH, Subject
from storage.domain.gate.refusal import refuse, require


def check_not_listed(item: bytes, subject: Subject) -> None:
    entry = _list(item).get_revoked_certificate_by_serial_number(subject.serial)
    require(entry is None, "revoked", f"{subject.serial:x}")


def list_covers(item: bytes, subject: Subject) -> bool:
    """Fresh at that moment, and not partitioned away from it."""
    found = _list(item)
    # A list without an end would hold for ever, and so hide a revocation that came
    # later.
    until = found.next_update_utc
    if until is None:
        refuse("revocation-shape", "a list without nextUpdate")
    fresh = found.last_update_utc <= subject.moment + FRESH and subject.moment <= until
    return fresh and _in_scope(found, subject)


def _in_scope(found: x509.CertificateRevocationList, subject: Subject) -> bool:
    """RFC 5280 §5.2.5: a list may say that it speaks of some certificates only."""
    for extension in found.extensions:
        scope = extension.value
        if not isinstance(scope, x509.IssuingDistributionPoint):
            continue
        partial = scope.only_some_reasons or scope.indirect_crl
        if partial or scope.only_contains_attribute_certs or scope.relative_name:
            return False
        wrong = (
            scope.only_contains_ca_certs
            if subject.leaf
            else scope.only_contains_user_certs
        )
        if wrong or not _named_point(scope, subject):
            return False
    return True


def _named_point(scope: x509.IssuingDistributionPoint, subject: Subject) -> bool:
    if scope.full_name is None:
        return True
    try:
        points = certificate(subject.der).extensions.get_extension_for_class(
            x509.CRLDistributionPoints
        )
    except x509.ExtensionNotFound:
        return False
    named = {name for point in points.value for name in point.full_name or ()}
    return not named.isdisjoint(scope.full_name)


def issuer_of(item: bytes, issuers: set[bytes]) -> bytes:
    """The authority whose verified list this is."""
    name = _list(item).issuer
    named = [i for i in issuers if certificate(i).subject == name]
    require(named, "revocation-issuer", "list")
    holds = [i for i in named if _list_holds(item, i)]
    require(holds, "revocation-signature", "list")
    return holds[0]


@lru_cache(16)  # a state authority's list has megabytes; copies share it
def _list(item: bytes) -> x509.CertificateRevocationList:
    try:
        found = x509.load_der_x509_crl(item)
        # Read when they are asked for, so asked here, where a broken one is a refusal.
        _ = found.issuer, found.last_update_utc, found.next_update_utc
        digest = found.signature_hash_algorithm
        known = all(
            not e.critical or isinstance(e.value, x509.IssuingDistributionPoint)
            for e in found.extensions
        )
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        refuse("revocation-shape", error)
    require(known, "revocation-shape", "critical extension: a delta list?")
    strong = digest is not None and digest.name in SIGNATURE_DIGESTS
    require(strong, "revocation-signature", "digest")
    parts = der.inside(item, der.whole(item), der.SEQUENCE, der.SEQUENCE, der.BITS)
    der.octets_of_bits(item, parts[2], "revocation-shape")
    return found


@lru_cache(64)
def _list_holds(item: bytes, issuer: bytes) -> bool:
    public = certificate(issuer).public_key()
    return isinstance(public, AuthorityKey) and _list(item).is_signature_valid(public)
