"""Checking a file on a page: the form, the bytes as they come, one verdict."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from storage.app.responses import is_digest, said, wants_json
from storage.app.throttling import Counter
from storage.app.uploads import judge_form
from storage.domain.names import plain_name
from storage.usecases import Answer, Storage
from storage.web.forms import Form
from storage.web.rendering import Faces, language

PLACES: Final = ("/kiem-tra", "/verify")
SAME: Final = ("same-origin", "none")


class ForeignPageError(Exception):
    """Another site's page sent this: our verdict is not theirs to show."""


@dataclass(frozen=True, slots=True)
class Checks:
    """The checking page: works as a plain form; its script only spares the bytes."""

    storage: Storage
    faces: Faces
    counter: Counter
    public_host: str

    def routes(self) -> APIRouter:
        router = APIRouter(include_in_schema=False)
        for place in PLACES:
            router.add_api_route(place, self.page, methods=["GET", "HEAD"])
            router.add_api_route(place, self.check, methods=["POST"])
        return router

    async def page(self, request: Request) -> Response:
        return self._form(request, 200)

    async def check(self, request: Request) -> Response:
        self.counter.file(request)
        with self.counter.in_hand(request):
            kind = request.headers.get("content-type", "")
            sent = await Form(kind, request.stream()).open()
            if sent.file_name:
                return await self._check_file(request, sent)
            return await self._check_digest(request, sent)

    async def _check_file(self, request: Request, sent: Form) -> Response:
        name = plain_name(sent.file_name or "")
        answer = await judge_form(
            self.storage, sent, name, self.counter.sender(request)
        )
        return self._show(request, answer, name)

    async def _check_digest(self, request: Request, sent: Form) -> Response:
        """What the page's script sends when the archive knows the digest."""
        digest = sent.fields.get("sha256", "")
        if not is_digest(digest):
            return self._form(request, 422, "verify.no_file")
        require_own_page(request, self.public_host)
        answer = await self.storage.check_digest(digest)
        if answer is None:
            return self._form(request, 422, "verify.asking")
        return self._show(request, answer, plain_name(sent.fields.get("name", "")))

    def _show(self, request: Request, answer: Answer, name: str) -> Response:
        if wants_json(request):
            told = said(answer, name=name, at=self.faces.now())
            return JSONResponse(told.model_dump(mode="json"))
        return self.faces.page(
            request, "verdict.html.j2", answer=answer, file_name=name
        )

    def _form(self, request: Request, status: int, wrong: str = "") -> Response:
        words = self.faces.pages.text(wrong, lang=language(request)) if wrong else ""
        return self.faces.page(
            request,
            "verify.html.j2",
            status,
            code_error="",
            file_error=words,
            most=self.faces.most,
        )


def require_own_page(request: Request, public_host: str) -> None:
    """A digest alone gets a verdict on our own page only: nobody's link or form may
    end in GENUINE without a file.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site not in SAME:
        raise ForeignPageError
    own = {public_host, f"{request.url.scheme}://{request.url.netloc}"}
    if site is None and origin not in own:
        raise ForeignPageError
