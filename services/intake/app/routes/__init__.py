"""Every route with its rule, a table for each room. A route without one cannot be
written, and one that stands in no table here is not served (``application``).

The first row that fits answers, so an address with a name stands before the one with
a number in its place. Start at ``ROUTES``.
"""

from typing import Final

from intake.app.route import Route
from intake.app.routes import (
    accounts,
    cases,
    inbox,
    office,
    page_desk,
    programs,
    register,
    system,
    uploads,
    v1,
    wall,
)

ROUTES: Final[tuple[Route, ...]] = (
    *programs.ROUTES,
    *v1.ROUTES,
    *accounts.ROUTES,
    *cases.ROUTES,
    *page_desk.ROUTES,
    *uploads.ROUTES,
    *inbox.ROUTES,
    *wall.ROUTES,
    *register.ROUTES,
    *office.ROUTES,
    *system.ROUTES,
)
