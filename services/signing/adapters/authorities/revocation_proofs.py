"""Why one certificate counts as not revoked: by OCSP, else by CRL, cached while fresh.

RFC 6960, RFC 5280 section 5. Each answer is verified here, before a key is used: the
gate would refuse a bad one only afterwards. Start at ``RevocationProofs.of``.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from cryptography import x509
from cryptography.x509.oid import NameOID

from chassis.clock import Clock
from chassis.measures import Measure, escaped
from ecopy.refusals import Trouble
from signing.adapters.authorities.crls import checked_list, crl_urls
from signing.adapters.authorities.governor import (
    Authority,
    NoAnswerError,
    RequestLimits,
)
from signing.adapters.authorities.http_client import HttpRequest
from signing.adapters.authorities.ocsp import (
    CLOCKS,
    GATE_FRESH,
    OLDEST,
    good_answer,
    ocsp_urls,
    request_for,
)
from signing.adapters.authorities.proofs import (
    Proof,
    RevokedError,
    UnprovedError,
    ocsp_covers,
)
from signing.adapters.cms.certificate_chains import encoded

log = structlog.get_logger()

MAX_AGE: Final = timedelta(hours=1)
"""How long an answer is used: far less than the gate's 24 hours, and one fetch for
thousands of copies."""
BEFORE_END: Final = timedelta(minutes=1)
"""How long before its nextUpdate an answer is given up: the copy is judged later."""
ASKED_AGAIN: Final = timedelta(minutes=1)
"""The pause after a failure, while the cached answer still holds."""
OCSP_REQUEST: Final = "application/ocsp-request"
LARGEST_OCSP_ANSWER: Final = 64 << 10
LARGEST_CRLS: Final = 4 << 20
"""The most octets of CRLs in one copy: each copy carries its own."""
ENOUGH: Final = RequestLimits(requests=120, period=timedelta(minutes=1))

Fetch = Callable[[HttpRequest], bytes]


@dataclass(frozen=True, slots=True)
class _Listed:
    asked_at: datetime
    fresh_until: datetime
    content: bytes


@dataclass(slots=True)
class RevocationProofs:
    """The cache of proofs by certificate; the signing threads share it."""

    fetch: Fetch
    clock: Clock
    largest_crls: int = LARGEST_CRLS
    limits: RequestLimits = ENOUGH
    max_age: timedelta = MAX_AGE
    _kept: dict[x509.Certificate, Proof] = field(default_factory=dict)
    _lists: dict[str, _Listed] = field(default_factory=dict)
    _authorities: dict[str, Authority] = field(default_factory=dict)
    # One lock for each certificate, held for a whole fetch: who needs the same proof
    # waits for it and then finds it in the cache.
    _flights: dict[bytes, threading.Lock] = field(default_factory=dict)
    # Guards changes of the dictionaries above; held for look-ups, never for a fetch. It
    # is taken inside a flight, never the other way round.
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Proof:
        """The proof that *certificate* is not revoked. Raises RevokedError, or
        UnprovedError when nobody answers well and the cached answer has ended.
        """
        with self._lock:
            flight = self._flights.setdefault(encoded(certificate), threading.Lock())
        with flight:
            kept, now = self._kept.get(certificate), self.clock()
            if kept is not None and not kept.is_believed(now):
                log.warning("revocation_of_the_future", asked_at=kept.asked_at)
                kept = None
            if kept is not None and now < kept.fresh_until:
                return kept
            proof = self._renew(kept, certificate, issuer)
            with self._lock:
                self._kept[certificate] = proof
            return proof

    def measures(self) -> Iterable[Measure]:
        with self._lock:
            kept, asked = tuple(self._kept.items()), tuple(self._authorities.values())
        for authority in asked:
            yield from authority.measures("ecopy_signing_revocation", "url")
        now, family = self.clock(), "ecopy_signing_revocation"
        for certificate, proof in kept:
            kind = "crl" if proof.ocsp is None else "ocsp"
            label = f'certificate="{escaped(_name(certificate))}",kind="{kind}"'
            age, left = now - proof.answered_at, proof.good_until - now
            yield f"{family}_age_seconds{{{label}}}", age.total_seconds()
            yield f"{family}_next_update_seconds{{{label}}}", left.total_seconds()
            size = len(proof.ocsp or proof.crl or b"")
            yield f"{family}_bytes{{{label}}}", size

    def _renew(
        self,
        kept: Proof | None,
        certificate: x509.Certificate,
        issuer: x509.Certificate,
    ) -> Proof:
        """A new proof. The cached one outlives a silence, up to its nextUpdate, but
        never an answer that says revoked.
        """
        try:
            return self._fetch(certificate, issuer)
        except RevokedError:
            with self._lock:
                self._kept.pop(certificate, None)
            raise
        except Trouble as error:
            now = self.clock()
            if kept is None or now >= kept.good_until:
                raise
            log.warning("revocation_not_renewed", why=str(error))
            again = min(now + ASKED_AGAIN, kept.good_until)
            return replace(kept, fresh_until=again, asked_at=now)

    def _fetch(self, certificate: x509.Certificate, issuer: x509.Certificate) -> Proof:
        """Ask by OCSP first, by CRL second."""
        failures: list[str] = []
        waits: list[timedelta] = []
        for url, attempt in (
            *((url, self._ocsp) for url in ocsp_urls(certificate)),
            *((url, self._crl) for url in crl_urls(certificate)),
        ):
            try:
                return attempt(url, certificate, issuer)
            except NoAnswerError as error:
                failures.append(f"{url}: {error}")
                waits.append(self._authority(url).wait())
        why = "; ".join(failures) or "no address of OCSP or CRL"
        raise UnprovedError(certificate, why, min(waits, default=None))

    def _ocsp(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Proof:
        query, authority = request_for(certificate, issuer), self._authority(url)
        call = HttpRequest(
            url, query, OCSP_REQUEST, LARGEST_OCSP_ANSWER, authority.again
        )

        def exchange() -> Proof | None:
            answer, now = self.fetch(call), self.clock()
            found = good_answer(answer, certificate, issuer, now)
            if found is None:
                return None
            oldest = found.this_update + OLDEST
            ends = (found.next_update or now + self.max_age) - BEFORE_END
            return Proof(
                *self._times(now, min(ends, oldest)),
                found.this_update,
                now,
                ocsp_covers(found.this_update, found.next_update),
                ocsp=answer,
                responder=found.responder,
            )

        proof = authority.ask(exchange)
        if proof is None:
            raise RevokedError(certificate)
        return proof

    def _crl(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate
    ) -> Proof:
        asked_at, content = self._list(url)
        now = self.clock()
        listed = checked_list(content, certificate, issuer, now)
        if listed.get_revoked_certificate_by_serial_number(certificate.serial_number):
            raise RevokedError(certificate)
        ends = listed.next_update_utc or now
        times = self._times(now, ends - BEFORE_END)
        with self._lock:
            self._lists[url] = _Listed(asked_at, times[0], content)
        stated = listed.last_update_utc
        covers = (stated - GATE_FRESH, ends)
        return Proof(*times, stated, asked_at, covers, crl=content)

    def _list(self, url: str) -> tuple[datetime, bytes]:
        """The CRL at *url*, and when it was asked for: one fetch serves all
        certificates that it is about.
        """
        with self._lock:
            kept = self._lists.get(url)
        now = self.clock()
        if (
            kept is not None
            and kept.asked_at <= now + CLOCKS
            and now < kept.fresh_until
        ):
            return kept.asked_at, kept.content
        authority = self._authority(url)
        call = HttpRequest(url, largest=self.largest_crls, again=authority.again)
        try:
            return now, authority.ask(lambda: self.fetch(call))
        except NoAnswerError as error:
            if error.kind == "too-large":
                log.error("crl_over_budget", url=url, most=self.largest_crls)  # noqa: TRY400 - no traceback
            raise

    def _times(self, now: datetime, ends: datetime) -> tuple[datetime, datetime]:
        return min(now + self.max_age, ends), ends

    def _authority(self, url: str) -> Authority:
        with self._lock:
            if url not in self._authorities:
                self._authorities[url] = Authority(
                    url.partition("://")[2], self.limits, self.clock
                )
            return self._authorities[url]


def _name(certificate: x509.Certificate) -> str:
    common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else certificate.subject.rfc4514_string()
