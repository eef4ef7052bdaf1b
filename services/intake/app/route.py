"""One row of the route table: who may, what is done, and what programs send and get."""

from dataclasses import dataclass, replace
from typing import Final, Literal

from pydantic import BaseModel

from intake.app.visit import Endpoint
from intake.domain.duties import Duty, roles_with
from intake.domain.people import Role
from intake.domain.programs import Scope


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
    json: bool = False
    """The body is JSON that the endpoint reads into a model (``v1.bodies``), once it is
    known that its sender may."""
    scope: Scope | None = None
    """What a program needs for it. None: it is for people alone."""

    def admits(self, roles: frozenset[Role]) -> bool:
        return not self.roles or bool(self.roles & roles)

    def admits_program(self, scopes: frozenset[Scope]) -> bool:
        return not self.signed_in or self.scope in scopes


ANYBODY: Final = Rule(signed_in=False)
STAFF: Final = Rule(signed_in=True)
OWN_ACCOUNT: Final = Rule(signed_in=True, any_password=True)
CLERKS: Final = Rule(signed_in=True, roles=roles_with(Duty.RECEIVE))
CERTIFIERS: Final = Rule(signed_in=True, roles=roles_with(Duty.CERTIFY))
DESK: Final = Rule(signed_in=True, roles=roles_with(Duty.RECEIVE, Duty.CERTIFY))
"""What is handed to the citizen: the papers, and the link to the copy."""
SEAL_KEEPERS: Final = Rule(signed_in=True, roles=roles_with(Duty.RELEASE))
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


def reading_json(rule: Rule) -> Rule:
    """The same, for a route whose endpoint reads a JSON body into a model."""
    return replace(rule, json=True)


def scoped(rule: Rule, scope: Scope) -> Rule:
    """The same for people; and open to programs with that scope."""
    return replace(rule, scope=scope)


AT_SIGN_IN: Final = "/sign-in?notice=password-changed"
AT_CASE: Final = "/cases/{case}"
AT_DESK: Final = "/documents/{document}/desk"
AT_INBOX: Final = "/inbox"
AT_WALL: Final = "/wall"
AT_BOARD: Final = "/"
AT_SYSTEM: Final = "/system"
"""The pages that follow an act: a row's ``outcome``."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What HTTP promises of a route under /v1 beyond its models."""

    created: bool = False
    """Its answer is 201 with the address of what was made."""
    keyed: str = ""
    """It takes an idempotency key; the address of what it acted on, with ``{case}`` and
    ``{document}``, for whoever sends it again after a crash."""
    matched: bool = False
    """It needs If-Match: 428 without, 412 where it is stale."""
    tagged: bool = False
    """Its answer has an ETag; a GET answers 304 to whoever has it."""
    media: str = "application/json"
    forbidden_by_state: bool = False
    """A GET that is 422 while what it is about does not stand so."""


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
    terms: Terms = Terms()
