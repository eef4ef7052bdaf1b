"""Signing's configuration: ``SIGNING__DATABASE__URL`` and so on; see ``__main__``."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from chassis.settings import (
    Block,
    DatabaseSettings,
    LogSettings,
    NatsSettings,
    ObjectsSettings,
    settings_config,
)


class BindSettings(Block):
    """The operations network: ``/healthz`` and ``/metrics``, read-only."""

    host: str = "127.0.0.1"
    port: int = 8081


class TsaSettings(Block):
    urls: tuple[str, ...] = Field(min_length=1)
    """In order: the next one is asked when one fails or asks for patience."""
    policies: frozenset[str] = frozenset()
    """Accepted policy OIDs; none: any."""


class Settings(BaseSettings):
    model_config = settings_config("SIGNING")

    database: DatabaseSettings
    nats: NatsSettings
    scans: ObjectsSettings
    """Intake's bucket; read only."""
    copies: ObjectsSettings
    trust_file: Path
    keys_file: Path
    """TOML: which keys there are, where each is, and what its appearance shows."""
    tsa: TsaSettings
    demo: bool = False
    """Only then is a trust document with a development authority accepted."""
    bind: BindSettings = BindSettings()
    network_timeout_seconds: float = 10.0
    """Of each call to a TSA, an OCSP responder or a CRL server."""
    threads: int = 8
    """Copies composed and sealed at once; most of them wait for a TSA."""
    deliveries_at_once: int = 8
    crash_at: str | None = None
    """Tests only: a named durable step at which the process ends."""
    logs: LogSettings = LogSettings()


class MigrateSettings(BaseSettings):
    """``python -m signing migrate`` needs the database alone."""

    model_config = settings_config("SIGNING") | {"extra": "ignore"}

    database: DatabaseSettings
    logs: LogSettings = LogSettings()
