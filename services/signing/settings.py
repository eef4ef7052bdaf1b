"""Signing's configuration: ``SIGNING__DATABASE__URL`` and so on.

A mirror of intake's and storage's settings: one name for one thing. See ``__main__``.
"""

from pathlib import Path
from typing import Final, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

from chassis.settings import (
    BindSettings,
    Block,
    DatabaseSettings,
    LogSettings,
    NatsSettings,
    ObjectsSettings,
    RetentionSettings,
    settings_config,
)

PREFIX: Final = "SIGNING"
REQUESTS_OF_A_COPY: Final = 4
"""A probe, a timestamp for each signature, and B-LTA's over the whole file."""


class TsaSettings(Block):
    urls: tuple[str, ...] = Field(min_length=1)
    """In order: the next one is asked when one fails or asks for patience."""
    policies: frozenset[str] = frozenset()
    """Accepted policy OIDs; none: any."""
    requests: int = Field(0, ge=0)
    """At most so many of each authority in any period; 0: as many as there are."""
    period_seconds: float = Field(1200, gt=0)
    limits: dict[str, tuple[int, float]] = Field(default_factory=dict)
    """Limits of single authorities: {"http://…": [20, 1200]}, requests and seconds."""

    @model_validator(mode="after")
    def _enough_for_a_copy(self) -> Self:
        """Or a copy of the highest level would never come out."""
        each = [self.requests, *(requests for requests, _ in self.limits.values())]
        if any(0 < requests < REQUESTS_OF_A_COPY for requests in each):
            raise ValueError(
                f"a copy takes up to {REQUESTS_OF_A_COPY} requests in one period"
            )
        if not self.limits.keys() <= set(self.urls):
            raise ValueError("limits name a URL that is not in urls")
        return self


class RevocationSettings(Block):
    requests_per_minute: int = Field(120, ge=0)
    """At most so many of each OCSP responder and CRL server; 0: as many as there are.
    """
    fresh_seconds: float = Field(3600, gt=0, le=4 * 3600)
    """An answer is asked for again after this, and never used past its nextUpdate."""
    largest_crls_bytes: int = Field(4 << 20, gt=0)
    """The most bytes of all CRLs in one copy: each copy carries them for ever."""


class SigningRetentionSettings(RetentionSettings):
    copies_days: int = Field(30, ge=1)
    """Sealed copies that the archive has."""


class ReckonSettings(BaseSettings):
    """What ``reconcile`` needs: the journal, and signing's own bucket. The service's
    other settings need not be there.
    """

    model_config = settings_config(PREFIX) | {"extra": "ignore"}

    database: DatabaseSettings
    copies: ObjectsSettings
    logs: LogSettings = LogSettings()


class Settings(BaseSettings):
    model_config = settings_config(PREFIX)

    database: DatabaseSettings
    nats: NatsSettings
    scans: ObjectsSettings
    """Intake's bucket; read only."""
    copies: ObjectsSettings
    trust_file: Path
    keys_file: Path
    """TOML: which keys there are, where each is, and what its appearance shows."""
    tsa: TsaSettings
    revocation: RevocationSettings = RevocationSettings()
    key_uses_per_hour: int = Field(0, ge=0)
    """How often each key is used in an hour; beyond it copies wait. 0: no cap."""
    demo: bool = False
    """Only then is a trust document with a development authority accepted."""
    bind: BindSettings = BindSettings()
    """The operations network: ``/healthz`` and ``/metrics``, read-only."""
    network_timeout_seconds: float = 10.0
    """How long each call to a TSA, an OCSP responder or a CRL server may take."""
    threads: int = 8
    """Copies composed and sealed at once; most of them wait for a TSA."""
    deliveries_at_once: int = 8
    retention: SigningRetentionSettings = SigningRetentionSettings()
    crash_at: str | None = None
    """Tests only: a named durable step at which the process ends."""
    logs: LogSettings = LogSettings()
