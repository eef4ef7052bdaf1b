"""Who may certify for whom, as of a day: agencies, officers, books, from one TOML file.

Names, codes and seals change with mergers: each version has its days, and an issued
copy keeps the version of its own. The file::

    [[agencies]]
    code = "H99.42.05.13"
    clause = "Chứng thực bản sao đúng với bản chính"   # optional
    level = "B-LTA"                                    # optional: "B-T", "B-LT"
    close_of_business = 17:00:00                       # optional
    same_person_may_certify = false                    # optional: receipt and approval
    examination = true                                 # optional: examiners send back
    book = { ordinal = 2 }        # optional: number_format, book_format

    [[agencies.versions]]         # key: the seal's key id at the signing service
    version = "1"
    valid_from = 2025-07-01
    name = "UBND phường Hoa Ban"
    name_lines = ["UBND PHƯỜNG HOA BAN"]
    place = "Hoa Ban"
    key = "seal-hoa-ban"

    [[agencies.layouts]]          # of the clause page; optional: "clause/3" always
    template = "clause/4"
    valid_from = 2026-07-01

    [[agencies.officers]]         # valid_until is optional and exclusive; by_delegation
                                  # = true for whoever needs a delegation in writing
    id = "pham-quoc-vinh"
    version = "1"
    name = "Phạm Quốc Vĩnh"
    title_lines = ["KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]
    key = "officer-pham-quoc-vinh"
    valid_from = 2026-07-01

Certificates are pinned by the trust document, found by role, id, version and key; it
also says which agency was merged into which, and when (docs/decisions/0143). Start at
``identities``.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final, Literal, get_args

from ecopy.events import Agency as SealedFor
from ecopy.events import Level
from ecopy.events import Officer as SignedBy
from ecopy.trust import TrustDocument
from intake.domain.delegations import Delegation
from intake.domain.numbers import RegisterBook

CLAUSE: Final = "Chứng thực bản sao đúng với bản chính"
LAYOUT: Final = "clause/3"
OPTIONAL: Final = (
    "clause",
    "close_of_business",
    "same_person_may_certify",
    "examination",
    "level",
)
_LAYOUT_NAME: Final = re.compile(r"[a-z]+/[0-9]+")


class NoOffice(LookupError):
    """Nobody of that name holds office, or the agency has no version, on that day."""


@dataclass(frozen=True, slots=True)
class AgencyVersion:
    version: str
    valid_from: date
    name: str
    name_lines: tuple[str, ...]
    place: str
    key: str


@dataclass(frozen=True, slots=True)
class Layout:
    """How the clause page looks from a day on; an order keeps that of its own day."""

    template: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class OfficerVersion:
    id: str
    version: str
    name: str
    title_lines: tuple[str, ...]
    key: str
    valid_from: date
    valid_until: date | None = None
    by_delegation: bool = False
    """Certifies only within a delegation in writing (``domain.delegating``)."""

    def holds(self, day: date) -> bool:
        ended = self.valid_until is not None and day >= self.valid_until
        return self.valid_from <= day and not ended


@dataclass(frozen=True, slots=True)
class AgencyEntry:
    """One agency of the file with all its versions; an order's ``Agency`` has one."""

    code: str
    versions: tuple[AgencyVersion, ...]
    officers: tuple[OfficerVersion, ...]
    book: RegisterBook
    clause: str = CLAUSE
    level: Level = "B-LT"
    """The PAdES level of this agency's copies."""
    layouts: tuple[Layout, ...] = ()
    close_of_business: time = time(17)
    same_person_may_certify: bool = False
    examination: bool = True
    """Whether examiners look papers through, and may send them back."""
    release: Literal["automatic", "manual"] = "automatic"
    """Whether the seal keeper releases each copy; an administrator's row decides."""

    def on(self, day: date) -> AgencyVersion:
        """The version of that day; NoOffice before the first one."""
        known = [v for v in self.versions if v.valid_from <= day]
        if not known:
            raise NoOffice(f"{self.code} has no version on {day}")
        return max(known, key=lambda v: v.valid_from)

    def layout(self, day: date) -> str:
        """The clause page's template of that day; before the first one, the plain."""
        begun = [known for known in self.layouts if known.valid_from <= day]
        latest = max(begun, key=lambda known: known.valid_from, default=None)
        return LAYOUT if latest is None else latest.template

    def officer(self, officer: str, day: date) -> OfficerVersion:
        """The officer as of that day; NoOffice if the office has ended or not begun."""
        found = [o for o in self.officers if o.id == officer and o.holds(day)]
        if not found:
            raise NoOffice(f"{officer} holds no office at {self.code} on {day}")
        return max(found, key=lambda o: o.valid_from)


