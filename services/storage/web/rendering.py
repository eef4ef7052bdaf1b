"""Pages of the public face, in the language that was asked for, with their status."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from chassis.clock import Clock
from chassis.web import Pages
from storage.web.speaking import other_address

ENGLISH_PATHS: Final = ("/verify", "/how-to-check", "/figures")
MINUTE_SECONDS: Final = 60


class PublicRenderer:
    """``renderer("link.html.j2", request, copy=copy)`` gives a page for its reader.

    Programs get JSON and problem+json instead, from ``storage.app``.
    """

    def __init__(self, pages: Pages, clock: Clock, *, file_bytes: int) -> None:
        """*file_bytes* is the largest file that is taken; pages name it."""
        self.pages = pages
        self.file_bytes = file_bytes
        self._clock = clock

    def __call__(
        self, template: str, request: Request, *, status: int = 200, **context: object
    ) -> HTMLResponse:
        lang = language(request)
        html = self.pages.render(
            template,
            lang=lang,
            now=self._clock(),
            status=status,
            other=other_address(request.url.path, lang),
            **context,
        )
        return HTMLResponse(html, status)

    def words(self, key: str, request: Request) -> str:
        """One text of the catalogue, in the language of the request."""
        return self.pages.text(key, lang=language(request))

    def error(
        self,
        request: Request,
        status: int,
        *,
        slug: str = "",
        again_at: datetime | None = None,
        values: Mapping[str, object] | None = None,
    ) -> HTMLResponse:
        """What happened and what to do, in one short page.

        The words are ``error.<slug>`` of the catalogue, or ``error.<status>``. Where
        *again_at* is given, the answer says it to programs as ``Retry-After``, too.
        """
        wait = (again_at - self._clock()).total_seconds() if again_at else 0.0
        answer = self(
            "error.html.j2",
            request,
            status=status,
            slug=slug or str(status),
            again_at=again_at and _next_minute(again_at),
            minutes=max(1, math.ceil(wait / MINUTE_SECONDS)),
            values=values or {},
        )
        if again_at is not None:
            answer.headers["Retry-After"] = str(max(1, math.ceil(wait)))
        return answer


def _next_minute(moment: datetime) -> datetime:
    """The first whole minute that is not earlier than *moment*."""
    # A page shows hours and minutes only: rounded down, it would send people too early.
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


def language(request: Request) -> str:
    """The address decides: ``/verify`` is English, ``?lang=en`` is; else Vietnamese."""
    # No cookie: the public face sets none at all, so that nobody has to be asked.
    if request.url.path in ENGLISH_PATHS or request.query_params.get("lang") == "en":
        return "en"
    return "vi"
