"""Intake's configuration: ``INTAKE__DATABASE__URL`` and so on.

A mirror of signing's and storage's settings: one name for one thing. See ``__main__``.
"""

from pathlib import Path
from typing import Final

from pydantic import Field
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

PREFIX: Final = "INTAKE"
MEBIBYTE: Final = 1 << 20


class DeskBindSettings(BindSettings):
    port: int = 8080


class LimitSettings(Block):
    file_bytes: int = 200 * MEBIBYTE
    document_pages: int = 200
    document_files: int = 400
    """The most files of one document, with those that were refused or removed: they
    stay."""
    upload_seconds: float = 60.0
    """From here on the further files of one request are not taken: each costs a worker,
    and the clerk is asked to send the rest in another request."""
    rebuilds_at_once: int = 2
    files_in_hand: int = 32
    """The most files of this process on their way, waiting and being rebuilt, together;
    a further one is answered with 503 and Retry-After, and its browser sends it again
    by itself."""
    spare_bytes: int = Field(1 << 30, ge=0)
    """What must stay free in a directory of scans: an upload that would take of it is
    refused before its first byte, with 507 and a sentence. A store behind S3 does not
    say what is free in it."""
    upload_hours: int = Field(24, ge=1)
    """How long the parts of an upload wait for the rest after their last byte."""


class WatchedFolder(Block):
    name: str = Field(min_length=1, max_length=60)
    """The name that clerks read, e.g. of the counter whose scanner writes there."""
    path: Path
    agency: str
    """The code in the agencies file of those whose inbox it fills."""


class HotFolderSettings(Block):
    folders: tuple[WatchedFolder, ...] = ()
    """Directories that network scanners write to, each of one agency:
    ``[{"name": "Quầy 2", "path": "/srv/scans/hoaban", "agency": "H99.42.05.13"}]``."""
    settle_seconds: float = Field(5.0, gt=0, le=600)
    """A file that did not change for so long is whole, and is taken."""
    empty_seconds: float = Field(120.0, gt=0)
    """An empty file is moved aside after so long; a scanner makes one when it
    begins."""
    days: int = Field(30, ge=1)
    """How long an arrival is there after the last hand that moved it."""


class ReadingSettings(Block):
    enabled: bool = True
    """Read the print on pages in the background, where Debian's tesseract-ocr and
    tesseract-ocr-vie are installed; false to leave it even there."""
    data: Path | None = None
    """A folder with ``vie.traineddata``, in place of Debian's."""


class SessionSettings(Block):
    idle_seconds: int = 15 * 60
    absolute_seconds: int = 8 * 3600


class PatienceSettings(Block):
    late_seconds: float = Field(120.0, gt=0, le=1200)
    """Without news of an order for so long, it is published again; then after 2, 4 and
    5 times as long, for ever."""
    person_seconds: float = Field(600.0, gt=0)
    """After so long without an end a certifier may order again, or declare the number
    void."""


class DeskRetentionSettings(RetentionSettings):
    scans_days: int = Field(30, ge=1)
    """Scans and pictures of a case, after its last paper has ended."""


class Settings(BaseSettings):
    model_config = settings_config(PREFIX)

    database: DatabaseSettings
    nats: NatsSettings
    scans: ObjectsSettings
    public_host: str
    """Origin of the public face, frozen into each copy: ``https://hoaban.example``.

    In ASCII (``xn--`` for other letters), no path, no slash at the end.
    """
    trust_file: Path
    agencies_file: Path
    link_key_file: Path
    """32 random bytes, hex: what link tokens are derived from."""
    demo: bool = False
    """Only then is a trust document with a development authority accepted."""
    accept_weak_sandbox: bool = False
    """Start on a kernel without Landlock (before 5.13, or switched off), where a
    program hidden in somebody's file could read and write what this service can."""
    bind: DeskBindSettings = DeskBindSettings()
    operations: BindSettings | None = None
    """The operations network: ``/healthz`` and ``/metrics`` for Prometheus, read-only.
    Not served where it is left out."""
    behind_tls: bool = False
    """A proxy in front ends TLS. Required on any address but loopback."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks of that proxy, whose ``X-Forwarded-For`` is believed, e.g.
    ``172.30.251.0/28``. Required with it: else all staff would be one address.

    No network that people sit in: their machines could claim any address.
    """
    connections: ConnectionSettings = ConnectionSettings()
    limits: LimitSettings = LimitSettings()
    hot_folders: HotFolderSettings = HotFolderSettings()
    reading: ReadingSettings = ReadingSettings()
    session: SessionSettings = SessionSettings()
    patience: PatienceSettings = PatienceSettings()
    deliveries_at_once: int = 16
    retention: DeskRetentionSettings = DeskRetentionSettings()
    crash_at: str | None = None
    """Tests only: a named durable step at which the process ends."""
    logs: LogSettings = LogSettings()
