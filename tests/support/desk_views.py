"""Sample views for the desk's pages: one story, its happy lines and its snags.

All names, papers and agencies are invented.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

from ecopy.events import LinkVisits
from intake.domain.board_filters import BoardFilter
from intake.domain.certifications import Standstill
from intake.domain.register import RegisterNote
from intake.domain.searching import TextPart
from intake.domain.views.board import (
    BoardGroup,
    BoardRow,
    BoardView,
    ShownHits,
    ShownView,
)
from intake.domain.views.case import (
    Asked,
    CaseView,
    DocumentView,
    FileView,
    Step,
    Stuck,
    VoidView,
)
from intake.domain.views.case_new import CaseNewView, EarlierView
from intake.domain.views.certifier import (
    BatchRow,
    BatchView,
    ClauseView,
    QueueRow,
    RefusalChoice,
    WallView,
)
from intake.domain.views.desk import (
    ComingView,
    FieldView,
    OfferView,
    PageDeskView,
    PageView,
    PaperView,
    ReadingView,
    StepView,
)
from intake.domain.views.handing import (
    HandOverView,
    LinkActView,
    LinkFateView,
    LinkView,
)
from intake.domain.views.page import Choice, Me, SignInView
from intake.domain.views.register import RegisterRow, RegisterView
from intake.domain.waiting import Waits
from support.intake import house_rules

NOW = datetime(2026, 11, 23, 9, 21, tzinfo=UTC)  # 16:21 in Hoa Ban
DUE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
KINDS = ("birth-certificate", "diploma", "marriage-certificate", "land-use", "other")

NAMES = house_rules().tables("H99.42.05.13")


def me(*roles: str, name: str = "Lò Thị Minh Hạ") -> Me:
    return Me(
        user="lothiminhha",
        name=name,
        roles=frozenset(roles or ("clerk",)),
        agency="H99.42.05.13",
        agency_name="UBND phường Hoa Ban",
        csrf="token",
        demo=True,
        names=NAMES.names(NOW.date()),
    )


def certifier() -> Me:
    return me("certifier", name="Phạm Quốc Vĩnh")


HA, VINH = "Lò Thị Minh Hạ", "Phạm Quốc Vĩnh"


def next_act(act: str, who: str = HA, *, mine: bool = True, may: bool = True) -> Waits:
    return Waits(act, who, mine, may)  # type: ignore[arg-type]


def delayed() -> Stuck:
    return Stuck(
        Standstill(
            reason="tsa-unavailable",
            stage="signing",
            since=NOW - timedelta(minutes=41),
            tries=3,
            next_try_at=NOW + timedelta(minutes=4),
        )
    )


def halted(reason: str = "certificate-expired") -> Stuck:
    return Stuck(
        Standstill(
            reason=reason,
            stage="signing",
            since=NOW - timedelta(minutes=12),
            detail="seal 2026-1: notAfter 2026-11-23",
        )
    )


def page(number: int, *flags: str, dpi: int = 300) -> PageView:
    return PageView(
        number=number,
        digest=f"{number:064x}",
        thumb_url=f"/documents/H99.42.05.13-261123-0004-1/pictures/{number:064x}/thumb",
        large_url=f"/documents/H99.42.05.13-261123-0004-1/pictures/{number:064x}/large",
        file_name=f"bang-diem-{number}.jpg",
        dpi=dpi,
        width=2480,
        height=3508,
        flags=flags,
        name=f"a.{number}",
    )


def file(
    name: str, state: str = "good", *, reason: str | None = None, pages: int = 1
) -> FileView:
    return FileView(
        id=name,
        name=name,
        size=3_412_000,
        state=state,  # type: ignore[arg-type]
        pages=pages,
        reason=reason,
        detail="",
        uploaded_at=NOW - timedelta(minutes=10),
        uploaded_by="Lò Thị Minh Hạ",
    )


def document(ordinal: int = 1, **changes: object) -> DocumentView:
    plain = DocumentView(
        id=f"H99.42.05.13-261123-0004-{ordinal}",
        ordinal=ordinal,
        title="Bằng tốt nghiệp đại học và bảng điểm"
        if ordinal == 1
        else "Giấy khai sinh",
        kind="diploma" if ordinal == 1 else "birth-certificate",
        issuing_body="ĐH Minh Họa Sông Trà" if ordinal == 1 else "UBND xã Tả Vân Hạ",
        declared_pages=3 if ordinal == 1 else 1,
        fee=5000 if ordinal == 1 else 2000,
        state="received",
        version=7,
        files=(),
        pages=0,
        compared_by=None,
        compared_at=None,
        entry=None,
        number=None,
        book=None,
        verification_code=None,
        officer=None,
        refusal_code=None,
        refusal_text=None,
        refused_by=None,
        stuck=None,
        link=None,
        copy_pages=None,
        copy_size=None,
        may=frozenset(),
        blockers=(),
        waits=next_act("scan"),
        moving_since=None,
        pace="usual",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def numbered_waits(state: str, stuck: object) -> Waits:
    if isinstance(stuck, Stuck) and stuck.why.next_try_at is None:
        return next_act("mend", VINH, mine=False, may=False)
    if state == "issued":
        return next_act("link", may=False)
    return next_act("machine", "", mine=False, may=False)


def numbered(ordinal: int, number: str, state: str, **changes: object):
    return document(
        ordinal,
        state=state,
        pages=3 if ordinal == 1 else 1,
        compared_by="Lò Thị Minh Hạ",
        compared_at=NOW - timedelta(hours=6),
        entry=f"H99.42.05.13/E/2026/{number}",
        number=f"{number}/2026",
        book="02/2026-SCTĐT/BS",
        officer="Phạm Quốc Vĩnh",
        waits=numbered_waits(state, changes.get("stuck")),
        **changes,
    )


def issued(ordinal: int = 1) -> DocumentView:
    return numbered(
        ordinal,
        "1180",
        "issued",
        verification_code="7K2F-9MQX-4TBD",
        link=LinkView(
            url="https://hoaban.example/c/Jm3vT8kQ0aXr7pYd2LwZs5EnB4h",
            qr_url=f"/documents/H99.42.05.13-261123-0004-{ordinal}/link.svg",
        ),
        copy_pages=4,
        copy_size=2_431_000,
        may=frozenset({"hand-over"}),
        handed=(
            HandOverView(1, "screen", HA, NOW, earlier=True),
            HandOverView(2, "slip", HA, NOW, False, VINH, NOW),
            HandOverView(3, "original", HA, NOW, earlier=False),
        ),
        given=frozenset({"original"}),
        fate=LinkFateView(
            date(2026, 12, 23),
            over=False,
            pending=True,
            opened=LinkVisits(count=3, first_at=NOW, last_at=NOW),
            fetched=LinkVisits(count=1, first_at=NOW, last_at=NOW),
            renewed=LinkActView("lost", HA, NOW),
        ),
    )


def step(
    minutes: int,
    action: str,
    actor: str = "",
    document: int | None = 1,
    **values: object,
) -> Step:
    return Step(
        at=NOW - timedelta(minutes=minutes),
        action=action,
        actor=actor,
        document=document,
        values=values,  # type: ignore[arg-type]
    )


STEPS = (
    step(425, "received", "Lò Thị Minh Hạ", None),
    step(424, "file-received", "Lò Thị Minh Hạ", 1, file="f1", size=3),
    step(423, "file-refused", "", 2, file="f2", reason="password"),
    step(415, "compared", "Lò Thị Minh Hạ", 1, pages=3),
    step(414, "submitted", "Lò Thị Minh Hạ", 1, pages=3),
    step(41, "approved", "Phạm Quốc Vĩnh", 1, number="1180/2026"),
    step(41, "approved", "Phạm Quốc Vĩnh", 2, number="1181/2026"),
    step(40, "sealed", "", 1, revision=1),
    step(40, "issued", "", 1, pages=4),
    step(39, "delayed", "", 2, reason="tsa-unavailable", stage="signing", tries=3),
)


def case(*documents: DocumentView, **changes: object) -> CaseView:
    plain = CaseView(
        code="H99.42.05.13-261123-0004",
        short_code="261123-0004",
        version=3,
        state="registered",
        requester="Nguyễn Thị Bích Đào",
        requester_kind="person",
        id_kind="can-cuoc",
        id_number="000203004417",
        birth_date=date(2003, 5, 9),
        phone="0900 000 417",
        email="",
        channel="counter",
        received_by="Lò Thị Minh Hạ",
        received_at=NOW - timedelta(minutes=425),
        due_at=DUE,
        late=False,
        fee=7000,
        now=NOW,
        documents=documents
        or (issued(), numbered(2, "1181", "unsigned", stuck=delayed())),
        steps=STEPS,
        moving=True,
        may=frozenset(),
        address="Tổ 7, phường Hoa Ban",
        proxy="Lò Văn Sáng",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def halted_case() -> CaseView:
    return case(
        numbered(1, "1180", "unsigned", stuck=halted(), may=frozenset({"order-again"})),
        document(
            2,
            state="refused",
            refusal_code="D22.1",
            refusal_words=NAMES.ground("D22.1", NOW.date()),
            refusal_text="Trang 2, dòng “Cơ học đất”: điểm có vết tẩy và viết lại.",
            refused_by="Phạm Quốc Vĩnh",
        ),
        steps=(*STEPS[:5], step(12, "halted", "", 1, reason="certificate-expired")),
    )


def late_case() -> CaseView:
    """News is late, of a copy and of a number that is being voided; one is void."""
    asked = Asked(3, NOW - timedelta(minutes=4), NOW + timedelta(minutes=4))
    said = VoidView("Phạm Quốc Vĩnh", NOW, "Người yêu cầu không cần nữa")
    late = {"asked": asked, "moving_since": NOW - timedelta(minutes=14), "pace": "slow"}
    may = frozenset({"order-again", "void"})
    first = replace(asked, times=0, last=None)
    return case(
        replace(numbered(1, "1180", "registered"), **late, may=may),
        replace(
            numbered(2, "1181", "signed"), **late | {"asked": first}, acts_from=NOW
        ),
        replace(numbered(3, "1182", "voiding"), **late, void=said),
        replace(numbered(4, "1183", "void"), void=said),
        replace(numbered(5, "1184", "unsigned", stuck=halted(), may=may), renewals=2),
        steps=(
            *STEPS[:5],
            step(14, "renewed", "", 1, reason="copy-refused", revision=2),
            step(12, "voiding", "Phạm Quốc Vĩnh", 4),
            step(11, "void", "", 4),
            step(10, "issued-after-all", "", 3),
            step(9, "other-copy", "", 3),
        ),
    )


def desk(doc: DocumentView, *pages: PageView) -> PageDeskView:
    return PageDeskView(
        case_code="H99.42.05.13-261123-0004",
        short_code="261123-0004",
        requester="Nguyễn Thị Bích Đào",
        due_at=DUE,
        now=NOW,
        document=doc,
        siblings=(
            ("H99.42.05.13-261123-0004-1", 1, "Bằng tốt nghiệp đại học và bảng điểm"),
            ("H99.42.05.13-261123-0004-2", 2, "Giấy khai sinh"),
        ),
        pages=pages,
        count_differs=len(pages) != doc.declared_pages,
        limit_bytes=200_000_000,
        limit_pages=200,
    )


MAY_EDIT = frozenset({"upload", "remove"})


def desk_empty() -> PageDeskView:
    return desk(document(may=MAY_EDIT, blockers=("no-file", "not-compared")))


def desk_flagged() -> PageDeskView:
    doc = document(
        may=MAY_EDIT,
        pages=4,
        files=(
            file("bang-tot-nghiep.pdf", pages=1),
            file("bang-diem.pdf", pages=3),
            file("giay-khai-sinh.pdf", "refused", reason="password", pages=0),
            file("trang-cuoi.png", "busy", pages=0),
        ),
        blockers=("file-busy", "page-count", "not-compared"),
    )
    return desk(
        doc,
        page(1),
        page(2, "under-200-dpi", dpi=98),
        page(3, "blank"),
        page(4, "rendered"),
    )


def desk_coming() -> PageDeskView:
    """Two pages of a long file are seen already."""
    doc = document(
        may=MAY_EDIT,
        files=(file("so-hong.pdf", "busy", pages=0),),
        blockers=("file-busy", "not-compared"),
    )
    there = f"/documents/{doc.id}/files/f/thumbs"
    coming = tuple(ComingView(n, "so-hong.pdf", f"{there}/{n}") for n in (1, 2))
    return replace(desk(doc), coming=coming)


def desk_arranged() -> PageDeskView:
    """Two papers, one page put aside, one step that can be taken back."""
    flagged = desk_flagged()
    doc = replace(flagged.document, may=MAY_EDIT | {"arrange"})
    named = tuple(replace(p, name=f"f.{p.number}") for p in flagged.pages)
    papers = tuple(
        PaperView(
            id=each.id,
            ordinal=each.ordinal,
            title=each.title,
            version=each.version,
            declared_pages=each.declared_pages,
            compared=False,
            open=True,
            pages=named,
        )
        for each in (doc, document(2))
    )
    step = StepView("turn", 2, "Lò Thị Minh Hạ", NOW)
    return replace(
        flagged,
        document=doc,
        pages=named,
        dropped=(replace(page(1), name="f.9"),),
        papers=papers,
        kinds=KINDS,
        last_step=step,
        undone_step=replace(step, kind="split"),
    )


def desk_read() -> PageDeskView:
    """Three pages are read, one waits and one cannot be; two fields have an offer."""
    arranged = desk_arranged()
    fields = (
        FieldView("title", "Bằng", OfferView("Bằng cử nhân", "sure")),
        FieldView("number", "", OfferView("TB652295", "unsure")),
        FieldView("issuing_body", "Trường Đại học Tây Bắc"),
        FieldView("issued_on", "15/12/2018"),
        FieldView("holder", ""),
    )
    reading = ReadingView(fields, waiting=1, read=2, failed=((4, "too-much-work"),))
    return replace(arranged, reading=reading)


def desk_unread() -> PageDeskView:
    """A house without the engine."""
    read = desk_read()
    assert read.reading is not None
    fields = tuple(replace(field, offer=None) for field in read.reading.fields)
    return replace(read, reading=ReadingView(fields, lacking=("tesseract-ocr",)))


def desk_ready() -> PageDeskView:
    doc = document(
        may=MAY_EDIT | {"compare"},
        pages=3,
        files=(file("bang-tot-nghiep.pdf", pages=3),),
        blockers=("not-compared",),
    )
    return desk(doc, page(1), page(2), page(3))


def desk_compared() -> PageDeskView:
    ready = desk_ready()
    doc = replace(
        ready.document,
        compared_by="Lò Thị Minh Hạ",
        compared_at=NOW,
        may=MAY_EDIT | {"submit"},
        blockers=(),
    )
    return replace(ready, document=doc)


def choices(prefix: str, *values: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, f"{prefix}.{value}") for value in values)


def case_new() -> CaseNewView:
    return CaseNewView(
        now=NOW,
        due_at=DUE,
        last_same_day="15:00",
        channels=choices("channel", "counter", "post", "portal", "vneid"),
        id_kinds=choices("id-kind", "can-cuoc", "e-id", "cccd", "passport", "other"),
        kinds=KINDS,
        originals_back=choices("originals-back", "with-result", "at-once", "post"),
        fee_table=((1, 2000), (2, 4000), (3, 5000), (10, 12000)),
        on_vneid={"birth-certificate": date(2024, 7, 1)},
        sought=True,
        earlier=(EarlierView("c-1", EARLIER, NOW - timedelta(days=90), 2),),
    )


EARLIER = {
    "requester_kind": "person",
    "requester": "Nguyễn Thị Bích Đào",
    "id_kind": "can-cuoc",
    "id_number": "000203004417",
    "birth_date": "09/05/2003",
    "phone": "0900 000 417",
    "email": "",
    "address": "Tổ 7, phường Hoa Ban",
}


def clause() -> ClauseView:
    return ClauseView(
        statement="Chứng thực bản sao đúng với bản chính",
        number=None,
        book="02/2026-SCTĐT/BS",
        date=date(2026, 11, 23),
        title_lines=("KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
        officer="Phạm Quốc Vĩnh",
        agency="UBND phường Hoa Ban",
        place="Hoa Ban",
    )


REFUSALS = (
    *(RefusalChoice(code, "law") for code in ("D22.1", "D22.2", "D18", "DTU")),
    *(RefusalChoice(code, "held") for code in ("D22.4", "TT11")),
    RefusalChoice("RUT", "asked"),
)


def queue_row(number: int, title: str, requester: str, **changes: object):
    plain = QueueRow(
        document=f"H99.42.05.13-261123-{number:04d}-1",
        title=title,
        kind="diploma",
        requester=requester,
        short_code=f"261123-{number:04d}",
        due_at=DUE,
        late=False,
        pages=2,
        flags=(),
        here=False,
        waits=Waits("certify", "", mine=False, may=True),
        since=NOW - timedelta(minutes=40),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def batch() -> BatchView:
    """One paper not seen, one changed, one that stands still, one that is signed."""
    row = partial(
        BatchRow, requester="Bùi Thị Thảo Nhi", case="H99.42.05.13-261123-0004"
    )
    return BatchView(
        now=NOW,
        began_at=NOW,
        ended_at=NOW + timedelta(seconds=2),
        rows=(
            row(
                "d-1",
                "Giấy khai sinh",
                short_code="261123-0004",
                key="error.unseen",
                values={"pages": "2, 3"},
            ),
            row(
                "d-2",
                "Học bạ",
                short_code="261123-0003",
                key="batch.changed",
                who="Lò Thị Minh Hạ",
                when=NOW,
            ),
            BatchRow("d-5", "", "", "", key="error.paper-gone"),
            row(
                "d-3",
                "Bằng",
                short_code="261123-0002",
                number="1181/2026",
                state="unsigned",
                stuck=delayed(),
            ),
            row(
                "d-4",
                "GCN",
                short_code="261123-0001",
                number="1182/2026",
                state="signed",
            ),
        ),
        approved=2,
        moving=True,
    )


def wall(**changes: object) -> WallView:
    plain = WallView(
        now=NOW,
        queue=(
            queue_row(
                18,
                "GCN kết hôn",
                "Bùi Thị Thảo Nhi",
                due_at=DUE - timedelta(days=3),
                late=True,
            ),
            queue_row(
                4,
                "Bằng tốt nghiệp đại học và bảng điểm",
                "Nguyễn Thị Bích Đào",
                flags=("rendered",),
                pages=3,
                here=True,
            ),
            queue_row(3, "Học bạ THPT", "Lương Gia Bách", pages=8),
            queue_row(2, "Giấy ĐKKD", "HTX Chè Shan Tả Vân"),
            queue_row(1, "Chứng chỉ tiếng Anh", "Đoàn Kim Thoa", pages=1),
            queue_row(
                6, "GCN quyền sử dụng đất", "Vương Đình Khải", flags=("mixed-sizes",)
            ),
        ),
        document=document(
            state="awaiting",
            pages=3,
            compared_by="Lò Thị Minh Hạ",
            compared_at=NOW - timedelta(hours=6),
            may=frozenset({"approve", "refuse", "send-back"}),
        ),
        case_code="H99.42.05.13-261123-0004",
        short_code="261123-0004",
        requester="Nguyễn Thị Bích Đào",
        received_by="Lò Thị Minh Hạ",
        pages=(page(1), page(2), page(3, "rendered")),
        clause=clause(),
        why_not=None,
        refusals=REFUSALS,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def wall_empty() -> WallView:
    return wall(queue=(), document=None, pages=(), clause=None)


def wall_own_case() -> WallView:
    plain = wall()
    assert plain.document is not None
    return replace(
        plain,
        document=replace(plain.document, may=frozenset()),
        why_not="own-case",
    )


MINE = frozenset({"scan", "rescan", "compare", "submit"})


def row(number: int, requester: str, state: str, act: str, **changes: object):
    plain = BoardRow(
        code=f"H99.42.05.13-261123-{number:04d}",
        short_code=f"261123-{number:04d}",
        requester=requester,
        documents=1,
        pages=3,
        state=state,
        due_at=DUE,
        late=False,
        age_minutes=112,
        waits=next_act(act, mine=act in MINE, may=act in MINE),
        waits_since=NOW - timedelta(minutes=50),
        numbers=(),
        stuck=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def board(**changes: object) -> BoardView:
    stuck = (
        row(
            17,
            "Lâm Thúc Bình",
            "awaiting",
            "certify",
            due_at=DUE - timedelta(days=3),
            late=True,
            age_minutes=4500,
        ),
        row(
            4,
            "Nguyễn Thị Bích Đào",
            "unsigned",
            "machine",
            numbers=("1181/2026",),
            stuck=delayed(),
            age_minutes=425,
            documents=2,
        ),
        row(6, "Vương Đình Khải", "returned", "rescan", pages=5),
        row(
            5,
            "Tạ Duy Khoát",
            "unsigned",
            "mend",
            stuck=halted(),
            waits=numbered_waits("", halted()),
        ),
    )
    today = (
        row(9, "Lê Hoàng Yến", "received", "compare"),
        row(11, "Phan Thế Vĩ", "received", "scan", documents=3, pages=11),
        row(7, "Trần Ngọc Ẩn", "awaiting", "certify"),
        row(8, "Công ty TNHH Gỗ Mộc Lan", "signed", "machine", numbers=("1184/2026",)),
    )
    later = (
        row(
            13,
            "Đặng Kỳ Nam",
            "received",
            "scan",
            due_at=DUE + timedelta(days=1),
            age_minutes=12,
        ),
    )
    plain = BoardView(
        now=NOW,
        groups=(
            BoardGroup("stuck", None, stuck),
            BoardGroup("today", DUE, today),
            BoardGroup("later", None, later),
        ),
        counts={
            "received": 3,
            "awaiting": 4,
            "returned": 1,
            "registered": 2,
            "signed": 1,
        },
        ended={"issued": 1000, "refused": 3},
        asked=BoardFilter(),
        next_due_at=DUE,
        due_today=8,
        stuck=3,
        late=1,
        issued_today=7,
        saved=(ShownView("Sắp trễ <của tôi>", "/?whose=mine&due=late"),),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def board_empty() -> BoardView:
    return board(
        groups=(),
        counts={},
        ended={},
        next_due_at=None,
        due_today=0,
        stuck=0,
        late=0,
        issued_today=0,
    )


def board_done() -> BoardView:
    done = tuple(
        row(n, who, state, "none", numbers=(number,))
        for n, who, state, number in (
            (2, "HTX Chè Shan Tả Vân", "issued", "1182/2026"),
            (1, "Đoàn Kim Thoa", "refused", ""),
            (3, "Mã Thị Sáu", "held", ""),
        )
    )
    asked = BoardFilter(state="issued", month="2026-11")
    groups = (BoardGroup("done", None, done),)
    return board(groups=groups, asked=asked, more="x", less="y", first=False)


def board_found() -> BoardView:
    hits = ShownHits(
        code=(TextPart("261123", hit=True), TextPart("-0002")),
        requester=(TextPart("HTX "), TextPart("Chè", hit=True), TextPart(" Shan")),
        titles=((TextPart("Sổ <"), TextPart("chè", hit=True), TextPart(">")),),
    )
    found = row(2, "HTX Chè Shan", "issued", "none", hits=hits)
    return board(groups=(BoardGroup("found", None, (found,)),), query="che")


def register() -> RegisterView:
    def line(number: int, requester: str, title: str, **changes: object):
        plain = RegisterRow(
            number=f"{number}/2026",
            date=date(2026, 11, 23),
            requester=requester,
            title=title,
            officer="Phạm Quốc Vĩnh, Phó Chủ tịch",
            copies=1,
            fee=4000,
            notes=(),
            case_code="H99.42.05.13-261123-0004",
            state="issued",
        )
        return replace(plain, **changes)  # type: ignore[arg-type]

    return RegisterView(
        agency_name="UBND phường Hoa Ban",
        agency_lines=("ỦY BAN NHÂN DÂN", "PHƯỜNG HOA BAN"),
        place="Hoa Ban",
        book="02/2026-SCTĐT/BS",
        year=2026,
        month=11,
        months=((2026, 11), (2026, 10), (2026, 9)),
        rows=(
            line(1179, "Bùi Thị Thảo Nhi", "Giấy chứng nhận kết hôn"),
            line(1180, "Nguyễn Thị Bích Đào", "Bằng tốt nghiệp đại học và bảng điểm"),
            line(1181, "Nguyễn Thị Bích Đào", "Giấy khai sinh", state="registered"),
            line(1182, "HTX Chè Shan Tả Vân", "Giấy ĐKKD", state="signed"),
            line(1183, "Mã Thị Sáu", "Học bạ", state="voiding"),
            line(
                1184,
                "Đoàn Kim Thoa",
                "Học bạ",
                state="void",
                copies=0,
                fee=0,
                notes=(
                    RegisterNote(NOW, "Hà Bảo Long", "Đính chính: tên trường", ""),
                    RegisterNote(NOW, "Phạm Quốc Vĩnh", "hỏng khóa ký", "void"),
                ),
            ),
        ),
        copies=5,
        fee=122_000,
        void=1,
    )


def sign_in(**changes: object) -> SignInView:
    plain = SignInView(next="/", user="", notice=None)
    return replace(plain, **changes)  # type: ignore[arg-type]
