"""What staff see: templates, words (``i18n/vi.toml`` first, ``en.toml``), static files.

Each page gets ``view`` (``intake.domain.views``), ``me``, ``errors`` and ``form``.
Scripts are enhancement only: every form works without them, but for progress and
live numbers. They use, of ``intake.app``:

* ``POST /documents/{id}/places`` → ``{"first": 4}``, before a drop's files are sent;
* ``POST /documents/{id}/uploads`` and then ``PATCH /uploads/{id}``, as tus 1.0 says;
* ``GET /v1/quote?pages=3&pages=1`` → ``{"fees": [5000, 2000], "total": 7000,
  "due_at": "<RFC 3339>"}`` (422 for no valid count): fee and due hour;
* the page itself again, every two seconds while ``data-moving`` is in it.

Slugs of the domain are catalogue keys: ``state.<slug>`` ``role.<slug>`` ``kind.<slug>``
``channel.<slug>`` ``id-kind.<slug>`` ``refusal.<code>`` ``file.<slug>`` (why a file is
refused, with ``{name}``) ``flag.<slug>`` ``waits.<key>`` ``blocker.<slug>``
``said.<slug>`` (what an act did, ``intake.app.receipts``) ``stuck.<hindrance or
reason>.what|next`` ``step.<action>`` ``error.<key>``. Start at ``Renderer``.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Match, Mount, Route
from starlette.types import Scope

from chassis.web import LANGUAGES, Pages

LANGUAGE_COOKIE: Final = "lang"
COOKIE_SECONDS: Final = 365 * 24 * 3600
DEFAULTS: Final[Mapping[str, object]] = {
    "me": None,
    "view": None,
    "errors": (),
    "form": {},
    "form_name": None,
    "kept": None,
    "outcome": None,
    "other_url": "/",
}


class Renderer:
    """``renderer("case.html", request, view=view, me=me)`` → a page for its reader.

    The language is ``?lang=``, kept in a cookie from then on, else the cookie's, else
    Vietnamese.
    """

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def __call__(
        self, name: str, request: Request, *, status: int = 200, **context: object
    ) -> HTMLResponse:
        lang = language(request)
        html = self.render(
            name, lang=lang, other_url=other_url(request, lang), **context
        )
        response = HTMLResponse(html, status_code=status)
        if request.query_params.get(LANGUAGE_COOKIE) in LANGUAGES:
            response.set_cookie(
                LANGUAGE_COOKIE,
                lang,
                max_age=COOKIE_SECONDS,
                httponly=True,
                samesite="lax",
            )
        return response

    def render(self, name: str, *, lang: str, **context: object) -> str:
        return self.pages.render(name, lang=lang, **{**DEFAULTS, **context})


def create_renderer() -> Renderer:
    return Renderer(_pages())


class NamedMount(Mount):
    """A mount that the request log can name. FastAPI's router, unlike Starlette's, puts
    only its own kind of route into the scope, where the log looks for the name.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        return match, {**child_scope, "route": self}


class NamedRoute(Route):
    """A route that the request log can name, too."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, child_scope = super().matches(scope)
        return match, {**child_scope, "route": self}


def mount_static(app: FastAPI) -> None:
    """Serve the files under ``/static/<digest>/``, which browsers cache for ever."""
    app.router.routes.append(NamedMount("/static", _pages().assets, name="static"))


@cache
def _pages() -> Pages:
    return Pages(Path(__file__).parent)


def language(request: Request) -> str:
    asked = request.query_params.get(LANGUAGE_COOKIE)
    kept = request.cookies.get(LANGUAGE_COOKIE)
    return next((lang for lang in (asked, kept) if lang in LANGUAGES), LANGUAGES[0])


def other_url(request: Request, lang: str) -> str:
    """The page in the other language; the first page where only a form answers."""
    other = next(each for each in LANGUAGES if each != lang)
    if request.method != "GET":
        return f"/?{LANGUAGE_COOKIE}={other}"
    url = request.url.include_query_params(**{LANGUAGE_COOKIE: other})
    return f"{url.path}?{url.query}"
