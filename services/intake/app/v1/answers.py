"""What programs get from /v1: one model each, also in the OpenAPI document.

Instants are RFC 3339 text, amounts are đồng. New members may come within v1; a program
passes over what it does not know. What is told of the office is in ``office_answers``.
Start at ``CaseResponse``.
"""

from datetime import date, datetime

from pydantic import BaseModel, Field, RootModel

from strangers.facts import Findings


class WaitsResponse(BaseModel):
    """What happens next, and who does it."""

    act: str = Field(
        description="`scan`, `rescan`, `compare`, `submit`, `supplement`, `certify`,"
        " `mend`, `machine`, `close`, `link` or `none`."
    )
    who: str = Field(description="The one person who acts; empty for a role.")
    since: datetime
    next_try_at: datetime | None = Field(
        None, description="When the machine tries again by itself."
    )


class PictureResponse(BaseModel):
    """One page of a paper."""

    page: str = Field(description="The digest of the page as it will be signed.")
    url: str = Field(description="Its picture, as large as it is judged.")


class StuckResponse(BaseModel):
    """Why a copy is not issued yet."""

    reason: str
    stage: str
    since: datetime
    tries: int
    next_try_at: datetime | None


class RefusalResponse(BaseModel):
    """Why a paper ended without a copy, or was sent back."""

    code: str | None
    text: str
    by: str


class HandedResponse(BaseModel):
    """How the result went out, once."""

    way: str
    by: str
    at: datetime
    mistaken: bool = Field(description="Somebody noted that this was a mistake.")


class VisitsResponse(BaseModel):
    """How often, and when first and last."""

    count: int
    first_at: datetime
    last_at: datetime


class LinkResponse(BaseModel):
    """What became of the citizen's link, without the link."""

    last_day: date | None
    over: bool
    closed: bool
    opened: VisitsResponse | None
    fetched: VisitsResponse | None


class DocumentResponse(BaseModel):
    """One paper of a case."""

    id: str
    version: int
    state: str
    ordinal: int
    title: str
    kind: str
    issuing_body: str
    declared_pages: int
    pages: int
    fee: int
    pictures: list[PictureResponse]
    compared_by: str | None
    blockers: list[str] = Field(
        description="Why it cannot be submitted yet: `no-file`, `file-busy`,"
        " `not-compared`, `page-count`."
    )
    waits: WaitsResponse
    may: list[str] = Field(description="What the sender may do to it now.")
    entry: str | None
    number: str | None = Field(description="As displayed, `1180/2026`.")
    book: str | None
    code: str | None = Field(description="The verification code, once numbered.")
    link: str | None = Field(
        description="The citizen's address, once issued, for a person who hands it"
        " over. A program asks for `copy`."
    )
    refusal: RefusalResponse | None
    stuck: StuckResponse | None
    handed: list[HandedResponse]
    fate: LinkResponse | None


class LackResponse(BaseModel):
    """What one paper is short of."""

    paper: int = Field(description="Its ordinal.")
    ground: str
    words: str


class AwaitedResponse(BaseModel):
    """What the requester was asked to bring; the clock stands meanwhile."""

    lacks: list[LackResponse]
    words: str
    until: date
    asked_at: datetime


class AgreementResponse(BaseModel):
    """What the requester agreed to in writing."""

    id: str = Field(description="An extension names it as `agreement`.")
    pages: int
    at: datetime
    url: str = Field(description="Its pages as PDF.")


class CaseResponse(BaseModel):
    """A case without its requester, so that a poller's log holds no citizen."""

    code: str
    version: int
    state: str
    national_status: int | None = Field(
        description="The code by which the national portal knows the state, 1 to 10."
    )
    moving: bool = Field(description="The machine works on one of its documents.")
    received_at: datetime
    due_at: datetime
    late: bool
    fee: int
    waits: WaitsResponse
    may: list[str]
    supplement: AwaitedResponse | None
    agreements: list[AgreementResponse]
    documents: list[DocumentResponse]


class JpegResponse(RootModel[bytes]):
    """A picture, as JPEG."""


class PdfResponse(RootModel[bytes]):
    """A paper, as PDF."""


class PageResponse(BaseModel):
    """A page as it lies on the desk."""

    number: int
    name: str = Field(description="What a step of the page desk calls it.")
    digest: str
    file: str = Field(description="The name of the file that it came from.")
    dpi: int
    width: int
    height: int
    flags: list[str] = Field(description="What somebody should look at: `blank` …")
    picture: str


class RemedyResponse(BaseModel):
    """Why a file does not count, and what to do about it."""

    reason: str
    what: str
    next: str


class SentFileResponse(BaseModel):
    """A file of a paper, and what became of it."""

    id: str
    name: str
    size: int
    state: str = Field(description="`busy`, `good`, `refused` or `removed`.")
    pages: int
    refusal: RemedyResponse | None
    signatures: Findings | None


class SentFilesResponse(BaseModel):
    """Each file by itself: a refused one has its reason, the others count."""

    files: list[SentFileResponse]


class PaperResponse(BaseModel):
    """A paper with its files and pages."""

    document: DocumentResponse
    files: list[SentFileResponse]
    page_list: list[PageResponse]
    put_aside: list[PageResponse] = Field(
        description="Pages that were dropped or replaced; they can be brought back."
    )


class CaseLineResponse(BaseModel):
    """A case in a list."""

    code: str
    state: str
    documents: int
    received_minutes_ago: int
    due_at: datetime
    late: bool
    waits: WaitsResponse
    numbers: list[str]


class CasesResponse(BaseModel):
    """A page of cases."""

    cases: list[CaseLineResponse]
    next: str | None = Field(description="Send it as `after`; null at the end.")


class FetchedCopyResponse(BaseModel):
    """Where the copy is fetched: no session and no token is needed there."""

    document: str
    number: str
    code: str
    sha256: str = Field(description="Of the copy's bytes; empty while it is not known.")
    link: str = Field(description="The citizen's page, and the text of the QR.")
    download: str = Field(description="The copy itself, as PDF.")
