"""What a notice to the requester says, field by field: what is missing, why a paper is
refused, why it takes longer, and that a copy has no value any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from intake.domain.agencies import AgencyEntry, OfficerVersion
from intake.domain.agency_tables import AgencyTables
from intake.domain.calendar import ZONE, local_day
from intake.domain.case_history import Extension, SupplementRequest
from intake.domain.handouts.values import Values, head_of, signer_values
from intake.domain.handouts.wording import Sentences, amount, day_words, moment_words
from intake.domain.numbers import short_code
from intake.domain.records import Case, CaseDocument, RefusedPaper
from intake.domain.states import State


@dataclass(frozen=True, slots=True)
class WithdrawalDecision:
    """The decision that a certified copy has no value any more."""

    number: str
    day: date
    reason: str
    officer: OfficerVersion
    successor: str = ""
    """The displayed number of the copy that takes its place, if one does."""


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
