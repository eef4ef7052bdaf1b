"""Who acts under a delegation, and what of one may be entered or revoked.

The law gives the power to the person who holds the office. Whoever the agencies file
marks ``by_delegation`` has it only within a document that names them, and cannot pass
it on. Start at ``in_force`` (docs/decisions/0176-a-delegation-is-read-twice.md).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from intake.domain import text
from intake.domain.agencies import AgencyEntry, Identities, NoOffice
from intake.domain.calendar import local_day
from intake.domain.delegations import Delegation, Revocation
from intake.domain.own_tables import OwnTables
from intake.domain.people import Actor
from intake.domain.records import Conflict, Note, NotFound
from intake.domain.states import NotAllowed

LONGEST: Final = timedelta(days=5 * 366)
NUMBER_CHARACTERS: Final = 60
TITLE_CHARACTERS: Final = 60
REASON_CHARACTERS: Final = 300
_STEAD: Final = re.compile(r"(?:KT|TUQ|TL|TM|Q)\.\s")
"""How a title line begins that says in whose stead somebody signs."""


@dataclass(frozen=True, slots=True)
class TypedDelegation:
    """A document as an administrator enters it."""

    number: str
    signed_on: date
    delegator: str
    delegate: str
    kinds: tuple[str, ...]
    title_line: str
    valid_from: date
    valid_until: date


def in_force(
    known: Iterable[Delegation], officer: str, day: date, kind: str | None
) -> Delegation:
    """The delegation under which *officer* acts that day on a paper of that kind; the
    one that was signed last where there are several. Raises NotAllowed.
    """
    standing = [
        each
        for each in known
        if each.delegate == officer and each.standing(day) == "in-force"
    ]
    if not standing:
        raise NotAllowed("error.no-delegation")
    covering = [each for each in standing if each.covers(kind)]
    if not covering:
        numbers = ", ".join(each.number for each in standing)
        raise NotAllowed("error.out-of-scope", number=numbers)
    return max(covering, key=lambda each: (each.signed_on, each.seq))


def acting_under(identities: Identities, delegation: Delegation) -> Identities:
    """The officer with the title that the document gives: in whose stead, then the own
    position.
    """
    own = identities.officer.title_lines
    lines = delegation_title(delegation.title_line, own)
    officer = identities.officer.model_copy(update={"title_lines": lines})
    return replace(identities, officer=officer, under=delegation)


def delegation_title(first: str, own: Iterable[str]) -> tuple[str, ...]:
    """The title under the clause: the document's line, then the own position."""
    return (first, *(line for line in own if not _STEAD.match(line)))


def entered(
    known: OwnTables,
    typed: TypedDelegation,
    agency: AgencyEntry,
    kinds: Collection[str],
    *,
    by: Actor,
    at: datetime,
) -> tuple[Delegation, Note]:
    """A new document. Raises NotAllowed: an office that acts by delegation itself
    passes nothing on.
    """
    words = _words(typed, kinds)
    _check_days(words, local_day(at))
    delegator = _holder(agency, words.delegator, words.valid_from, by_delegation=False)
    delegate = _holder(agency, words.delegate, words.valid_from, by_delegation=True)
    for each in known.delegations:
        if each.number == words.number and each.revoked is None:
            raise NotAllowed("error.delegation-number", number=words.number)
    entry = Delegation(
        agency=agency.code,
        number=words.number,
        signed_on=words.signed_on,
        delegator=words.delegator,
        delegator_name=delegator,
        delegate=words.delegate,
        delegate_name=delegate,
        kinds=words.kinds,
        title_line=words.title_line,
        valid_from=words.valid_from,
        valid_until=words.valid_until,
        by=by.name,
        at=at,
    )
    values: dict[str, str | int] = {
        "number": entry.number,
        "delegator": entry.delegator,
        "delegate": entry.delegate,
        "kinds": ",".join(entry.kinds),
        "from": entry.valid_from.isoformat(),
        "until": entry.valid_until.isoformat(),
    }
    return entry, _note("delegation-entered", values, by, at)


def revoked(
    known: OwnTables, seq: int, reason: str, *, by: Actor, at: datetime
) -> tuple[Revocation, Note]:
    """It ends now, for every approval that is not committed yet. Raises NotFound,
    Conflict where somebody was first, NotAllowed without a reason.
    """
    found = next((each for each in known.delegations if each.seq == seq), None)
    if found is None:
        raise NotFound(str(seq))
    if found.revoked is not None:
        raise Conflict(found.revoked.by, found.revoked.at)
    words = text.line(reason)
    if not words or len(words) > REASON_CHARACTERS:
        raise NotAllowed("error.delegation-reason")
    values: dict[str, str | int] = {"number": found.number, "reason": words}
    note = _note("delegation-revoked", values, by, at)
    return Revocation(seq, words, by.name, at), note


def _words(typed: TypedDelegation, kinds: Collection[str]) -> TypedDelegation:
    words = replace(
        typed, number=text.line(typed.number), title_line=text.line(typed.title_line)
    )
    if not words.number or len(words.number) > NUMBER_CHARACTERS:
        raise NotAllowed("error.delegation-words")
    if not words.title_line or len(words.title_line) > TITLE_CHARACTERS:
        raise NotAllowed("error.delegation-title", n=TITLE_CHARACTERS)
    if set(words.kinds) - set(kinds):
        raise NotAllowed("error.kind")
    return words


def _check_days(words: TypedDelegation, today: date) -> None:
    if words.signed_on > today:
        raise NotAllowed("error.delegation-signed")
    if not words.signed_on <= words.valid_from <= words.valid_until:
        raise NotAllowed("error.delegation-days")
    if words.valid_until < today or words.valid_until - words.valid_from > LONGEST:
        raise NotAllowed("error.delegation-until")


def _holder(
    agency: AgencyEntry, officer: str, day: date, *, by_delegation: bool
) -> str:
    """The name of whoever holds that office on the first day."""
    try:
        known = agency.officer(officer, day)
    except NoOffice as none:
        raise NotAllowed("error.delegation-office") from none
    if known.by_delegation is not by_delegation:
        raise NotAllowed("error.no-redelegation", who=known.name)
    return known.name


def _note(action: str, values: dict[str, str | int], by: Actor, at: datetime) -> Note:
    return Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action=action,
        address=by.address,
        values=values,
    )
