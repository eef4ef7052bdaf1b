"""Warns of certificates that end soon: in the log, and on ``/metrics``."""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from chassis.clock import Clock

log = structlog.get_logger()

WARN_DAYS: Final = (7, 30, 60)
LOOK_EVERY_SECONDS: Final = 3600.0


@dataclass(slots=True)
class ExpiryWatch:
    """Looks at the certificate of every key; each warning is logged once a run."""

    watched: tuple[tuple[str, x509.Certificate], ...]
    """A key's id and its certificate; in a rotation a key has two."""
    clock: Clock
    _logged: set[tuple[bytes, int]] = field(default_factory=set)

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            self.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY_SECONDS)

    def look(self) -> None:
        now = self.clock()
        for key, certificate in self.watched:
            due = _due(certificate, now)
            print_ = certificate.fingerprint(hashes.SHA256())
            if due is None or (print_, due) in self._logged:
                continue
            self._logged.add((print_, due))
            self._warn(key, certificate, due, now)

    def gauges(self) -> Iterable[tuple[str, float]]:
        """The days left, and the warning that applies (60, 30 or 7; -1: none)."""
        now = self.clock()
        for key, certificate in self.watched:
            labels = f'{{key="{key}",certificate="{_short(certificate)}"}}'
            days = _left(certificate, now) / timedelta(days=1)
            yield f"ecopy_signing_certificate_days_left{labels}", days
            due = _due(certificate, now)
            warning = -1 if due is None else due
            yield f"ecopy_signing_certificate_warning_days{labels}", warning

    @staticmethod
    def _warn(key: str, certificate: x509.Certificate, due: int, now: datetime) -> None:
        warn = log.error if due == min(WARN_DAYS) else log.warning
        warn(
            "certificate_ends_soon",
            key=key,
            certificate=_short(certificate),
            days_left=_left(certificate, now).days,
            within_days=due,
            ends=certificate.not_valid_after_utc.isoformat(),
        )


def _due(certificate: x509.Certificate, now: datetime) -> int | None:
    left = _left(certificate, now)
    return next((days for days in WARN_DAYS if left <= timedelta(days=days)), None)


def _left(certificate: x509.Certificate, now: datetime) -> timedelta:
    return certificate.not_valid_after_utc - now


def _short(certificate: x509.Certificate) -> str:
    """The beginning of a fingerprint: it tells two certificates of one key apart."""
    return certificate.fingerprint(hashes.SHA256()).hex()[:8]
