"""Papers that were set, read back: the words on their pages."""

import io
import unicodedata
from datetime import UTC, date, datetime

import pypdfium2

from intake.domain.handouts import language, samples, sheets
from intake.domain.handouts.fields import Handout
from intake.domain.handouts.sheets import Filling
from intake.domain.register import RegisterEntry, RegisterLine, RegisterNote
from intake.domain.states import State
from intake.wiring.handouts import default_templates, qr
from support.intake import AGENCY, house_rules

AT = datetime(2026, 12, 1, 1, 10, tzinfo=UTC)


def default(handout: Handout) -> str:
    """The text of the program's template."""
    return next(t.text for t in default_templates() if t.handout is handout)


def facts(
    handout: Handout, text: str = "", filling: Filling | None = None
) -> dict[str, object]:
    """The template, or the program's, filled in with *filling* or the sample words."""
    parsed = language.parse(text or default(handout), handout)
    return sheets.filled(parsed, filling or sample(handout))


def sample(handout: Handout, **values: str) -> Filling:
    agency = house_rules().agency(AGENCY)
    always = {
        "co_quan": "UBND phường Hoa Ban",
        "noi": "Hoa Ban",
        "ngay_in": "01 tháng 12 năm 2026",
        "mau_ban": "1",
        "mau_tu": "01/01/2026",
    }
    return samples.filling(handout, agency, always | values, qr=qr("H99-1"))


def words(pdf: bytes) -> list[str]:
    """What stands on each page, in composed letters and single blanks."""
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        pages = []
        for page in document:
            text = page.get_textpage()
            pages.append(text.get_text_bounded())
            text.close()
            page.close()
    return [" ".join(unicodedata.normalize("NFC", page).split()) for page in pages]


def line(
    ordinal: int,
    *notes: RegisterNote,
    state: State = State.ISSUED,
    requester: str = "Nguyễn Thị Bích Đào",
    **changes: object,
) -> RegisterLine:
    values: dict[str, object] = {
        "entry": f"{AGENCY}/E/2026/{ordinal}",
        "agency": AGENCY,
        "series": "E",
        "year": 2026,
        "ordinal": ordinal,
        "number": f"{ordinal}/2026",
        "book": "02/2026-SCTĐT/BS",
        "date": date(2026, 11, 23),
        "requester": requester,
        "title": "Bằng tốt nghiệp đại học",
        "officer": "Phạm Quốc Vĩnh",
        "officer_title": "PHÓ CHỦ TỊCH",
        "copies": 1,
        "fee": 4000,
        "document": f"{AGENCY}-261123-0001-{ordinal}",
    }
    entry = RegisterEntry(**{**values, **changes})  # type: ignore[arg-type]
    return RegisterLine(entry, notes, f"{AGENCY}-261123-0001", state)
