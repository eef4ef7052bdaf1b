"""The fees of an agency by the day from which each counts."""

from datetime import datetime, timedelta
from typing import Final

from intake.domain import fee
from intake.domain.calendar import local_day
from intake.domain.own_fees import OwnFee
from intake.domain.rules import Rules
from intake.domain.table_rows import changes, planned
from intake.domain.views.office import FeeLine, FeesView

EXAMPLES: Final = (1, 2, 3, 10, 198, 199)


def fees_view(rules: Rules, agency: str, now: datetime) -> FeesView:
    own, today = rules.own(agency).fees, local_day(now)
    issuers = {each.rule.rule_set: each for each in own if each.taken_back is None}
    known = rules.fees_of(agency)
    counts = fee.in_force(known, today)
    rows = []
    for rule in known:
        mine = issuers.get(rule.rule_set)
        standing = "later" if rule.valid_from > today else "before"
        rows.append(
            FeeLine(
                basis=mine.basis if mine else rule.rule_set,
                valid_from=rule.valid_from,
                first_rate=rule.first_rate,
                further_rate=rule.further_rate,
                ceiling=rule.ceiling,
                own=mine is not None,
                by=mine.by if mine else "",
                standing="now" if rule == counts else standing,
                planned=planned(mine, today) if mine else None,
            )
        )
    rows += [_taken_back(each) for each in own if each.taken_back is not None]
    return FeesView(
        rows=tuple(rows),
        version=changes(own),
        valid_from=today + timedelta(days=1),
        examples=tuple((pages, counts.fee(pages)) for pages in EXAMPLES),
    )


def _taken_back(fee: OwnFee) -> FeeLine:
    return FeeLine(
        *(fee.basis, fee.valid_from, fee.first_rate, fee.further_rate, fee.ceiling),
        own=True,
        by=fee.by,
        standing="taken-back",
        taken_back=fee.taken_back,
    )
