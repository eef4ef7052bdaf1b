"""What programs send and get: the JSON of the desk's interface, one model each.

The models are the answers themselves (``JSONResponse(model.model_dump(mode="json"))``),
so ``app.openapi`` cannot describe anything else. What programs send is read by
``visit.typed``, which takes a form and a JSON object alike and bounds both; the
``…Request`` models only say in the OpenAPI document which fields an endpoint asks for.
Instants are RFC 3339 text. What programs get of cases is in ``v1.answers``. Start at
``ApprovedResponse``.
"""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from strangers.facts import Findings


class StatusResponse(BaseModel):
    """The service is there (``ok``), or can work (``ready``)."""

    status: str


class ReadyResponse(BaseModel):
    """The desk can work: all of it, or all but one thing."""

    status: str
    numbering: str
    """``given``, or the slug why no number is given until an operator has acted."""
    says: list[str]
    """Sentences in Vietnamese and in English; none while numbers are given."""


class SignInRequest(BaseModel):
    """A member of staff's name and password."""

    user: str
    password: str


class SessionResponse(BaseModel):
    """A new session."""

    session: str = Field(description="Send it as `Authorization: Bearer`.")
    csrf: str = Field(
        description="A browser's script that keeps the cookie instead sends this as"
        " `X-CSRF-Token`."
    )


class QuoteRequest(BaseModel):
    """The papers of a request that is being typed."""

    pages: list[int] = Field(description="The number of pages of each paper.")
    channel: str = Field(
        default="counter",
        description="The channel on which it came: a budget may bear part of the fee.",
    )


class QuoteResponse(BaseModel):
    """Fees in đồng, and when the copies are due."""

    fees: tuple[int, ...]
    total: int
    due_at: str


class ApproveRequest(BaseModel):
    """The document's version, and the pages that the certifier has looked at."""

    version: int
    seen: list[str] = Field(
        description="The digest of each page in order, as `pictures` of the case names"
        " them. Each of their addresses must have been asked for before."
    )


class ApprovedResponse(BaseModel):
    """The line in the register that the approval made."""

    entry: str
    number: str = Field(description="As displayed, `1180/2026`.")
    book: str
    revision: int


class PlacesRequest(BaseModel):
    """How many files a script is about to send side by side."""

    count: int


class PlacesResponse(BaseModel):
    """The first of the places; the others follow one by one."""

    first: int


class FilesRequest(BaseModel):
    """A form whose fields come in this order, ahead of its files."""

    csrf: str | None = Field(
        None, description="The session's token; a bearer session needs none."
    )
    key: str | None = Field(None, description="The key of the form that sends it.")
    place: int | None = Field(None, description="The place of the first file.")
    files: list[bytes]


class FileResponse(BaseModel):
    """What became of one file."""

    id: str
    name: str
    size: int
    state: str
    pages: int
    reason: str | None
    detail: str
    signatures: Findings | None


class FilesResponse(BaseModel):
    """Each file by itself: a refused one has its reason, the others count."""

    files: list[FileResponse]


class LetterResponse(BaseModel):
    """A dead letter, without its contents."""

    number: int
    consumer: str
    entry: str
    reason: str
    parked_at: str
    size: int
    publisher: str = Field(description="Empty where nobody's signature holds.")
    standing: str = Field(description="`new`, or the last act and how far it came.")
    replay_of: int | None


class LettersResponse(BaseModel):
    """Every dead letter that the bus still has, newest first."""

    letters: list[LetterResponse]


class MistakeResponse(BaseModel):
    """Where something is wrong, as a JSON pointer, and why."""

    pointer: str
    detail: str


class ProblemResponse(BaseModel):
    """RFC 9457: why not, by a slug in `type` for programs and in words for people."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[MistakeResponse] | None = Field(
        None, description="Of a body that does not fit: each mistake by itself."
    )


def json_response(model: BaseModel, status: int = HTTPStatus.OK) -> JSONResponse:
    return JSONResponse(model.model_dump(mode="json"), status)
