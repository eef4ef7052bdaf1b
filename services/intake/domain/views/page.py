"""What any page may show: its reader, what is to be mended, and why not."""

from dataclasses import dataclass
from dataclasses import field as filled
from datetime import datetime

from intake.domain.differing import Difference
from intake.domain.views.names import OfficeNames


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the act before this page brought about: shown once."""

    slug: str
    """Names the sentence in the catalogue: ``said.<slug>``."""
    values: dict[str, str | int]
    link: str = ""
    """Code of the case that it is about, where this page is not that case's."""


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in: in every page's context as ``me`` (None before sign-in)."""

    user: str
    name: str
    roles: frozenset[str]
    """Slugs of ``domain.people.Role``."""
    agency: str
    agency_name: str
    csrf: str
    """Goes into each form as ``<input type=hidden name=csrf>``, FIRST in the form."""
    key: str = ""
    """One-time key of this page's forms, beside ``csrf`` (``domain.form_keys``)."""
    demo: bool = False
    arrivals: int | None = None
    """How many files wait in the inbox; None for whoever has none."""
    receipt: Receipt | None = None
    conflict: "ConflictView | None" = None
    """Who was first, above a form that comes back with what was typed."""
    names: OfficeNames = filled(default_factory=OfficeNames)
    """What their agency calls kinds and grounds today."""
    must_change: bool = False
    """They have to choose a password before anything else."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One line of the error summary: ``errors`` in the context, ``#field`` its link."""

    field: str
    key: str
    """Catalogue key of the sentence, e.g. ``error.pages``."""
    values: dict[str, str | int] = filled(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    key: str
    """Catalogue key."""


@dataclass(frozen=True, slots=True)
class SignInView:
    next: str
    """Path to go to afterwards; own origin only."""
    user: str
    """The name as it was typed."""
    notice: str | None
    """``signed-out``, ``idle``, ``password-changed``, ``kept``."""
    tries_left: int | None = None
    locked_until: datetime | None = None
    kept: str = ""
    """A form that stood open when the session ended, as it would have been sent."""
    kept_to: str = ""


@dataclass(frozen=True, slots=True)
class AccountView:
    user: str
    name: str
    roles: frozenset[str]
    agency_name: str
    min_length: int
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class ConflictView:
    """409: somebody was first; nothing was saved."""

    who: str
    when: datetime
    back_url: str
    """The same page, fresh."""
    differences: tuple[Difference, ...] = ()
    """The fields that the other has changed, as far as they are known."""


@dataclass(frozen=True, slots=True)
class ErrorView:
    status: int
    key: str
    """``error.403``, ``error.404``, ``error.413``, ``error.csrf``, ``error.503`` …"""
    back_url: str = "/"
    values: dict[str, str | int] = filled(default_factory=dict)
    again_url: str | None = None
    """The address asked for, where asking again may help: the page asks by itself."""


def choices(prefix: str, values: tuple[str, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(value, f"{prefix}.{value}") for value in values)
