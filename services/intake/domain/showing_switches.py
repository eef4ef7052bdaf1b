"""The switches of an office as they stand today, with every answer so far."""

from datetime import datetime

from intake.domain.calendar import local_day
from intake.domain.rules import Rules
from intake.domain.switches import Switch
from intake.domain.table_rows import changes
from intake.domain.views.office import SwitchesView, SwitchLine


def switches_view(rules: Rules, agency: str, now: datetime) -> SwitchesView:
    rows, today = rules.own(agency).switches, rules.agency_on(agency, now)
    standing = {
        Switch.MANUAL_SEAL: today.release == "manual",
        Switch.SAME_PERSON: today.same_person_may_certify,
    }
    lines = tuple(
        SwitchLine(
            name=str(switch),
            on=standing[switch],
            rows=tuple(row for row in reversed(rows) if row.switch is switch),
        )
        for switch in Switch
    )
    return SwitchesView(now, local_day(now), lines, version=changes(rows))
