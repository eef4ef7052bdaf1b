"""Programs of others that may use the desk for one agency, and what each may do.

A program never approves: no scope has a certifier's, an examiner's, a leader's or an
administrator's duty, by the table here. Its token is shown once; what is stored is the
SHA-256 of it, and its first part, by which it is found
(docs/decisions/0146-programs-have-tokens.md). Start at ``DUTY_OF``.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from intake.domain import text
from intake.domain.calendar import local_day
from intake.domain.duties import Duty, roles_with
from intake.domain.people import Actor, Role
from intake.domain.records import Note
from intake.domain.states import NotAllowed

MARK: Final = "ecopy_"
"""How a program's token begins: a scanner of leaked secrets finds it by that."""
NAME_CHARACTERS: Final = 80
LONGEST: Final = timedelta(days=366)
"""A token that nobody has to think of again is one that nobody takes away."""
MOST_IN_FORCE: Final = 50
TOUCH_EVERY: Final = timedelta(minutes=1)
"""The last use is written that often at most: reading costs no commit."""
_TOKEN: Final = re.compile(r"ecopy_([a-z2-7]{8})_([A-Za-z0-9_-]{43})")

ProgramStanding = Literal["in-force", "ended", "revoked"]


class Scope(StrEnum):
    """One kind of thing that a program may do."""

    READ_CASES = "read-cases"
    """Sees cases, papers, pages and what happens to them; no requester."""
    FILE_CASES = "file-cases"
    """Opens cases, adds papers, asks for what is missing, puts a due hour off, ends
    papers at the desk."""
    SEND_SCANS = "send-scans"
    """Sends files of papers, takes them out again, and arranges their pages."""
    SUBMIT_PAPERS = "submit-papers"
    """Names who compared a paper with its original, and sends it to the approval."""
    PRINT_PAPERS = "print-papers"
    """Prints the papers that the office hands out, which name the requester."""
    FETCH_COPIES = "fetch-copies"
    """Reads the citizen's link, which opens the copy."""
    HAND_OVER = "hand-over"
    """Puts down how a result went out."""
    READ_REGISTER = "read-register"
    """Reads the register, which names requesters."""
    READ_FIGURES = "read-figures"
    """Reads what the office is measured by."""


DUTY_OF: Final[Mapping[Scope, Duty]] = {
    Scope.READ_CASES: Duty.READ_CASES,
    Scope.FILE_CASES: Duty.RECEIVE,
    Scope.SEND_SCANS: Duty.RECEIVE,
    Scope.SUBMIT_PAPERS: Duty.RECEIVE,
    Scope.PRINT_PAPERS: Duty.RECEIVE,
    Scope.FETCH_COPIES: Duty.RECEIVE,
    Scope.HAND_OVER: Duty.RECEIVE,
    Scope.READ_REGISTER: Duty.READ_CASES,
    Scope.READ_FIGURES: Duty.READ_OFFICE,
}
"""Whose work each scope is a part of: a clerk's, or only reading. A program is not
measured by more than that, whatever it holds."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program as its agency knows it."""

    prefix: str
    """The first part of its token, by which it is found; no secret."""
    agency: str
    name: str
    scopes: frozenset[Scope]
    token_sha256: str
    last_day: date
    """The last day, in Vietnam, on which its token opens anything."""
    made_by: str
    made_at: datetime
    revoked_by: str = ""
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def standing(self, now: datetime) -> ProgramStanding:
        if self.revoked_at is not None:
            return "revoked"
        return "ended" if local_day(now) > self.last_day else "in-force"


@dataclass(frozen=True, slots=True)
class ProgramForm:
    """A program as an administrator enters it."""

    name: str
    scopes: frozenset[Scope]
    last_day: date


@dataclass(frozen=True, slots=True)
class ProgramChange:
    """A program as it is from now on, with its line of audit."""

    program: Program
    note: Note


def parse_form(
    name: str, scopes: Iterable[str], last_day: date | None, today: date
) -> ProgramForm:
    """What was typed. Raises NotAllowed with the first fault."""
    shown = text.line(name)
    known = frozenset(Scope(scope) for scope in scopes if scope in set(Scope))
    if not shown or len(shown) > NAME_CHARACTERS:
        raise NotAllowed("error.program-name", n=NAME_CHARACTERS)
    if not known:
        raise NotAllowed("error.program-scopes")
    if last_day is None or not today <= last_day <= today + LONGEST:
        raise NotAllowed("error.program-day")
    return ProgramForm(shown, known, last_day)


def issued(
    form: ProgramForm,
    token: str,
    others: Sequence[Program],
    *,
    by: Actor,
    at: datetime,
) -> ProgramChange:
    """A new program of the agency of *by*. Raises NotAllowed where another one in force
    has its name, or there are too many.
    """
    standing = [each for each in others if each.standing(at) == "in-force"]
    if any(text.folded(each.name) == text.folded(form.name) for each in standing):
        raise NotAllowed("error.program-taken", name=form.name)
    if len(standing) >= MOST_IN_FORCE:
        raise NotAllowed("error.program-many", n=MOST_IN_FORCE)
    made = Program(
        prefix=prefix_of(token),
        agency=by.agency,
        name=form.name,
        scopes=form.scopes,
        token_sha256=digest(token),
        last_day=form.last_day,
        made_by=by.name,
        made_at=at,
    )
    until = form.last_day.isoformat()
    values = {"scopes": ",".join(sorted(form.scopes)), "until": until}
    return ProgramChange(made, _note("program-made", made, by, at, values))


def revoked(program: Program, *, by: Actor, at: datetime) -> ProgramChange | None:
    """Its token opens nothing any more; None where that is so already."""
    if program.revoked_at is not None:
        return None
    after = replace(program, revoked_by=by.name, revoked_at=at)
    return ProgramChange(after, _note("program-revoked", after, by, at, {}))


def token(prefix: str, secret: str) -> str:
    """The token as a program sends it."""
    return f"{MARK}{prefix}_{secret}"


def looks_like_token(sent: str) -> bool:
    """Whether it claims to be a program's; a session's token never begins so."""
    return sent.startswith(MARK)


def prefix_of(sent: str) -> str:
    """The part by which a program is found; empty for what is no token of ours."""
    found = _TOKEN.fullmatch(sent)
    return found[1] if found else ""


def digest(sent: str) -> str:
    return hashlib.sha256(sent.encode()).hexdigest()


def opens(program: Program | None, sent: str, now: datetime) -> bool:
    """Whether *sent* is the token of this program, and the program is in force. What is
    compared are digests, in a time that does not depend on them.
    """
    known = program.token_sha256 if program else digest("")
    same = hmac.compare_digest(known.encode(), digest(sent).encode())
    return same and program is not None and program.standing(now) == "in-force"


def actor_of(program: Program, address: str) -> Actor:
    """Who a program's act is written down to. No person's sign-in name has a colon."""
    return Actor(
        user=f"program:{program.prefix}",
        name=program.name,
        agency=program.agency,
        roles=roles_of(program.scopes),
        address=address,
    )


def roles_of(scopes: Iterable[Scope]) -> frozenset[Role]:
    """A clerk's role where a scope is part of a clerk's work; else none."""
    works = any(DUTY_OF[scope] is Duty.RECEIVE for scope in scopes)
    return roles_with(Duty.RECEIVE) if works else frozenset()


def _note(
    action: str,
    program: Program,
    by: Actor,
    at: datetime,
    values: Mapping[str, str | int],
) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action=action,
        address=by.address,
        values={"program": program.name, "prefix": program.prefix, **values},
    )
