"""The documents that give somebody the power to certify, as the list shows them."""

from datetime import date, datetime
from typing import Final

from intake.domain.agencies import AgencyEntry, OfficerVersion
from intake.domain.calendar import local_day
from intake.domain.delegating import delegation_title
from intake.domain.delegations import Delegation
from intake.domain.rules import Rules
from intake.domain.views.accounts import OfficeChoice
from intake.domain.views.office import DelegationRow, DelegationsView

SOON_DAYS: Final = 45
"""A new document takes an office some weeks."""
ORDER: Final = ("in-force", "later", "ended", "revoked")


def delegations_view(rules: Rules, agency: str, now: datetime) -> DelegationsView:
    """In force first, then those to come; of each the one that ends first."""
    entry, today = rules.agency(agency), local_day(now)
    rows = [_row(each, entry, today) for each in rules.own(agency).delegations]
    held = _latest(entry)
    return DelegationsView(
        now=now,
        rows=tuple(
            sorted(rows, key=lambda r: (ORDER.index(r.standing), r.valid_until))
        ),
        delegators=tuple(_choice(o) for o in held if not o.by_delegation),
        delegates=tuple(_choice(o) for o in held if o.by_delegation),
        kinds=rules.tables(agency).kinds(today),
    )


def _row(delegation: Delegation, agency: AgencyEntry, today: date) -> DelegationRow:
    standing, ended = delegation.standing(today), delegation.revoked
    left = (delegation.valid_until - today).days
    return DelegationRow(
        seq=delegation.seq,
        number=delegation.number,
        signed_on=delegation.signed_on,
        delegator=delegation.delegator_name,
        delegate=delegation.delegate_name,
        title=_title(delegation, agency),
        kinds=delegation.kinds,
        valid_from=delegation.valid_from,
        valid_until=delegation.valid_until,
        standing=standing,
        days_left=left,
        soon=standing == "in-force" and left <= SOON_DAYS,
        revoked_by=ended.by if ended else "",
        reason=ended.reason if ended else "",
    )


def _title(delegation: Delegation, agency: AgencyEntry) -> str:
    known = [o for o in _latest(agency) if o.id == delegation.delegate]
    own = known[0].title_lines if known else ()
    return " / ".join(delegation_title(delegation.title_line, own))


def _latest(agency: AgencyEntry) -> tuple[OfficerVersion, ...]:
    """Each office by its latest version."""
    ordered = sorted(agency.officers, key=lambda known: known.valid_from)
    return tuple({each.id: each for each in ordered}.values())


def _choice(officer: OfficerVersion) -> OfficeChoice:
    return OfficeChoice(
        officer.id, f"{officer.name}, {' / '.join(officer.title_lines)}"
    )
