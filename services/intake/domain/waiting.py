"""Who acts next on a paper, whether that is the reader, and whether it takes too long.

The board, the case and the page desk all ask here, so that they name the same person.
Start at ``waits``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from intake.domain.certifications import Standstill
from intake.domain.people import Actor, Role
from intake.domain.records import Case, CaseDocument
from intake.domain.states import EDITABLE, MOVING, State

Act = Literal[
    "scan",
    "rescan",
    "compare",
    "submit",
    "supplement",
    "certify",
    "release",
    "mend",
    "machine",
    "close",
    "link",
    "none",
]
Pace = Literal["usual", "slow", "overlong"]

USUAL: Final = timedelta(minutes=1)
"""Signing and archiving take seconds; after a minute nobody may say "usually"."""
LONG: Final = timedelta(hours=1)
"""From then on a person is asked to call whoever runs the system."""

CLERKS: Final = frozenset({"scan", "rescan", "compare", "submit", "link"})
_FIRST: Final[tuple[Act, ...]] = (
    *("mend", "supplement", "rescan", "scan", "compare", "submit"),
    *("certify", "release", "machine", "close", "link", "none"),
)
"""The order in which papers that stand alike speak for their case: furthest behind
first."""
_OF_STATE: Final[dict[State, Act]] = {
    State.RETURNED: "rescan",
    State.SUPPLEMENT: "supplement",
    State.AWAITING: "certify",
    State.TO_SEAL: "release",
    State.REGISTERED: "machine",
    State.SIGNED: "machine",
    State.VOIDING: "close",
    State.ISSUED: "link",
    State.REFUSED: "none",
    State.HELD: "none",
    State.VOID: "none",
    State.NOT_ACCEPTED: "none",
    State.TAKEN_BACK: "none",
    State.MERGED: "none",
}


@dataclass(frozen=True, slots=True)
class Waits:
    """The next act on a paper, as its reader is shown it."""

    act: Act
    who: str
    """Name of the one person who is expected to act; empty for a role, the machine or
    nobody.
    """
    mine: bool
    """That person is the reader."""
    may: bool
    """The reader may do it now, for themselves or in the other's place."""

    @property
    def key(self) -> str:
        """The sentence's key in the catalogue; one that says "you" is for that one
        reader.
        """
        if self.mine:
            return f"{self.act}-me"
        return "certify-any" if self.act == "certify" and not self.who else self.act


@dataclass(frozen=True, slots=True)
class Standing:
    """The few facts of a paper that settle who acts: a board row has no more."""

    state: State
    pages: int
    declared_pages: int
    compared_by: str | None
    brought_by: tuple[str, ...]
    approved_by: str | None
    approved_by_name: str | None
    setback: Standstill | None
    link_given: bool = False


def standing(document: CaseDocument) -> Standing:
    certified = document.certification
    return Standing(
        state=document.state,
        pages=len(document.pages),
        declared_pages=document.paper.pages,
        compared_by=document.compared_by,
        brought_by=document.brought_by,
        approved_by=certified.approved_by if certified else None,
        approved_by_name=certified.approved_by_name if certified else None,
        setback=certified.setback if certified else None,
        link_given=document.link_given,
    )


@dataclass(frozen=True, slots=True)
class Certifiers:
    """Who may approve at an agency today."""

    people: tuple[Actor, ...] = ()
    """Accounts whose office holds today."""
    alone: bool = False
    """This agency lets one person receive and certify."""

    def of(self, paper: Standing, case: Case) -> tuple[Actor, ...]:
        """Those of them who neither received, nor brought, nor compared the paper."""
        own = {case.received_by, paper.compared_by, *paper.brought_by}
        return tuple(each for each in self.people if self.alone or each.user not in own)


def waits(paper: Standing, case: Case, reader: Actor, certifiers: Certifiers) -> Waits:
    act = next_act(paper)
    if act in CLERKS:
        mine = reader.user == case.received_by and Role.CLERK in reader.roles
        may = Role.CLERK in reader.roles and act != "link"
        return Waits(act, case.received_by_name, mine, may)
    certifies = Role.CERTIFIER in reader.roles
    if act == "mend":
        mine = certifies and reader.user == paper.approved_by
        return Waits(act, paper.approved_by_name or "", mine, certifies)
    if act == "supplement":
        # Its requester acts; a clerk is who takes it in.
        may = Role.CLERK in reader.roles
        return Waits(act, case.requester.name, mine=False, may=may)
    if act == "certify":
        able = certifiers.of(paper, case)
        may = any(reader.user == each.user for each in able)
        who = able[0].name if len(able) == 1 else ""
        return Waits(act, who, mine=may and len(able) == 1, may=may)
    may = act == "release" and Role.SEAL_KEEPER in reader.roles
    return Waits(act, "", mine=False, may=may)


def foremost(found: Iterable[Waits]) -> Waits:
    """What a case waits for, of what its papers wait for."""
    return min(found, key=lambda each: _FIRST.index(each.act))


def next_act(paper: Standing) -> Act:
    if halted(paper.setback):
        return "mend"
    if paper.state is State.ISSUED and paper.link_given:
        return "none"
    complete = paper.pages == paper.declared_pages
    if paper.state in EDITABLE and complete and paper.compared_by is not None:
        return "submit"
    if paper.state not in {State.DRAFT, State.RECEIVED}:
        return _OF_STATE[paper.state]
    return "compare" if complete else "scan"


def halted(setback: Standstill | None) -> bool:
    """The machine does not try again by itself."""
    return setback is not None and setback.next_try_at is None


def moving_since(document: CaseDocument) -> datetime | None:
    """Since when the machine has been at the step that it is at; None for a paper that
    it has not in hand.
    """
    certified = document.certification
    if certified is None or document.state not in MOVING:
        return None
    if document.state is State.VOIDING and certified.voiding is not None:
        return certified.voiding.at
    return certified.sealed_at or certified.order.at


def pace(since: datetime, now: datetime) -> Pace:
    if now - since <= USUAL:
        return "usual"
    return "slow" if now - since <= LONG else "overlong"
