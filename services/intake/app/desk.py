"""What the routes need: the use cases with their ports, and how the desk is reached."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request

from intake.app.allowance import Allowance
from intake.app.bell import Bell
from intake.domain.numbering import NumberingStop
from intake.domain.rules import Rules
from intake.usecases.adjusting import Adjusting
from intake.usecases.admitting import Admitting
from intake.usecases.answering import Answering
from intake.usecases.arranging import Arranging
from intake.usecases.batching import Batching
from intake.usecases.boarding import Board
from intake.usecases.bookkeeping import Bookkeeping
from intake.usecases.casework import CaseWork
from intake.usecases.certifying import Certifying
from intake.usecases.differing import Differing
from intake.usecases.extending import Extending
from intake.usecases.feed import Feed
from intake.usecases.files import Files
from intake.usecases.forms import Forms
from intake.usecases.governing import Governing
from intake.usecases.handing import Handing
from intake.usecases.inbox import Inbox
from intake.usecases.looking import Pictures
from intake.usecases.measuring import Measuring
from intake.usecases.overseeing import Overseeing
from intake.usecases.printing import Printing
from intake.usecases.reading import DeskPages
from intake.usecases.receiving import Receiving
from intake.usecases.recognising import Recognising
from intake.usecases.registering import Registering
from intake.usecases.releasing import Releasing
from intake.usecases.replaying import Replaying
from intake.usecases.signing_in import Staff
from intake.usecases.staffing import Staffing
from intake.usecases.standing_still import StandingStill
from intake.usecases.tabling import Tabling
from intake.usecases.templating import Templating
from intake.usecases.transcribing import Transcribing
from intake.usecases.uploading import Uploading
from intake.usecases.wall import Wall
from intake.web import Renderer

COOKIE = "ecopy"
SECURE_COOKIE = "__Host-ecopy"


@dataclass(frozen=True, slots=True)
class ForPrograms:
    """What only programs ask for, or is only about them."""

    admitting: Admitting
    answering: Answering
    feed: Feed
    allowance: Allowance


@dataclass(frozen=True, slots=True)
class Desk:
    """Every use case that HTTP starts; ``wiring`` gives them their adapters."""

    rules: Rules
    render: Renderer
    secure: bool
    """TLS ends here or in front, and the cookie says so."""
    address: Callable[[Request], str]
    """The client's address, for the audit and where passwords are counted."""
    ready: Callable[[], Awaitable[NumberingStop | None]]
    """Raises what hinders the desk; answers why it works and gives no number."""
    forms: Forms
    staff: Staff
    receiving: Receiving
    files: Files
    uploading: Uploading
    inbox: Inbox
    arranging: Arranging
    adjusting: Adjusting
    recognising: Recognising
    casework: CaseWork
    extending: Extending
    transcribing: Transcribing
    certifying: Certifying
    batching: Batching
    differing: Differing
    standing_still: StandingStill
    releasing: Releasing
    handing: Handing
    pages: DeskPages
    board: Board
    wall: Wall
    registering: Registering
    printing: Printing
    bookkeeping: Bookkeeping
    templating: Templating
    measuring: Measuring
    pictures: Pictures
    overseeing: Overseeing
    replaying: Replaying
    staffing: Staffing
    governing: Governing
    tabling: Tabling
    programs: ForPrograms
    bell: Bell | None = None
    """Whose pages hear that something has changed; without one they ask by themselves.
    """

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return SECURE_COOKIE if self.secure else COOKIE
