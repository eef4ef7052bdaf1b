"""Who works at the desk: accounts, sessions, and who an act is written down to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    CLERK = "clerk"
    CERTIFIER = "certifier"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class User:
    id: str
    """Sign-in name."""
    name: str
    agency: str
    roles: frozenset[Role]
    officer: str | None
    """Id in the agencies file, for a certifier."""
    password: str
    """Argon2id, PHC string."""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Session:
    """Server-side; only the SHA-256 of its token is stored."""

    user: str
    csrf: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where: goes into the audit. The machine has no user."""

    user: str
    name: str
    agency: str
    roles: frozenset[Role] = frozenset()
    officer: str | None = None
    address: str = ""
