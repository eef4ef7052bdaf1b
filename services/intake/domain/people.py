"""Who works at the desk: accounts, sessions, and who an act is written down to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody is at the desk; ``domain.duties`` says what each may do."""

    CLERK = "clerk"
    EXAMINER = "examiner"
    CERTIFIER = "certifier"
    SEAL_KEEPER = "seal-keeper"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


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
    must_change: bool = False
    """An administrator chose the password: its owner has to choose another one before
    anything else."""
    version: int = 1
    """Counts the administrators' changes; a form names the one that it changes."""
    changed_by: str = ""
    """Name of whoever changed it last; empty where the operator made it."""
    changed_at: datetime | None = None


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
