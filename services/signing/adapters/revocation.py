"""Validation data for B-LT, fetched once for a set of certificates and kept.

RFC 6960 (OCSP), RFC 5280 section 5 (CRL), EN 319 142-1 section 5.4. Every answer is
verified here, since the gate verifies it again after a key was used.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from chassis.clock import Clock
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.chains import Chain, encoded
from signing.adapters.lists import checked_list, crl_urls
from signing.adapters.ocsp import UnusableAnswerError, good_answer, request_for
from signing.adapters.source import Body, Group
from signing.adapters.web import Call, UnreachableError

MAX_AGE: Final = timedelta(hours=1)
"""Younger than the gate's 24 hours by far, and one fetch for thousands of copies."""
BEFORE_END: Final = timedelta(minutes=1)
STORES_KEPT: Final = 64

Fetch = Callable[[Call], bytes]


class RevokedError(Exception):
    """An authority says so; ``certificate`` is the one."""

    def __init__(self, certificate: x509.Certificate) -> None:
        super().__init__(certificate.subject.rfc4514_string())
        self.certificate = certificate


@dataclass(frozen=True, slots=True)
class Holder:
    """A leaf and the pinned chain above it."""

    certificate: x509.Certificate
    chain: Chain


@dataclass(frozen=True, slots=True)
class Proof:
    """Why one certificate counts as not revoked."""

    good_until: datetime
    ocsp: bytes | None = None
    crl: bytes | None = None
    responder: x509.Certificate | None = None


@dataclass(slots=True)
class Revocation:
    """Proofs by certificate, security stores by set of holders; for many threads."""

    fetch: Fetch
    clock: Clock
    _proofs: dict[bytes, Proof] = field(default_factory=dict)
    _stores: dict[tuple[bytes, ...], tuple[datetime, Group]] = field(
        default_factory=dict
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def store(self, holders: Sequence[Holder]) -> Group:
        """The security store for exactly these signers and authorities.

        Raises RevokedError, or Trouble(REVOCATION) when nobody answers well.
        """
        key = tuple(encoded(h.certificate) for h in holders)
        with self._lock:
            until, store = self._stores.get(key, (None, None))
        if store is not None and until is not None and self.clock() < until:
            return store
        proofs = [proof for holder in holders for proof in self._path(holder)]
        store = security_store(_certificates(holders, proofs), proofs)
        until = min(proof.good_until for proof in proofs)
        with self._lock:
            if len(self._stores) >= STORES_KEPT:
                self._stores.clear()
            self._stores[key] = until, store
        return store

    def _path(self, holder: Holder) -> Iterable[Proof]:
        """The leaf and every authority below the root, each under its issuer."""
        path = (holder.certificate, *holder.chain.authorities)
        for certificate, issuer in pairwise(path):
            if certificate.subject != certificate.issuer:
                yield self._proof(certificate, issuer)

    def _proof(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Proof:
        key = encoded(certificate)
        with self._lock:
            kept = self._proofs.get(key)
        if kept is not None and self.clock() < kept.good_until:
            return kept
        proof = self._fetched(certificate, issuer)
        with self._lock:
            self._proofs[key] = proof
        return proof

    def _fetched(
        self, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Proof:
        """OCSP first, CRL second."""
        failures: list[str] = []
        for url, attempt in (
            *((url, self._ocsp) for url in _ocsp_urls(certificate)),
            *((url, self._crl) for url in crl_urls(certificate)),
        ):
            try:
                return attempt(url, certificate, issuer)
            except (UnreachableError, UnusableAnswerError) as error:
                failures.append(f"{url}: {error}")
        name = certificate.subject.rfc4514_string()
        why = "; ".join(failures) or "no address of OCSP or CRL"
        raise Trouble(Hindrance.REVOCATION, f"{name}: {why}")

    def _ocsp(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Proof:
        query = request_for(certificate, issuer)
        answer = self.fetch(Call(url, query, "application/ocsp-request"))
        now = self.clock()
        found = good_answer(answer, certificate, issuer, now)
        if found is None:
            raise RevokedError(certificate)
        return Proof(
            _until(now, found.next_update), ocsp=answer, responder=found.responder
        )

    def _crl(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Proof:
        encoded_list, now = self.fetch(Call(url)), self.clock()
        listed = checked_list(encoded_list, certificate, issuer, now)
        if listed.get_revoked_certificate_by_serial_number(certificate.serial_number):
            raise RevokedError(certificate)
        return Proof(_until(now, listed.next_update_utc), crl=encoded_list)


def _until(now: datetime, next_update: datetime | None) -> datetime:
    limit = now + MAX_AGE
    return limit if next_update is None else min(limit, next_update - BEFORE_END)


def _certificates(
    holders: Sequence[Holder], proofs: Sequence[Proof]
) -> Iterable[bytes]:
    for holder in holders:
        yield encoded(holder.certificate)
        yield from map(encoded, holder.chain.authorities)
    for proof in proofs:
        if proof.responder is not None:
            yield encoded(proof.responder)


def security_store(certificates: Iterable[bytes], proofs: Sequence[Proof]) -> Group:
    """/DSS without /VRI, which EN 319 142-1 section 5.4.2.3 makes optional."""
    streams: list[Body] = []
    entry: list[bytes | int] = [b"<</Type/DSS"]
    for key, values in (
        (b"/Certs[", certificates),
        (b"/OCSPs[", (p.ocsp for p in proofs)),
        (b"/CRLs[", (p.crl for p in proofs)),
    ):
        entry.append(key)
        for value in dict.fromkeys(v for v in values if v is not None):
            head = b"<</Length %d>>\nstream\n" % len(value)
            streams.append((head + value + b"\nendstream",))
            entry += (len(streams), b" ")
        entry.append(b"]")
    return Group(((*entry, b">>"), *streams))


def _ocsp_urls(certificate: x509.Certificate) -> Iterable[str]:
    try:
        access = certificate.extensions.get_extension_for_class(
            x509.AuthorityInformationAccess
        )
    except x509.ExtensionNotFound:
        return
    for description in access.value:
        if description.access_method == AuthorityInformationAccessOID.OCSP:
            yield str(description.access_location.value)
