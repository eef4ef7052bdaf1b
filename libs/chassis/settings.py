"""Settings blocks shared by the services. Each service composes its own.

Only a ``settings.py`` reads the environment. Start at ``settings_config``.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class NatsSettings(Block):
    url: str = "nats://127.0.0.1:4222"
    user_file: Path | None = None
    """nkey seed of this service; none where the bus asks for none (tests)."""
    signing_key_file: Path
    """Ed25519 seed (32 bytes, hex) that signs this service's events."""
    public_keys_file: Path
    """JSON: service name → Ed25519 public key, hex."""


class DatabaseSettings(Block):
    url: SecretStr
    """``sqlite:////abs/path.db`` or ``postgresql+psycopg://…``."""


class LogSettings(Block):
    level: str = "info"
    json_lines: bool = True


class BindSettings(Block):
    """The address and port on which a service answers HTTP."""

    host: str = "127.0.0.1"
    port: int = 8081


class ObjectsSettings(Block):
    """Where one bucket lies: ``file:/abs/dir`` or ``s3://bucket``."""

    url: str
    endpoint: str = ""
    """``http://host:port`` of the S3 server."""
    region: str = "us-east-1"
    access_key: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    secret_key_file: Path | None = None
    """Read instead of ``secret_key``: file secrets."""


class ConnectionSettings(Block):
    """What strangers may do before we know what they ask (docs/decisions/0063)."""

    at_once: int = 800
    """Connections; never more than half of the process's file descriptors."""
    at_once_per_address: int = 100
    """Open connections of one IPv4 address or IPv6 /64; a trusted proxy may have any
    number."""
    header_seconds: float = 10.0
    """From a connection's first moment to the end of its request's headers."""
    idle_seconds: int = 30
    """Between two requests on one connection."""
    unread_seconds: float = 120.0
    """Without one byte of an answer taken: then nobody reads it."""
    bodies_at_once: int = 128
    """Requests whose bodies are on their way. From the half on, only addresses that
    have none on its way are let in."""
    bodies_at_once_per_address: int = 32
    least_bytes_per_second: int = 16 << 10
    """The least rate of a body that has used up the patience below."""
    patience_seconds: float = 10.0
    """How long a body may fall behind the least rate, altogether."""
    body_seconds: float = 20 * 60.0
    """How long a body may be waited for, altogether."""


class RetentionSettings(Block):
    """How many days things are there; ``ecopy retention`` shows each rule."""

    outbox_days: int = Field(30, ge=15)
    """Events that the bus has; it forgets them itself after 14 days."""


def settings_config(prefix: str) -> SettingsConfigDict:
    """``PREFIX__NATS__URL`` and so on; a typo is an error, a secret never shown."""
    return SettingsConfigDict(
        env_prefix=f"{prefix}__",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )


class MigrateSettings(BaseSettings):
    """What a command needs that touches nothing but the database: ``migrate``,
    ``journal-verify``, ``audit-verify``, ``user-add``. ``migrate_settings`` reads it.
    """

    model_config = settings_config("") | {"extra": "ignore"}

    database: DatabaseSettings
    logs: LogSettings = LogSettings()


def migrate_settings(prefix: str) -> MigrateSettings:
    """The settings of such a command from ``PREFIX__DATABASE__URL`` and so on; the
    service's other settings need not be there.
    """
    return MigrateSettings(_env_prefix=f"{prefix}__")
