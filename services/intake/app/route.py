"""One row of the route table: who may, what is done, and what programs send and get."""

from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel

from intake.app.visit import Endpoint
from intake.domain.duties import Duty, roles_with
from intake.domain.people import Role


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may: anybody, anybody signed in, or one of these roles."""

    signed_in: bool
    roles: frozenset[Role] = frozenset()
    streams: bool = False
    """The route reads the body itself, and checks the form's token itself."""
    by_header: bool = False
    """The body is no form: the session's token comes as a header, or the request is
    refused."""

    any_password: bool = False
    """Open also to whoever has to choose a password first."""

    def admits(self, roles: frozenset[Role]) -> bool:
        return not self.roles or bool(self.roles & roles)


ANYBODY: Final = Rule(signed_in=False)
STAFF: Final = Rule(signed_in=True)
OWN_ACCOUNT: Final = Rule(signed_in=True, any_password=True)
CLERKS: Final = Rule(signed_in=True, roles=roles_with(Duty.RECEIVE))
CERTIFIERS: Final = Rule(signed_in=True, roles=roles_with(Duty.CERTIFY))
DESK: Final = Rule(signed_in=True, roles=roles_with(Duty.RECEIVE, Duty.CERTIFY))
"""What is handed to the citizen: the papers, and the link to the copy."""
APOLOGISERS: Final = Rule(
    signed_in=True, roles=roles_with(Duty.RECEIVE, Duty.CERTIFY, Duty.LEAD)
)
EXAMINERS: Final = Rule(signed_in=True, roles=roles_with(Duty.EXAMINE, Duty.CERTIFY))
READERS: Final = Rule(signed_in=True, roles=roles_with(Duty.READ_CASES))
OFFICE: Final = Rule(signed_in=True, roles=roles_with(Duty.READ_OFFICE))
OVERVIEW: Final = Rule(signed_in=True, roles=roles_with(Duty.READ_OFFICE, Duty.CERTIFY))
ADMINISTRATORS: Final = Rule(signed_in=True, roles=roles_with(Duty.ADMINISTER))
SENDERS: Final = Rule(
    signed_in=True, roles=roles_with(Duty.RECEIVE), streams=True, by_header=True
)
UPLOADERS: Final = Rule(signed_in=True, roles=roles_with(Duty.RECEIVE), streams=True)

AT_SIGN_IN: Final = "/sign-in?notice=password-changed"
AT_CASE: Final = "/cases/{case}"
AT_DESK: Final = "/documents/{document}/desk"
AT_INBOX: Final = "/inbox"
AT_WALL: Final = "/wall"
AT_SYSTEM: Final = "/system"
"""The pages that follow an act: a row's ``outcome``."""


@dataclass(frozen=True, slots=True)
class Route:
    """An address with its method. A route without a rule cannot be written."""

    method: Literal["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"]
    path: str
    endpoint: Endpoint
    rule: Rule
    outcome: str = ""
    """The page that follows the act of a form (``app.once``)."""
    answer: type[BaseModel] | None = None
    """The JSON that programs get. None for a page or a picture, which people look at.
    """
    takes: type[BaseModel] | None = None
    """The fields that programs send: in the query of a GET, in the body of a POST."""
    tus: bool = False
    """Its requests and answers are those of the protocol tus (``app.tus``)."""
