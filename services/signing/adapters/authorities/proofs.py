"""A verified answer that a certificate is not revoked, and how there may be none.

What a proof speaks for and how long it is believed stands here; ``revocation_proofs``
asks for proofs and caches them. Start at ``Proof``.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509

from ecopy.refusals import Hindrance, Trouble
from signing.adapters.authorities.ocsp import CLOCKS, GATE_FRESH


class RevokedError(Exception):
    """An authority says that ``certificate`` is revoked."""

    def __init__(self, certificate: x509.Certificate) -> None:
        super().__init__(certificate.subject.rfc4514_string())
        self.certificate = certificate


class UnprovedError(Trouble):
    """No authority answers well about ``certificate`` now."""

    def __init__(
        self, certificate: x509.Certificate, why: str, again_in: timedelta | None
    ) -> None:
        name = certificate.subject.rfc4514_string()
        super().__init__(Hindrance.REVOCATION, f"{name}: {why}", again_in)
        self.certificate = certificate


@dataclass(frozen=True, slots=True)
class Proof:
    """A verified answer that says "not revoked"."""

    fresh_until: datetime
    """The time from which a newer answer is asked for."""
    good_until: datetime
    """The time it ends, at nextUpdate or at the gate's limit for OCSP."""
    answered_at: datetime
    """The time that the answer states, its thisUpdate."""
    asked_at: datetime
    """The time by our clock when it was asked for last."""
    covers: tuple[datetime, datetime]
    """The first and the last moment of a use that the gate lets it prove."""
    ocsp: bytes | None = None
    crl: bytes | None = None
    responder: x509.Certificate | None = None

    def is_believed(self, now: datetime) -> bool:
        """Whether it is no answer from a future that our clock was in. A clock that ran
        ahead and was set back leaves such answers, "fresh" until that future: meanwhile
        the gate would refuse each copy, and nobody would hear of a revocation.
        """
        return max(self.answered_at, self.asked_at) <= now + CLOCKS


def ocsp_covers(
    stated: datetime, next_update: datetime | None
) -> tuple[datetime, datetime]:
    """The first and the last use that the gate lets an OCSP answer speak for."""
    latest = stated + GATE_FRESH
    return stated - GATE_FRESH, min(latest, next_update or latest)
