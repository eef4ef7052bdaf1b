"""An agency's own fee per copy, from a day on: what may be issued, and what counts.

The law sets the fee (Thông tư 226/2016/TT-BTC art. 4), and a province may lower it or
bear part of it. Start at ``issued``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from intake.domain import table_rows, text
from intake.domain.calendar import local_day
from intake.domain.fee import FeeRule
from intake.domain.people import Actor
from intake.domain.records import Note
from intake.domain.states import NotAllowed
from intake.domain.table_rows import TakenBack

MOST: Final = 10_000_000
"""VND; a figure typed with three noughts too many is none."""
FIRST_PAGES: Final = 2
BASIS_CHARACTERS: Final = 120
AHEAD: Final = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class OwnFee:
    """One issue of an agency's fee. Nobody changes or removes it."""

    agency: str
    basis: str
    """The document that sets it."""
    valid_from: date
    first_rate: int
    further_rate: int
    ceiling: int
    by: str
    at: datetime
    seq: int = 0
    taken_back: TakenBack | None = None

    @property
    def rule(self) -> FeeRule:
        """Its name is kept by each case, so no two of an agency have the same."""
        return FeeRule(
            rule_set=f"{self.basis} ({self.valid_from.isoformat()})",
            valid_from=self.valid_from,
            first_pages=FIRST_PAGES,
            first_rate=self.first_rate,
            further_rate=self.further_rate,
            ceiling=self.ceiling,
        )


@dataclass(frozen=True, slots=True)
class TypedFee:
    """A fee as an administrator enters it, in VND."""

    basis: str
    valid_from: date
    first_rate: int
    further_rate: int
    ceiling: int


def over(own: Iterable[OwnFee], common: Iterable[FeeRule]) -> tuple[FeeRule, ...]:
    """Newest first; of one day the agency's own, and of its own the later issue."""
    mine = [fee.rule for fee in own if fee.taken_back is None]
    rules = [*reversed(mine), *common]
    return tuple(sorted(rules, key=lambda rule: rule.valid_from, reverse=True))


def issued(
    known: tuple[OwnFee, ...],
    typed: TypedFee,
    *,
    version: int,
    by: Actor,
    at: datetime,
) -> tuple[OwnFee, Note]:
    """A new issue, from tomorrow on at the earliest: no case of today changes. Raises
    Conflict, NotAllowed.
    """
    table_rows.check_changes(known, version)
    basis = text.line(typed.basis)
    if not basis or len(basis) > BASIS_CHARACTERS:
        raise NotAllowed("error.fee-basis", n=BASIS_CHARACTERS)
    figures = (typed.first_rate, typed.further_rate, typed.ceiling)
    if max(figures) > MOST or typed.ceiling < typed.first_rate:
        raise NotAllowed("error.fee-figures")
    earliest = local_day(at) + timedelta(days=1)
    if not earliest <= typed.valid_from <= earliest + AHEAD:
        raise NotAllowed("error.table-from", day=f"{earliest:%d/%m/%Y}")
    fee = OwnFee(by.agency, basis, typed.valid_from, *figures, by.name, at)
    # What was taken back never counted, so no case has its name.
    names = {each.rule.rule_set for each in known if each.taken_back is None}
    if fee.rule.rule_set in names:
        raise NotAllowed("error.fee-twice")
    values: dict[str, str | int] = {
        "basis": basis,
        "from": typed.valid_from.isoformat(),
        "first": typed.first_rate,
        "further": typed.further_rate,
        "ceiling": typed.ceiling,
    }
    note = Note(
        at=at,
        actor=by.user,
        actor_name=by.name,
        agency=by.agency,
        action="fee-issued",
        address=by.address,
        values=values,
    )
    return fee, note
