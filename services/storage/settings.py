"""Storage's configuration: ``STORAGE__DATABASE__URL`` and so on.

A mirror of intake's and signing's settings: one name for one thing. See ``__main__``.
"""

from pathlib import Path
from typing import Final

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from chassis.settings import (
    BindSettings,
    Block,
    ConnectionSettings,
    DatabaseSettings,
    LogSettings,
    NatsSettings,
    ObjectsSettings,
    RetentionSettings,
    settings_config,
)

PREFIX: Final = "STORAGE"
MEGABYTE: Final = 1_000_000


class TlsSettings(Block):
    """On any address but loopback a proxy in front must end TLS."""

    behind_proxy: bool = False


class PublicLimitSettings(Block):
    """Limits of one process: with n replicas an address may do n times as much."""

    file_bytes: int = 300 * MEGABYTE
    """The largest file that is taken to be checked."""
    files_in_hand: int = 64
    """Files on their way and being judged, together."""
    files_at_once: int = 16
    """Judged at once; a file takes its place when it has arrived."""
    files_at_once_per_address: int = 4
    place_seconds: float = 20.0
    """How long a file that has arrived waits for its place."""
    spool_bytes: int = 5000 * MEGABYTE
    """On disk together, of all files on their way and being judged."""
    window_minutes: int = 15
    codes_per_window: int = 30
    """Look-ups by code, found or not."""
    wrong_links_per_window: int = 30
    """Only links that open nothing count: a holder may come as often as they like."""
    files_per_window: int = 300
    """Files and digests."""
    requests_per_second: int = 200
    """What everybody together may ask of all that looks something up."""


class ScrubPaceSettings(Block):
    """How the archive is read again and again, so that rot is met in time."""

    days: float = Field(7, gt=0)
    """Every archived copy is read and compared at least this often."""
    bytes_per_second: int = Field(10 * MEGABYTE, gt=0)
    """How fast the archive is read for that, at most."""


class OfficeSettings(Block):
    """What the frame of each public page says of who runs it."""

    name: str = "Cơ quan chứng thực"
    name_en: str = "The certifying office"
    phone: str = ""
    hours: str = "07:30 đến 17:00, ngày làm việc"
    hours_en: str = "07:30 to 17:00, working days"


class MissingCopySettings(Block):
    """When a sealed copy that signing's bucket does not have counts as lost, and
    another is made. Never while the bucket itself is not to be seen.
    """

    tries: int = 4
    seconds: float = 60.0
    """How long after the first look that missed it."""


class ReckonSettings(BaseSettings):
    """What ``reconcile`` needs: catalogue, archive, and what a copy is judged by. The
    service's other settings need not be there.
    """

    model_config = settings_config(PREFIX) | {"extra": "ignore"}

    database: DatabaseSettings
    archive: ObjectsSettings
    trust_file: Path
    demo: bool = False
    link_days: int = 30
    logs: LogSettings = LogSettings()


class ScrubSettings(BaseSettings):
    """What ``scrub`` needs; the service's other settings need not be there."""

    model_config = settings_config(PREFIX) | {"extra": "ignore"}

    database: DatabaseSettings
    copies: ObjectsSettings
    archive: ObjectsSettings
    second_archive: ObjectsSettings | None = None
    logs: LogSettings = LogSettings()


class ArchiveRetentionSettings(RetentionSettings):
    archive_days: int = Field(365, ge=60)
    """Files of archived copies; the catalogue's line, with the digest, is for ever. No
    link may be promised for longer (``link_days``)."""


class Settings(BaseSettings):
    model_config = settings_config(PREFIX)

    database: DatabaseSettings
    nats: NatsSettings
    copies: ObjectsSettings
    """Signing's bucket, to read only."""
    archive: ObjectsSettings
    second_archive: ObjectsSettings | None = None
    """Another place with the archive's keys, to read only: a mounted backup. What is
    rotten in the archive is healed from it."""
    trust_file: Path
    public_host: str
    """Origin under which this face is reached: ``https://hoaban.example``."""
    demo: bool = False
    """Only then is a trust document with a development authority accepted."""
    accept_weak_sandbox: bool = False
    """Start on a kernel without Landlock (before 5.13, or switched off), where a
    program hidden in somebody's file could read and write what this service can."""
    operations: BindSettings | None = None
    """The operations network: ``/healthz`` and ``/metrics`` for Prometheus, read-only.
    Not served where it is left out."""
    missing_copy: MissingCopySettings = MissingCopySettings()
    link_days: int = 30
    """How long the first link of a copy opens it."""
    spool_directory: Path | None = None
    """Where files to be checked lie for a moment; None: the system's place."""
    address_key: SecretStr | None = None
    """Makes digests of addresses comparable over restarts, and lets a browser that has
    answered the question before a link go on at any replica; None: a new one a start.
    """
    # Not a number of hops: a client may send any number of entries of its own.
    trusted_proxies: tuple[str, ...] = ()
    """Networks whose ``X-Forwarded-For`` is believed, e.g. ``172.16.0.0/12``."""
    bind: BindSettings = BindSettings()
    tls: TlsSettings = TlsSettings()
    connections: ConnectionSettings = ConnectionSettings()
    limits: PublicLimitSettings = PublicLimitSettings()
    scrub: ScrubPaceSettings = ScrubPaceSettings()
    office: OfficeSettings = OfficeSettings()
    deliveries_at_once: int = 16
    retention: ArchiveRetentionSettings = ArchiveRetentionSettings()
    crash_at: str | None = None
    """Tests only: a named durable step at which the process ends."""
    logs: LogSettings = LogSettings()
