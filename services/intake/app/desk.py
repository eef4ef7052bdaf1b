"""What the routes need: the use cases, bound, and how this desk is reached."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from starlette.requests import Request

from intake.domain.form_keys import FormUse, UsedBefore
from intake.domain.records import Certification, Document, Session, StoredFile, User
from intake.domain.rules import Rules
from intake.domain.views import (
    BoardView,
    CaseNewView,
    CaseView,
    PageDeskView,
    RegisterView,
    WallView,
)
from intake.ports import Opening
from intake.usecases.reading import Quote
from intake.usecases.signing_in import SignedIn
from intake.web import Renderer

COOKIE = "ecopy"
SECURE_COOKIE = "__Host-ecopy"


@dataclass(frozen=True, slots=True)
class Desk:
    """Every use case that HTTP starts; ``wiring`` binds them to adapters."""

    rules: Rules
    render: Renderer
    secure: bool
    """TLS ends here or in front: the cookie says so."""
    address: Callable[[Request], str]
    """Of the client, for the audit and where passwords are counted."""
    form_key: Callable[[str], str]
    owns_form: Callable[[str, str], bool]
    form_use: Callable[..., FormUse | None]
    used_before: Callable[[FormUse], Awaitable[UsedBefore | None]]
    acting: Callable[[FormUse, str], AbstractContextManager[None]]
    """The first write of a use case inside belongs to that form."""
    sign_in: Callable[..., Awaitable[SignedIn]]
    resume: Callable[..., Awaitable[tuple[Session, User] | None]]
    sign_out: Callable[..., Awaitable[None]]
    change_password: Callable[..., Awaitable[None]]
    open_case: Callable[..., Awaitable[Opening]]
    add_document: Callable[..., Awaitable[Document]]
    reserve_places: Callable[..., Awaitable[int]]
    receive_file: Callable[..., Awaitable[StoredFile]]
    remove_file: Callable[..., Awaitable[Document]]
    compare: Callable[..., Awaitable[None]]
    submit: Callable[..., Awaitable[Document]]
    approve: Callable[..., Awaitable[Certification]]
    refuse: Callable[..., Awaitable[Document]]
    send_back: Callable[..., Awaitable[Document]]
    order_again: Callable[..., Awaitable[Certification]]
    board: Callable[..., Awaitable[BoardView]]
    new_case: Callable[..., CaseNewView]
    quote: Callable[..., Quote]
    case: Callable[..., Awaitable[CaseView]]
    page_desk: Callable[..., Awaitable[PageDeskView]]
    wall: Callable[..., Awaitable[WallView]]
    register: Callable[..., Awaitable[RegisterView]]
    thumb: Callable[..., Awaitable[bytes]]
    large: Callable[..., Awaitable[bytes]]
    link: Callable[..., Awaitable[str]]
    ready: Callable[[], Awaitable[None]]
    """Raises what hinders."""

    @property
    def cookie(self) -> str:
        return SECURE_COOKIE if self.secure else COOKIE