@dataclass(frozen=True, slots=True)
class Identities:
    """Officer and agency as they go into an order."""

    officer: SignedBy
    agency: SealedFor
    under: Delegation | None = None
    """The document that gives the officer the power; None where the office does."""


Agencies = Mapping[str, AgencyEntry]


def parse(text: str) -> Agencies:
    """The agencies of a file by their code.

    Raises TypeError, KeyError or ValueError for a file that is not as the head of this
    module shows. Letters are composed (NFC): some editors write a letter and its marks
    apart.
    """
    composed = tomllib.loads(unicodedata.normalize("NFC", text))
    return {raw["code"]: _agency(raw) for raw in composed["agencies"]}


def identities(
    agency: AgencyEntry, officer: str, day: date, trust: TrustDocument
) -> Identities:
    """Who signs and seals on that day, with their pins; NoOffice if one is missing."""
    person, seal = agency.officer(officer, day), agency.on(day)
    return Identities(
        SignedBy(
            id=person.id,
            version=person.version,
            name=person.name,
            title_lines=person.title_lines,
            key=person.key,
            certificate_sha256=_pin(
                trust, "officer", (person.id, person.version, person.key), day
            ),
        ),
        SealedFor(
            code=agency.code,
            version=seal.version,
            name_lines=seal.name_lines,
            place=seal.place,
            key=seal.key,
            certificate_sha256=_pin(
                trust, "seal", (agency.code, seal.version, seal.key), day
            ),
        ),
    )


def _pin(
    trust: TrustDocument, role: str, named: tuple[str, str, str], day: date
) -> str:
    """The certificate of *named*: id, version and key, as signing and the gate find it
    in the same document.
    """
    for pinned in trust.identities:
        own = (pinned.id, pinned.version, pinned.key)
        if (pinned.role, *own) == (role, *named) and trust.in_force(pinned, day):
            return pinned.certificate_sha256
    raise NoOffice(f"on {day} the trust document pins no {role} {' '.join(named)}")


def _agency(raw: dict[str, Any]) -> AgencyEntry:
    optional = {name: raw[name] for name in OPTIONAL if name in raw}
    if optional.get("level", "B-LT") not in get_args(Level):
        raise ValueError(f"{raw['code']}: level is one of {get_args(Level)}")
    return AgencyEntry(
        code=raw["code"],
        versions=tuple(AgencyVersion(**_tuples(v)) for v in raw["versions"]),
        officers=tuple(OfficerVersion(**_tuples(o)) for o in raw.get("officers", ())),
        layouts=tuple(_layout(known) for known in raw.get("layouts", ())),
        book=RegisterBook(**raw.get("book", {"ordinal": 1})),
        **optional,
    )


def _layout(raw: dict[str, Any]) -> Layout:
    """The layout. ValueError for what has no name's shape; signing knows the names."""
    layout = Layout(**raw)
    if not _LAYOUT_NAME.fullmatch(layout.template):
        raise ValueError(
            f"layout {layout.template!r}: a name, a slash, a number, as in {LAYOUT!r}"
        )
    return layout


def _tuples(raw: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in raw.items()}
