"""Every route of the public face with its rule, on one screen: what the rules mean
stands in ``throttling``. No route signs, none needs an account. The mirror of
``intake.app.routes``.

Start at ``ROUTES``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from storage.app import api, checking, codes, figures, links, pages, rating
from storage.app.responses import CodeResponse, VerdictResponse
from storage.app.throttling import PublicRule
from storage.app.visit import PublicEndpoint

GET: Final = ("GET",)
READ: Final = ("GET", "HEAD")
POST: Final = ("POST",)


@dataclass(frozen=True, slots=True)
class Documented:
    """What OpenAPI says of a route for programs, beside the endpoint's own words."""

    answer: type[BaseModel]
    parameter: Callable[[str], str] | None = None
    """A function whose one argument documents a part of the path."""
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PublicRoute:
    """A route cannot be written without the rule by which its requests are counted."""

    methods: tuple[str, ...]
    path: str
    endpoint: PublicEndpoint
    rule: PublicRule
    documented: Documented | None = None


VERIFY: Final = Documented(VerdictResponse, body=api.FILE_BODY)
DIGEST: Final = Documented(VerdictResponse, api.sha256_parameter)
CODE: Final = Documented(CodeResponse, api.code_parameter)
ROUTES: Final = (
    PublicRoute(READ, "/c/{token}", links.link_page, PublicRule.LINKS),
    PublicRoute(POST, "/c/{token}", links.answer, PublicRule.LINKS),
    PublicRoute(READ, "/c/{token}/download", links.download, PublicRule.LINKS),
    PublicRoute(POST, "/c/{token}/rating", rating.rate, PublicRule.LINKS),
    PublicRoute(GET, "/k", codes.code_form, PublicRule.FREE),
    PublicRoute(READ, "/k/{code}", codes.code_page, PublicRule.CODES),
    PublicRoute(READ, "/kiem-tra", checking.check_form, PublicRule.FREE),
    PublicRoute(POST, "/kiem-tra", checking.check, PublicRule.UPLOADS),
    PublicRoute(READ, "/verify", checking.check_form, PublicRule.FREE),
    PublicRoute(POST, "/verify", checking.check, PublicRule.UPLOADS),
    PublicRoute(POST, "/v1/verify", api.verify, PublicRule.UPLOADS, VERIFY),
    PublicRoute(GET, "/v1/digests/{sha256}", api.digest, PublicRule.FILES, DIGEST),
    PublicRoute(GET, "/v1/codes/{code}", api.code, PublicRule.CODES, CODE),
    PublicRoute(READ, "/", pages.way_in, PublicRule.FREE),
    PublicRoute(READ, "/cach-kiem-tra", pages.how_to_check, PublicRule.FREE),
    PublicRoute(READ, "/how-to-check", pages.how_to_check, PublicRule.FREE),
    PublicRoute(READ, "/so-lieu", figures.figures, PublicRule.FREE),
    PublicRoute(READ, "/figures", figures.figures, PublicRule.FREE),
    PublicRoute(
        READ,
        "/so-lieu/{agency}/{year}.csv",
        figures.figures_file,
        PublicRule.FREE,
    ),
    PublicRoute(READ, "/so-lieu/{agency}/{year}", figures.figures_of, PublicRule.FREE),
    PublicRoute(GET, "/robots.txt", pages.robots, PublicRule.FREE),
    PublicRoute(GET, "/healthz", api.healthz, PublicRule.FREE),
    PublicRoute(GET, "/readyz", api.readyz, PublicRule.FREE),
    PublicRoute(GET, "/metrics", api.metrics, PublicRule.FREE),
)
