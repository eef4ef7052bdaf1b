"""A case with papers in whatever state, for the domain's tests about a whole case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from intake.domain.people import Actor
from intake.domain.records import Case, CaseDocument, Paper, Requester
from intake.domain.states import State
from intake.domain.stepping import CaseOnDesk
from support.intake import AGENCY, house_rules

NOW = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)
LATER = NOW + timedelta(minutes=9)
HA = Actor("ha", "Lò Thị Minh Hạ", AGENCY)
MAN = Actor("man", "Cao Xuân Mẫn", AGENCY)
RULE = house_rules().fees[0]
CODE = f"{AGENCY}-261123-0001"
CASE = Case(
    code=CODE,
    agency=AGENCY,
    requester=Requester("person", "Đào", "cccd", "1", None, "0900000417", ""),
    channel="counter",
    privacy_at=NOW,
    received_by="ha",
    received_by_name=HA.name,
    received_at=NOW,
    complete_at=NOW,
    due_at=NOW,
    rule_set="TT226/2016",
    version=1,
    changed_by=HA.name,
    changed_at=NOW,
)


def paper(state=State.RECEIVED, n=1, **changes):
    plain = CaseDocument(
        id=f"{CODE}-{n}",
        case=CODE,
        agency=AGENCY,
        ordinal=n,
        paper=Paper("Bằng tốt nghiệp", "diploma", "ĐH Minh Họa", 1, number="7/QĐ"),
        fee=2000,
        received_by="ha",
        state=state,
        version=7,
        changed_by=HA.name,
        changed_at=NOW,
    )
    return replace(plain, **changes)


def on_desk(*papers, case=CASE):
    return CaseOnDesk(case, papers or (paper(),))
