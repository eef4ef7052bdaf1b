"""What a paper of a case says, field by field. Start at ``case_values``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ecopy.identifiers import format_code
from intake.domain import extending
from intake.domain.agencies import AgencyEntry, OfficerVersion
from intake.domain.agency_tables import AgencyTables
from intake.domain.calendar import ZONE, last_day, local_day
from intake.domain.case_history import Extension, SupplementRequest
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
from intake.domain.records import Case, CaseDocument, RefusedPaper
from intake.domain.states import State

Values = dict[str, Value]
DEPUTY = "KT."
"""A title line that begins so is of somebody who signs in the head's place."""


@dataclass(frozen=True, slots=True)
class WithdrawalDecision:
    """The decision that a certified copy has no value any more."""

    number: str
    day: date
    reason: str
    officer: OfficerVersion
    successor: str = ""
    """The displayed number of the copy that takes its place, if one does."""


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


def supplement_values(
    asked: SupplementRequest, case: Case, tables: AgencyTables
) -> Values:
    """What is missing, paper by paper, why, and until when it is awaited; the reasons
    in the words of the day on which it was asked for.
    """
    day = local_day(asked.at)
    reasons = dict.fromkeys(tables.lack(k.ground, day).vi for k in asked.lacks)
    return {
        # A slip is numbered by its case (docs/decisions/0119), and within it in order.
        "so_phieu": f"{short_code(case.code)}-{asked.number}",
        "danh_sach_thieu": tuple(f"{k.title}: {k.words}" for k in asked.lacks),
        "loi_nhan": asked.words,
        "ly_do": "; ".join(reasons),
        "cho_den": day_words(asked.until),
    }


def refusal_values(document: CaseDocument, agency: AgencyEntry, ground: str) -> Values:
    """What the notice of refusal says of the paper; it MUST be refused."""
    refused = _reason(document)
    day = local_day(refused.at)
    return {
        **reason_values(document, ground),
        "phi": amount(document.fee),
        **signer_values(_officer_named(refused.by, agency, day), refused.by),
    }


def reason_values(document: CaseDocument, ground: str) -> Values:
    """Which paper it is and why not; it MUST be refused or not accepted. *ground* is
    what the table said of its code on that day.
    """
    refused = _reason(document)
    return {
        "ten_giay_to": document.paper.title,
        "so_trang": str(document.paper.pages),
        "ma_ly_do": refused.code,
        "ly_do": ground,
        "cu_the": refused.text,
        "ngay": day_words(local_day(refused.at)),
    }


def _reason(document: CaseDocument) -> RefusedPaper:
    if document.refused is None:
        raise ValueError(f"{document.id} is not refused")
    return document.refused


def apology_values(
    documents: Sequence[CaseDocument],
    agency: AgencyEntry,
    *,
    new_due: datetime,
    now: datetime,
    words: Sentences,
) -> Values:
    """Why it is late, by the paper that is furthest from its end, and the new hour."""
    late = min(documents, key=lambda d: d.changed_at)
    since = moment_words(late.changed_at)
    return {
        "ly_do_cham": words(f"handout-late.{_delay(late)}", since=since),
        "hen_moi": moment_words(new_due),
        **signer_values(head_of(agency, now.astimezone(ZONE).date()), ""),
    }


def extension_values(
    extension: Extension, case: Case, agency: AgencyEntry, day: date, words: Sentences
) -> Values:
    """What was promised, why it takes longer and by how much, and since when its
    requester has agreed to that, where they had to.
    """
    agreed = (a.at for a in case.agreements if a.id == extension.agreement)
    at = next(agreed, None)
    return {
        "hen_cu": moment_words(extension.due_before),
        "ly_do_gia_han": words(f"extension.{extension.ground}"),
        "so_ngay": str(extension.days),
        "theo_thoa_thuan": day_words(local_day(at)) if at else "",
        **signer_values(head_of(agency, day), ""),
    }


def withdrawal_values(decision: WithdrawalDecision, document: CaseDocument) -> Values:
    """What the decision says of the copy; it MUST have a number."""
    certified = document.certification
    if certified is None:
        raise ValueError(f"{document.id} has no number")
    order = certified.order
    return {
        "so_quyet_dinh": decision.number,
        "ngay_quyet_dinh": day_words(decision.day),
        "ten_giay_to": document.paper.title,
        "so_chung_thuc": order.clause.number,
        "quyen": order.clause.book,
        "ngay_chung_thuc": day_words(order.clause.date),
        "ly_do": decision.reason,
        "ban_thay_the": decision.successor,
        **signer_values(decision.officer, ""),
    }


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


def _officer_named(name: str, agency: AgencyEntry, day: date) -> OfficerVersion | None:
    holding = (officer for officer in agency.officers if officer.holds(day))
    return next((officer for officer in holding if officer.name == name), None)


def _delay(document: CaseDocument) -> str:
    """A key below ``handout-late``: where the paper has been standing."""
    if document.state is State.AWAITING:
        return "awaiting"
    if document.state in {State.TO_SEAL, State.REGISTERED, State.SIGNED, State.VOIDING}:
        return "signing"
    return "desk"
