"""A page in the language that was asked for, with its status."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from chassis.clock import Clock
from chassis.web import Pages
from storage.web.speaking import other_address

ENGLISH_PATHS: Final = ("/verify", "/how-to-check")
MINUTE_SECONDS: Final = 60


class Faces:
    """Renders for people; programs get problem+json elsewhere."""

    def __init__(self, pages: Pages, clock: Clock, *, most: int) -> None:
        """``most``: bytes of the largest file that is taken to be checked."""
        self.pages = pages
        self.most = most
        self._clock = clock

    def now(self) -> datetime:
        return self._clock()

    def after(self, seconds: float) -> datetime:
        return self._clock() + timedelta(seconds=seconds)

    def page(
        self, request: Request, template: str, status: int = 200, **context: object
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

    def error(
        self,
        request: Request,
        status: int,
        *,
        slug: str = "",
        again_at: datetime | None = None,
        values: Mapping[str, object] | None = None,
    ) -> HTMLResponse:
        """What happened and what to do, in one short page."""
        wait = (again_at - self._clock()).total_seconds() if again_at else 0.0
        answer = self.page(
            request,
            "error.html.j2",
            status,
            slug=slug or str(status),
            again_at=again_at and _next_minute(again_at),
            minutes=max(1, math.ceil(wait / MINUTE_SECONDS)),
            values=values or {},
        )
        if again_at is not None:
            answer.headers["Retry-After"] = str(max(1, math.ceil(wait)))
        return answer


def _next_minute(moment: datetime) -> datetime:
    """What is shown to the minute must not be too early."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + timedelta(minutes=1)


def language(request: Request) -> str:
    """By the address: ``/verify`` is English, ``?lang=en`` is; else Vietnamese."""
    if request.url.path in ENGLISH_PATHS or request.query_params.get("lang") == "en":
        return "en"
    return "vi"
