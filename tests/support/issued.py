"""A paper whose copy is issued, as a value: for rules about what comes after."""

from datetime import timedelta

from intake.domain.certifications import Certification
from intake.domain.records import CaseDocument, Paper
from intake.domain.states import State
from support import build


def issued_paper(ordinal: int = 1, **changes) -> CaseDocument:
    """Archived a minute after its approval; *changes* are of its certification."""
    order = build.ordered()
    known = {
        "entry": order.entry,
        "approved_by": "vinh",
        "approved_by_name": "Phạm Quốc Vĩnh",
        "order": order,
        "issued_at": order.at + timedelta(minutes=1),
        "copy_pages": 2,
    }
    case = "H99.42.05.13-261123-0001"
    return CaseDocument(
        id=f"{case}-{ordinal}",
        case=case,
        agency="H99.42.05.13",
        ordinal=ordinal,
        paper=Paper("Bằng tốt nghiệp", "diploma", "x", 1),
        fee=2000,
        received_by="ha",
        state=State.ISSUED,
        version=7,
        changed_by="Cao Xuân Mẫn",
        changed_at=order.at,
        certification=Certification(**known | changes),
    )
