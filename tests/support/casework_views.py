"""Sample views for the forms about a whole case; the people and papers are invented."""

from intake.domain import desk_ends
from intake.domain.correcting import Difference
from intake.domain.records import Conflict
from intake.domain.views.casework import (
    CorrectedPaperView,
    CorrectionView,
    EndingPaperView,
    EndingView,
)
from intake.domain.views.page import choices
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
    Difference(None, "requester.phone", "0911 000 417", "0900 000 417"),
    Difference(1, "paper.kind", "transcript", "diploma"),
    Difference(2, "paper.issuing-body", "", "UBND xã Tả Vân Hạ"),
)


def correction(*, requester_open: bool = True) -> CorrectionView:
    plain = sample.case_new()
    return CorrectionView(
        code=CODE,
        short_code="261123-0004",
        channels=plain.channels,
        id_kinds=plain.id_kinds,
        kinds=plain.kinds,
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
        grounds=choices("refusal", desk_ends.NOT_ACCEPTED),
    )


ENDED = {"way": "not-accept", "paper": [f"{CODE}-2:9"], "text": "bản phô tô"}
