"""What programs send to /v1: one model each, read by ``bodies.read``.

What a field may hold beyond its type is asked of the same rules as a form's, and
answered with 422 and the place of each mistake. What is sent of pages is in
``steps_asked``. Start at ``CaseRequest``.
"""

from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ecopy.link_events import FactorKind
from intake.domain.certifications import Way
from intake.domain.desk_ends import Way as EndWay
from intake.domain.link_records import ClosingGround, RenewalGround

Words = Annotated[str, Field(max_length=2000)]
Line = Annotated[str, Field(max_length=500)]
Names = Annotated[
    list[Annotated[str, Field(max_length=80)]], Field(min_length=1, max_length=50)
]


Channel = Literal["counter", "post", "portal", "vneid"]
OriginalsBack = Literal["with-result", "at-once", "post"]
IdKind = Literal[
    "can-cuoc", "e-id", "cccd", "certificate-of-identity", "passport", "other"
]
FILED: Final[dict[str, Any]] = {
    "channel": "portal",
    "privacy_shown": True,
    "requester": {
        "kind": "person",
        "name": "Nguyễn Thị Bích Đào",
        "id_kind": "can-cuoc",
        "id_number": "000203004417",
        "birth_date": "2003-05-09",
        "phone": "0900 000 417",
    },
    "papers": [{"title": "Bằng tốt nghiệp", "kind": "diploma", "pages": 1}],
}
"""An invented case, shown in the OpenAPI document."""


class Sent(BaseModel):
    """A body: a member that nobody knows is a mistake, not a hope."""

    model_config = ConfigDict(extra="forbid")


class PaperRequest(Sent):
    """A paper original, as declared at the desk."""

    title: Line
    kind: Line = Field(description="A slug of the desk's table of kinds: `diploma` …")
    issuing_body: Line = ""
    pages: int = Field(ge=1, le=5000, description="Pages of the original.")
    copies: int | None = Field(
        None,
        ge=1,
        le=200,
        description="Certified copies that are asked for: 1 where it is left out, and"
        " in a correction as many as before.",
    )


class RequesterRequest(Sent):
    """Who asks for the copy. A telephone number or an e-mail address is needed. What is
    null or left out of a correction stays as it is.
    """

    kind: Literal["person", "organisation"]
    name: Line
    id_kind: IdKind
    id_number: Line
    birth_date: date | None = None
    phone: Line = ""
    email: Line = ""
    address: Line | None = Field(None, description="Needed for `post`.")
    proxy: Line | None = Field(None, description="Who came in their place.")
    originals_back: OriginalsBack | None = Field(
        None, description="How the paper originals go back: `with-result` at first."
    )


class CaseRequest(Sent):
    """A case as its requester brought it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [FILED]})
    channel: Channel
    privacy_shown: bool = Field(
        description="The requester was shown what is done with their data."
    )
    requester: RequesterRequest
    papers: Annotated[list[PaperRequest], Field(min_length=1, max_length=50)]


class ApplicantRequest(Sent):
    """Who asks, and on which way they came."""

    channel: Channel
    requester: RequesterRequest


class CorrectedPaperRequest(PaperRequest):
    """A paper of the case, whole, as it is from now on."""

    id: Line


class CorrectionRequest(Sent):
    """What was typed, put right; a part that is left out stays as it is."""

    applicant: ApplicantRequest | None = None
    papers: Annotated[list[CorrectedPaperRequest], Field(max_length=50)] = Field(
        default_factory=list
    )


class RenewLinkRequest(Sent):
    """Why another link is given, and how many days it opens the copy."""

    ground: RenewalGround
    days: int = Field(ge=1, le=366)
    factor: FactorKind | None = Field(
        None, description="What is asked of whoever opens it."
    )


class CloseLinkRequest(Sent):
    """Why the link is closed."""

    ground: ClosingGround


class EndRequest(Sent):
    """Papers that end at the desk, without a number and without a fee."""

    way: EndWay
    papers: Names
    ground: Line = Field(
        "", description="For `not-accept`: the code of the ground, such as `D22.1`."
    )
    words: Words = ""


class LackRequest(Sent):
    """What one paper is short of."""

    paper: Line
    ground: Line = Field(
        description="A key of the desk's table of what is missing: `information`,"
        " `pages`, `original` …"
    )
    words: Words


class SupplementRequested(Sent):
    """What the requester is asked to bring. The clock stands until it is there."""

    lacks: Annotated[list[LackRequest], Field(min_length=1, max_length=50)]
    words: Words = ""
    until: date


class ExtensionRequest(Sent):
    """Why the due hour is put off, and by how many working days."""

    ground: Line = Field(description="`kinds`, `pages`, `copies` or `complex`.")
    days: int = Field(ge=1, le=366)
    agreement: Line = Field(
        "", description="Of an agreement in writing that a clerk has attached."
    )


class AgreementRequest(BaseModel):
    """A form with one file: what the requester agreed to in writing."""

    csrf: str | None = Field(
        None, description="The session's token; a program's token needs none."
    )
    file: bytes


class BroughtRequest(Sent):
    """What was missing of these papers is there."""

    papers: Names


class CompareRequest(Sent):
    """A person's word that the scan is the paper original."""

    pages: Annotated[list[Line], Field(min_length=1, max_length=5000)] = Field(
        description="The digest of each page in order, as the paper names them."
    )
    person: Annotated[str, Field(min_length=1, max_length=80)] = Field(
        description="Who held the scan against the original; stands in the audit."
    )


class HandOverRequest(Sent):
    """How the result of these papers went out."""

    papers: Names
    ways: Annotated[list[Way], Field(min_length=1, max_length=3)]


class CasesRequest(BaseModel):
    """Which cases, as on the board; `q` searches all of them, whatever their state."""

    q: Line = Field("", description="Beginnings of words, a code, a number or an id.")
    state: Line = Field("", description="A state, `stuck` or `ended`.")
    due: Literal["", "late", "today", "later"] = ""
    age: Literal["", "1", "3", "7"] = Field("", description="Open so many days.")
    order: Literal["", "due", "age"] = ""
    month: Line = Field("", description="`2026-11`, of cases that have ended.")
    after: Line = Field("", description="`next` of the page before.")


class ChangesRequest(BaseModel):
    """What happened behind a place in the feed."""

    after: int = Field(0, ge=0, le=2**53, description="`next` of the answer before.")
    wait: int = Field(
        0, ge=0, le=25, description="Seconds to wait where nothing has happened yet."
    )


class RegisterRequest(BaseModel):
    """A month of the book."""

    year: int = Field(ge=2000, le=2999)
    month: int = Field(ge=1, le=12)
    after: int = Field(0, ge=0, le=10**9, description="`next` of the page before.")


class FiguresRequest(BaseModel):
    """A month, a quarter or a year; this month where none is named."""

    span: Line = Field("", description="`2026-11`, `2026-Q4` or `2026`.")
