"""Validation data for B-LT: security stores by set of certificates, cached while fresh.

EN 319 142-1 section 5.4; docs/decisions/0016. A store that has just aged is used a
little longer while a new one is fetched beside it, never past a nextUpdate. The answers
in it come from ``revocation_proofs.py``. Start at ``SecurityStores.store``.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import structlog
from cryptography import x509

from chassis.clock import Clock
from chassis.measures import Measure
from ecopy.refusals import Hindrance, Trouble
from signing.adapters.authorities.governor import RequestLimits
from signing.adapters.authorities.http_client import HttpRequest
from signing.adapters.authorities.proofs import (
    Proof,
    RevokedError,
    UnprovedError,
)
from signing.adapters.authorities.rate_budget import AT_ONCE
from signing.adapters.authorities.revocation_proofs import (
    ENOUGH,
    LARGEST_CRLS,
    MAX_AGE,
    RevocationProofs,
)
from signing.adapters.cms.certificate_chains import CertificateChain, encoded
from signing.adapters.pdf.groups import Body, Group

__all__ = [
    "Holder",
    "RevokedError",
    "SecurityStores",
    "UnprovedError",
    "security_store",
]

log = structlog.get_logger()

STALE_FOR: Final = timedelta(minutes=30)
"""How long an aged store is used while a fetch is under way; an older one waits for the
fetch."""
# One for each pair of officer and seal with each authority's current certificate.
STORES_CACHED: Final = 64

Fetch = Callable[[HttpRequest], bytes]
_Key = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Holder:
    """A certificate that was used, and the pinned chain above it."""

    certificate: x509.Certificate
    chain: CertificateChain


@dataclass(frozen=True, slots=True)
class _Store:
    group: Group
    fresh_until: datetime
    good_until: datetime
    proofs: tuple[Proof, ...]

    def is_believed(self, now: datetime) -> bool:
        """Whether no answer in it is of a future that our clock was in."""
        return all(proof.is_believed(now) for proof in self.proofs)

    def check_covers(self, uses: Iterable[datetime]) -> None:
        """Raises Trouble(REVOCATION) if the gate would not let these answers speak for
        one of *uses*: a clock that moves between a timestamp and its proofs parts them.
        """
        for at in uses:
            if not all(first <= at <= last for first, last in self._windows()):
                what = f"the answers do not reach a use of {at}"
                raise Trouble(Hindrance.REVOCATION, what, AT_ONCE)

    def _windows(self) -> Iterable[tuple[datetime, datetime]]:
        return (proof.covers for proof in self.proofs)


@dataclass(slots=True)
class SecurityStores:
    """Makes and caches security stores; the signing threads share it."""

    fetch: Fetch
    clock: Clock
    largest_crls: int = LARGEST_CRLS
    limits: RequestLimits = ENOUGH
    max_age: timedelta = MAX_AGE
    background: Executor | None = None
    """Fetches what has aged beside the work; None: the work waits for it."""
    proofs: RevocationProofs = field(init=False)
    _stores: dict[_Key, _Store] = field(default_factory=dict)
    _renewing: set[_Key] = field(default_factory=set)
    # Guards _stores and _renewing; held for their look-ups only, never for a fetch. Two
    # threads may build one store twice, but each answer in it is fetched once: that is
    # what the flights of RevocationProofs are for.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.proofs = RevocationProofs(
            self.fetch, self.clock, self.largest_crls, self.limits, self.max_age
        )

    def store(self, holders: Sequence[Holder], uses: Sequence[datetime] = ()) -> Group:
        """The security store for exactly these signers and authorities, whose
        certificates were used at the moments *uses*.

        Raises RevokedError, UnprovedError when nobody answers well about one of them,
        or Trouble(REVOCATION).
        """
        store = self._current(holders)
        store.check_covers(uses)
        return store.group

    def _current(self, holders: Sequence[Holder]) -> _Store:
        key = tuple(encoded(h.certificate) for h in holders)
        with self._lock:
            kept = self._stores.get(key)
        now = self.clock()
        if kept is None or not kept.is_believed(now):
            return self._build(key, holders)
        if now < kept.fresh_until:
            return kept
        aged = now < min(kept.fresh_until + STALE_FOR, kept.good_until)
        if aged and self.background is not None:
            self._renew_beside(self.background, key, holders)
            return kept
        return self._build(key, holders)

    def measures(self) -> Iterable[Measure]:
        return self.proofs.measures()

    def _renew_beside(
        self, background: Executor, key: _Key, holders: Sequence[Holder]
    ) -> None:
        with self._lock:
            if key in self._renewing:
                return
            self._renewing.add(key)

        def renew() -> None:
            try:
                self._build(key, holders)
            except (Trouble, RevokedError) as error:  # the next copy hears it itself
                log.warning("revocation_not_renewed", why=repr(error))
            finally:
                with self._lock:
                    self._renewing.discard(key)

        background.submit(renew)

    def _build(self, key: _Key, holders: Sequence[Holder]) -> _Store:
        """Gather the proofs, build the store and cache it."""
        try:
            proofs = [proof for holder in holders for proof in self._path(holder)]
        except RevokedError:
            with self._lock:  # no set with this certificate may live on
                self._stores.clear()
            raise
        self._check_size(proofs)
        store = _Store(
            security_store(_certificates(holders, proofs), proofs),
            min(proof.fresh_until for proof in proofs),
            min(proof.good_until for proof in proofs),
            tuple(proofs),
        )
        with self._lock:
            if len(self._stores) >= STORES_CACHED:
                self._stores.clear()
            self._stores[key] = store
        return store

    def _path(self, holder: Holder) -> Iterable[Proof]:
        """The proofs of the leaf and of every authority below the root."""
        path = (holder.certificate, *holder.chain.authorities)
        for certificate, issuer in pairwise(path):
            if certificate.subject != certificate.issuer:
                yield self.proofs.of(certificate, issuer)

    def _check_size(self, proofs: Iterable[Proof]) -> None:
        """Raises Trouble(REVOCATION) for lists so long that no copy should carry them
        for ever.
        """
        size = sum(map(len, {proof.crl for proof in proofs if proof.crl}))
        if size > self.largest_crls:
            log.error("crls_over_budget", size=size, most=self.largest_crls)
            what = f"CRLs of {size} bytes, more than {self.largest_crls} in one copy"
            raise Trouble(Hindrance.REVOCATION, what)


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
    """A /DSS dictionary and its streams, without /VRI, which EN 319 142-1 section
    5.4.2.3 makes optional.
    """
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
