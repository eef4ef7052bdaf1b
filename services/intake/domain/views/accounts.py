"""The administrator's pages of accounts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """An office of the agency that a certifier may hold."""

    id: str
    label: str
    """The officer's name and title."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account, as the list and its own page show it."""

    user: str
    name: str
    roles: frozenset[str]
    officer: str
    """Id of the office; empty where the account has none."""
    office: str
    active: bool
    must_change: bool
    """Its owner has not chosen a password yet."""
    signed_in_at: datetime | None
    sessions: int
    version: int
    mine: bool


@dataclass(frozen=True, slots=True)
class AccountsView:
    rows: tuple[AccountRow, ...]
    roles: tuple[str, ...]
    offices: tuple[OfficeChoice, ...]
    now: datetime
    row: AccountRow | None = None
    """The account of this page; None on the list."""
    given: str = ""
    """The password that was just made: shown once, and nowhere kept."""
