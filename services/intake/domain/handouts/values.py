"""What a paper of a case says, field by field. Start at ``case_values``."""

from collections.abc import Sequence
from datetime import date, datetime

from ecopy.identifiers import format_code
from intake.domain import extending
from intake.domain.agencies import AgencyEntry, OfficerVersion
from intake.domain.calendar import last_day, local_day
from intake.domain.handouts.sheets import Value
from intake.domain.handouts.templates import HandoutTemplate
from intake.domain.handouts.wording import (
    BLANK,
    Sentences,
    amount,
    day_words,
    moment_words,
    short_day,
)
from intake.domain.numbers import short_code
from intake.domain.records import Case, CaseDocument
from intake.domain.states import State

Values = dict[str, Value]
DEPUTY = "KT."
"""A title line that begins so is of somebody who signs in the head's place."""


def always(
    agency: AgencyEntry, template: tuple[HandoutTemplate, int], now: datetime
) -> Values:
    """What every paper may say: whose it is, from when and by which template."""
    of_the_day, (used, ordinal) = agency.on(local_day(now)), template
    return {
        "co_quan": of_the_day.name,
        "noi": of_the_day.place,
        "ngay_in": day_words(local_day(now)),
        "mau_ban": str(ordinal),
        "mau_tu": short_day(used.valid_from),
    }


def case_values(
    case: Case,
    documents: Sequence[CaseDocument],
    *,
    public_host: str,
    words: Sentences,
    printed_by: str,
) -> Values:
    """What is typed and promised of the case; what ended in another paper is no paper
    of its own.
    """
    papers = [d for d in documents if d.state is not State.MERGED]
    requester = case.requester
    return {
        "ma_ho_so": case.code,
        "so_ngan": short_code(case.code),
        "nguoi_yeu_cau": requester.name,
        # Room to write it by hand, where nobody typed it.
        "dia_chi": requester.address or BLANK,
        "dien_thoai": requester.phone or "không có",
        "thu_dien_tu": requester.email or "không có",
        "kenh": words(f"channel.{case.channel}"),
        "nguoi_tiep_nhan": case.received_by_name,
        "nhan_luc": moment_words(case.received_at),
        "nhan_ngay": day_words(local_day(case.received_at)),
        "hen_luc": moment_words(case.due_at),
        "nguoi_in": printed_by,
        "so_giay_to": str(len(papers)),
        "tong_trang": str(sum(d.paper.pages for d in papers)),
        "tong_phi": amount(sum(d.fee for d in papers)),
        "tra_cuu": public_host.partition("://")[2],
    }


def rows(documents: Sequence[CaseDocument]) -> list[tuple[str, ...]]:
    """The table of papers: ordinal, title, pages of the original, copies, fee."""
    return [
        (
            *(str(d.ordinal), d.paper.title, str(d.paper.pages), str(d.paper.copies)),
            f"{amount(d.fee)} đ",
        )
        for d in documents
        if d.state is not State.MERGED
    ]


def rows_sum(documents: Sequence[CaseDocument]) -> tuple[str, ...]:
    """The foot of that table: pages, copies and fee."""
    papers = [d for d in documents if d.state is not State.MERGED]
    pages, fee = sum(d.paper.pages for d in papers), sum(d.fee for d in papers)
    copies = sum(d.paper.copies for d in papers)
    return (str(pages), str(copies), f"{amount(fee)} đ")


def receipt_values(
    case: Case, documents: Sequence[CaseDocument], words: Sentences
) -> Values:
    """Who brought the case, how its originals come back, and how the due hour was put
    off.
    """
    requester = case.requester
    originals = sum(d.state is not State.MERGED for d in documents)
    back = words(f"originals-back.{requester.originals_back}")
    return {
        "nop_thay": requester.proxy,
        "nguoi_nop": requester.proxy or requester.name,
        "cach_tra": f"{originals} bản chính {back[:1].lower()}{back[1:]}",
        "gia_han": _put_off(case, words),
    }


def _put_off(case: Case, words: Sentences) -> str:
    extension = extending.latest(case)
    if extension is None:
        return ""
    ground = words(f"extension.{extension.ground}")
    before = moment_words(extension.due_before)
    days = f"{extension.days} ngày làm việc"
    return f"{days}, vì {ground}; trước đó hẹn {before}"


def link_values(document: CaseDocument, url: str) -> Values:
    """What the slip says of the copy that *url* opens; it MUST be issued."""
    certified = document.certification
    if certified is None:
        raise ValueError(f"{document.id} has no number")
    order, until = certified.order, certified.link_until
    return {
        "ten_giay_to": document.paper.title,
        "so_chung_thuc": order.clause.number,
        "quyen": order.clause.book,
        "lien_ket": url,
        "lien_ket_den": short_day(last_day(until)) if until else "",
        "ma_tra_cuu": format_code(order.code),
    }


def signer_values(officer: OfficerVersion | None, name: str) -> Values:
    """Title lines and name below them; room where the agencies' file has nobody."""
    if officer is None:
        return {"chuc_danh": BLANK, "nguoi_ky": name or BLANK}
    return {"chuc_danh": "\n".join(officer.title_lines), "nguoi_ky": officer.name}


def head_of(agency: AgencyEntry, day: date) -> OfficerVersion | None:
    """Who signs in their own right on that day, before somebody in their place."""
    holding = [officer for officer in agency.officers if officer.holds(day)]
    own = [o for o in holding if not o.title_lines[0].startswith(DEPUTY)]
    return next(iter((*own, *holding)), None)
