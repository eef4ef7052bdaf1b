"""Sample views for the forms about a whole case; the people and papers are invented."""

from datetime import date, timedelta

from intake.domain import desk_ends
from intake.domain.case_history import (
    Agreement,
    Extension,
    Lack,
    SupplementRequest,
)
from intake.domain.correcting import TypedOtherwise
from intake.domain.records import Conflict
from intake.domain.views.case import CaseView
from intake.domain.views.casework import (
    AskingPaperView,
    CorrectedPaperView,
    CorrectionView,
    EndingPaperView,
    EndingView,
    ExtensionView,
    SupplementView,
)
from intake.domain.views.names import Bilingual
from intake.domain.views.page import choices
from support import build
from support import desk_views as sample

CODE = "H99.42.05.13-261123-0004"
PAPERS = (
    CorrectedPaperView(f"{CODE}-1", 1, {}, "0" * 16, fee=5000, scanned=4),
    CorrectedPaperView(f"{CODE}-2", 2, {}, "1" * 16, fee=2000, scanned=0),
)
TYPED = {
    "requester": "Nguyễn Thị Bích Đào",
    "id_number": "000203004417",
    "phone": "0900 000 417",
    "title": ["Bằng tốt nghiệp đại học", "Giấy khai sinh"],
    "kind": ["diploma", "birth-certificate"],
    "issuing_body": ["ĐH Minh Họa Sông Trà", ""],
    "pages": ["3", "1"],
}
FIRST = Conflict("Cao Xuân Mẫn", sample.NOW)
DIFFERS = (
    TypedOtherwise(None, "requester.phone", "0911 000 417", "0900 000 417"),
    TypedOtherwise(1, "paper.kind", "transcript", "diploma"),
    TypedOtherwise(2, "paper.issuing-body", "", "UBND xã Tả Vân Hạ"),
)


def correction(*, requester_open: bool = True) -> CorrectionView:
    plain = sample.case_new()
    return CorrectionView(
        code=CODE,
        short_code="261123-0004",
        channels=plain.channels,
        id_kinds=plain.id_kinds,
        kinds=plain.kinds,
        originals_back=plain.originals_back,
        requester={},
        requester_stamp="2" * 16,
        requester_open=requester_open,
        papers=PAPERS,
    )


def ending() -> EndingView:
    return EndingView(
        code=CODE,
        short_code="261123-0004",
        requester="Nguyễn Thị Bích Đào",
        papers=(
            EndingPaperView(f"{CODE}-1:7", 1, "Bằng tốt nghiệp", "received", False),
            EndingPaperView(f"{CODE}-2:9", 2, "Giấy khai sinh", "awaiting", True),
        ),
        grounds=desk_ends.NOT_ACCEPTED,
    )


ENDED = {"way": "not-accept", "paper": [f"{CODE}-2:9"], "text": "bản phô tô"}


def asking() -> SupplementView:
    return SupplementView(
        code=CODE,
        short_code="261123-0004",
        requester="Phan Thế Vĩ",
        due_at=sample.DUE,
        received_at=sample.NOW - timedelta(hours=2),
        now=sample.NOW,
        until="07/12/2026",
        grounds=("information", "pages", "original"),
        papers=(
            AskingPaperView(f"{CODE}-1", f"{CODE}-1:7", 1, "Hợp đồng", 6, "received"),
            AskingPaperView(f"{CODE}-3", f"{CODE}-3:2", 3, "Ủy quyền", 1, "returned"),
        ),
    )


ASKED = {"paper": [f"{CODE}-3:2"], "ground-3": "original", "until": "hôm qua"}
REQUEST = SupplementRequest(
    number=1,
    lacks=(Lack(1, "Hợp đồng", "information", "trang 4 bỏ trống mục diện tích"),),
    words="Nếu bản chính ở ngân hàng, xin giấy xác nhận kèm theo.",
    until=date(2026, 12, 7),
    by="Lò Thị Minh Hạ",
    at=sample.NOW - timedelta(hours=1),
    due_before=sample.DUE,
)


def awaiting_requester() -> CaseView:
    return sample.case(
        sample.document(1, state="supplement"),
        sample.document(2, state="received"),
        state="supplement",
        supplement=REQUEST,
        lack_words={"information": Bilingual("có trang thiếu thông tin", "x")},
        moving=False,
    )


AGREEMENT = Agreement(
    id="a1",
    name="thoa-thuan.pdf",
    raw=build.ref(b"raw", "scans"),
    rebuilt=build.ref(b"rebuilt", "scans"),
    pages=1,
    pictures=(),
    by="Lò Thị Minh Hạ",
    at=sample.NOW - timedelta(minutes=9),
)
EXTENSION = Extension(
    days=1,
    ground="pages",
    agreement="",
    by="Lò Thị Minh Hạ",
    at=sample.NOW - timedelta(minutes=5),
    due_before=sample.DUE,
    due_at=sample.DUE + timedelta(days=1),
)


def extending(*, left: int = 2) -> ExtensionView:
    return ExtensionView(
        code=CODE,
        short_code="261123-0004",
        requester="Phan Thế Vĩ",
        version=3,
        due_at=sample.DUE,
        now=sample.NOW,
        grounds=choices("extension", ("kinds", "pages", "copies", "complex")),
        offers=tuple((n, sample.DUE + timedelta(days=n)) for n in range(1, left + 1)),
        agreed_days=60,
        agreements=(AGREEMENT,),
        takes=True,
    )


EXTENDED = {"ground": "pages", "days": "more", "more_days": "x"}


def extended() -> CaseView:
    return sample.case(
        sample.document(1, state="received"),
        state="received",
        extension=EXTENSION,
        agreements=(AGREEMENT,),
        moving=False,
        may=frozenset({"correct", "extend", "end"}),
    )
