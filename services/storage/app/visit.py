"""One request of a citizen, a verifier or their program, and what answers it.

The mirror of ``intake.app.visit``, without sessions: nobody has an account here.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.clock import Clock
from chassis.http import problem
from ecopy.trust import Merger
from storage.app.throttling import Admission
from storage.domain.deliveries import Deliveries
from storage.usecases import Storage
from storage.web.rendering import PublicRenderer


@dataclass(frozen=True, slots=True)
class PublicFace:
    """What every endpoint may use; one for the life of the process."""

    storage: Storage
    render: PublicRenderer
    admission: Admission
    deliveries: Deliveries
    """Which parts of a download have arrived, over several requests."""
    public_host: str
    """The origin under which the operator says this face is reached."""
    clock: Clock
    mergers: tuple[Merger, ...] = ()
    """Agencies that are part of another one by now."""


@dataclass(frozen=True, slots=True)
class PublicVisit:
    """A request that its route's rule has admitted."""

    request: Request
    face: PublicFace

    @property
    def storage(self) -> Storage:
        return self.face.storage

    @property
    def program(self) -> bool:
        """Whether a program asks: it hears JSON and problem+json, people see pages."""
        return self.request.url.path.startswith("/v1/") or wants_json(self.request)

    @property
    def sender(self) -> str:
        """The network that this request is counted for."""
        return self.face.admission.sender(self.request)

    @property
    def address(self) -> str:
        """The client's own address; kept nowhere but as a keyed digest."""
        return self.face.admission.address(self.request)

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    def header(self, name: str) -> str | None:
        return self.request.headers.get(name)

    def now(self) -> datetime:
        return self.face.clock()

    def after(self, seconds: float) -> datetime:
        return self.face.clock() + timedelta(seconds=seconds)

    def page(self, template: str, status: int = 200, **context: object) -> Response:
        return self.face.render(template, self.request, status=status, **context)

    def words(self, key: str) -> str:
        return self.face.render.words(key, self.request)

    def problem(self, status: int, slug: str, *, detail: str = "") -> JSONResponse:
        """Say no to a program, with the title ``problem.<slug>`` of the catalogue.

        In English, which developers read, unless ``?lang=vi`` asks otherwise.
        """
        vietnamese = self.request.query_params.get("lang") == "vi"
        lang = "vi" if vietnamese else "en"
        title = self.face.render.pages.text(f"problem.{slug}", lang=lang)
        return problem(status, title, detail=detail, slug=slug)


PublicEndpoint = Callable[[PublicVisit], Awaitable[Response]]


def wants_json(request: Request) -> bool:
    """Programs name JSON in ``Accept``; browsers name HTML."""
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted
