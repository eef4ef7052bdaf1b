"""Verdicts as programs read them; each class is a schema of the OpenAPI document.

What the verdict is was decided in the domain; here it gets names for programs. Start at
``verdict_response``.
"""

import re
from datetime import datetime

from pydantic import BaseModel

from ecopy.identifiers import format_code
from ecopy.trust import Merger
from storage.domain.copies import ArchivedCopy
from storage.domain.findings import Finding
from storage.domain.gate import Alone
from storage.domain.verdict import VerdictCode
from storage.usecases import CheckAnswer
from strangers import facts

DIGEST = re.compile(r"[0-9a-f]{64}")


class CopyResponse(BaseModel):
    """The public facts of an archived copy."""

    entry: str
    agency: str
    number: str
    book: str
    date: str
    kind: str
    officer_title: str
    pages: int
    size: int
    sha256: str
    code: str
    status: str
    demo: bool
    officer_signed_at: str
    sealed_at: str
    timestamp_authority: str
    agency_merged_into: str | None
    """The name of the agency that this one is part of by now; else null."""
    agency_merged_on: str | None


class CheckedFile(BaseModel):
    name: str
    sha256: str
    size: int | None


class SignatureResponse(facts.Signature):
    """One signature as the file states it. ``file_unchanged``: whether the whole file
    is as it was when this signature was made (yes, no, unsaid).
    """

    file_unchanged: facts.Answer


class SignaturesResponse(BaseModel):
    """Who signed the file: facts that it states, never part of the verdict. Of the
    authorities named in it none was asked, and no signature is called good.

    ``outcome``: read, none, unreadable, encrypted, too-much or not-looked.
    """

    outcome: facts.Outcome
    signatures: tuple[SignatureResponse, ...]
    more: int
    whole: bool


class SealedResponse(BaseModel):
    """What a file signed by us says of itself, proven by its signatures alone."""

    entry: str
    number: str
    seal_of: str
    pages: int
    officer_signed_at: str
    sealed_at: str


class VerdictResponse(BaseModel):
    """``certified_copy`` is the copy that the file is, or was made from; of an
    ``unrecorded`` one it is the other copy that the register has under its number.
    ``signatures`` is null when the verdict needs none, or the file shows none.
    """

    verdict: VerdictCode
    finding: Finding
    checked_at: str
    file: CheckedFile
    certified_copy: CopyResponse | None
    sealed: SealedResponse | None
    """What an ``unrecorded`` file says of its making; null for any other verdict."""
    type_its_code: bool
    signatures: SignaturesResponse | None


class CodeResponse(BaseModel):
    """``status``: listed or listed_withdrawn."""

    status: str
    certified_copy: CopyResponse


def is_digest(text: str) -> bool:
    return DIGEST.fullmatch(text) is not None


def verdict_response(
    answer: CheckAnswer, *, name: str, at: datetime, mergers: tuple[Merger, ...]
) -> VerdictResponse:
    alone = answer.verdict.alone
    return VerdictResponse(
        verdict=answer.verdict.code,
        finding=answer.verdict.finding,
        checked_at=at.isoformat(timespec="seconds"),
        file=CheckedFile(name=name, sha256=answer.sha256, size=answer.size),
        certified_copy=None
        if answer.copy is None
        else copy_response(answer.copy, mergers),
        sealed=None if alone is None else sealed_response(alone),
        type_its_code=answer.verdict.type_its_code,
        signatures=signatures_response(answer.signatures),
    )


def signatures_response(found: facts.Findings | None) -> SignaturesResponse | None:
    if found is None:
        return None
    return SignaturesResponse(
        outcome=found.outcome,
        signatures=tuple(
            SignatureResponse(**dict(one), file_unchanged=one.unchanged)
            for one in found.signatures
        ),
        more=found.more,
        whole=found.whole,
    )


def sealed_response(alone: Alone) -> SealedResponse:
    return SealedResponse(
        entry=alone.entry,
        number=alone.number,
        seal_of=alone.agency,
        pages=alone.passed.pages,
        officer_signed_at=alone.passed.officer_at.isoformat(timespec="seconds"),
        sealed_at=alone.passed.seal_at.isoformat(timespec="seconds"),
    )


def copy_response(copy: ArchivedCopy, mergers: tuple[Merger, ...]) -> CopyResponse:
    facts = copy.facts
    merger = next((m for m in mergers if m.agency == facts.agency_code), None)
    return CopyResponse(
        entry=copy.entry,
        agency=" ".join(facts.agency_lines),
        number=facts.number,
        book=facts.book,
        date=facts.date.isoformat(),
        kind=facts.kind,
        officer_title=" / ".join(facts.officer_title_lines),
        pages=copy.pages,
        size=copy.size,
        sha256=copy.sha256,
        code=format_code(copy.code),
        status="withdrawn" if copy.withdrawal else "issued",
        demo=copy.demo,
        officer_signed_at=copy.officer_at.isoformat(timespec="seconds"),
        sealed_at=copy.seal_at.isoformat(timespec="seconds"),
        timestamp_authority=copy.tsa_name,
        agency_merged_into=None if merger is None else merger.into_name,
        agency_merged_on=None if merger is None else merger.on.isoformat(),
    )
